/**
 * Sends webhooks to URLs that users choose. Unless private addresses are allowed, it only connects to public ones: it
 * resolves the name once, checks every address, and connects only to these, so that the name can't resolve to something
 * else in between (DNS rebinding).
 */
import { lookup as systemLookup } from 'node:dns'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { deliveryTimeoutMs, NotDelivered } from './delivery.ts'
import { isPublicAddress } from '../domain/addresses.ts'

export interface WebhookSender {
  /** Sends one JSON POST, without following redirects. @throws NotDelivered unless the receiver responds with 2xx */
  send(url: string, headers: Record<string, string>, body: string): Promise<void>
}

export interface WebhookSettings {
  /** Also allows http:. */
  allowPrivate: boolean
  lookup?: LookupFunction
  timeoutMs?: number
}

/** The connection is closed after this much of the receiver's reply, which nobody reads. */
const maxReplyBytes = 65_536

const refusal = 'the webhook’s address is not a public one'

/** The problem with a URL, as far as it shows before resolving it; null: none. */
export function refuseWebhookUrl(text: string, allowPrivate: boolean): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) return 'Must be an https URL.'
  if (url.username || url.password || url.hash) return 'Must not have credentials or a fragment.'
  if (allowPrivate) return null
  if (url.protocol !== 'https:') return 'Must be an https URL.'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && !isPublicAddress(host) ? 'Must be at a public address.' : null
}

export function createWebhookSender({
  allowPrivate,
  lookup = systemLookup,
  timeoutMs = deliveryTimeoutMs,
}: WebhookSettings): WebhookSender {
  return {
    async send(url, headers, body) {
      if (refuseWebhookUrl(url, allowPrivate) !== null) throw new NotDelivered(refusal)
      const status = await post(new URL(url), {
        headers: { 'Content-Type': 'application/json', 'User-Agent': 'Halfkey', ...headers },
        body,
        lookup: allowPrivate ? lookup : publicOnly(lookup),
        signal: AbortSignal.timeout(timeoutMs),
      }).catch((error: unknown) => {
        throw error instanceof NotDelivered ? error : new NotDelivered(`the receiver did not respond: ${codeOf(error)}`)
      })
      if (status < 200 || status > 299) throw new NotDelivered(`the receiver responded with ${status}`)
    },
  }
}

interface Post {
  headers: Record<string, string>
  body: string
  lookup: LookupFunction
  signal: AbortSignal
}

/** Resolves to the reply's status. Uses a new connection, because a pooled one wouldn't resolve the name again. */
function post(url: URL, { headers, body, lookup, signal }: Post): Promise<number> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, { method: 'POST', headers, lookup, signal, agent: false }, (response) => {
      let left = maxReplyBytes
      response.on('error', () => undefined)
      response.on('data', (chunk: Buffer) => {
        left -= chunk.length
        if (left < 0) response.destroy()
      })
      resolve(response.statusCode ?? 0)
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Resolves a name to all of its addresses, and fails if any of them isn't public. */
function publicOnly(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : []
      const [first] = addresses
      if (error || !first) callback(error ?? new NotDelivered('the webhook’s host has no address'), '')
      else if (!addresses.every(({ address }) => isPublicAddress(address))) callback(new NotDelivered(refusal), '')
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

/** The error's code, such as ECONNREFUSED or ENOTFOUND. Its message isn't used, because it may contain an address. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  if (name === 'TimeoutError' || name === 'AbortError') return 'ETIMEDOUT'
  return typeof code === 'string' ? code : 'ERROR'
}
