/**
 * Sends text messages. `createSmsGateway` works with gateways that take a single POST; any other kind needs its own
 * implementation of `SmsGateway`, passed to the app by start.ts.
 */
import { deliveryTimeoutMs, NotDelivered } from './delivery.ts'

export interface SmsGateway {
  /** @param to  in E.164 format. @throws NotDelivered if the gateway doesn't accept the message */
  send(to: string, text: string): Promise<void>
}

export interface SmsSettings {
  /** An http(s) endpoint; a user and password in it are sent as Basic authentication (RFC 7617). */
  url: string
  /** With {to} and {text}. JSON if it starts with a brace or bracket, otherwise a form (application/x-www-form-urlencoded). */
  body: string
  /** Sent as Bearer (RFC 6750). */
  token?: string | undefined
  timeoutMs?: number
}

const isJsonTemplate = (template: string): boolean => /^\s*[[{]/.test(template)

/** Replaces placeholders in one pass, so that a value containing a placeholder is kept. */
function fillTemplate(template: string, to: string, text: string): string {
  const write = isJsonTemplate(template) ? (value: string) => JSON.stringify(value) : encodeURIComponent
  const values: Record<string, string> = { '{to}': write(to), '{text}': write(text) }
  return template.replace(/\{(?:to|text)\}/g, (name) => values[name] ?? name)
}

/** Whether a JSON template is valid once it is filled in. Forms are always valid. */
export function isSmsTemplate(template: string): boolean {
  if (!isJsonTemplate(template)) return true
  try {
    JSON.parse(fillTemplate(template, '', ''))
    return true
  } catch {
    return false
  }
}

export function createSmsGateway({ url, body, token, timeoutMs = deliveryTimeoutMs }: SmsSettings): SmsGateway {
  const endpoint = new URL(url)
  const authorization = authorize(endpoint, token)
  endpoint.username = endpoint.password = ''
  const headers = {
    'Content-Type': isJsonTemplate(body) ? 'application/json' : 'application/x-www-form-urlencoded',
    ...(authorization !== null && { Authorization: authorization }),
  }

  return {
    async send(to, text) {
      const status = await fetch(endpoint, {
        method: 'POST',
        headers,
        body: fillTemplate(body, to, text),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      }).then(
        async (response) => {
          await response.body?.cancel()
          return response.ok ? 'ok' : response.status
        },
        () => 'nothing',
      )
      if (status !== 'ok') throw new NotDelivered(`the SMS gateway responded with ${status}`)
    },
  }
}

function authorize({ username, password }: URL, token: string | undefined): string | null {
  if (token !== undefined) return `Bearer ${token}`
  if (username === '' && password === '') return null
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}
