/**
 * Calls receivers of webhooks, whose URLs are the users' own. Unless private addresses are allowed it connects to
 * public ones alone: every address that the name resolves to is checked, and just those are connected to, so that a name
 * can't be checked as one thing and reached as another.
 */
import { lookup as systemLookup } from 'node:dns'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { deliveryTimeoutMs, NotDelivered } from './delivery.ts'
import { isPublicAddress } from './public-address.ts'

export interface WebhookSender {
  /** One POST of JSON; redirects aren't followed. Throws NotDelivered unless the receiver answers 2xx. */
  send(url: string, headers: Record<string, string>, body: string): Promise<void>
}

export interface WebhookSettings {
  /** Also lets http: through. */
  allowPrivate: boolean
  lookup?: LookupFunction
  timeoutMs?: number
}

/** Nobody reads a receiver's reply: past this the connection is closed. */
const mostReplyBytes = 65_536

const refusal = 'the webhook’s address is not a public one'

/** What is wrong with a URL before anything is resolved; null: nothing. */
export function refuseWebhookUrl(text: string, allowPrivate: boolean): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) return 'Must be an https URL.'
  if (url.username || url.password || url.hash) return 'Must have neither credentials nor fragment.'
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
        throw error instanceof NotDelivered ? error : new NotDelivered(`the receiver gave no answer: ${codeOf(error)}`)
      })
      if (status < 200 || status > 299) throw new NotDelivered(`the receiver answered ${status}`)
    },
  }
}

interface Post {
  headers: Record<string, string>
  body: string
  lookup: LookupFunction
  signal: AbortSignal
}

/** The reply's status. A connection of its own: a pooled one wouldn't be looked up again. */
function post(url: URL, { headers, body, lookup, signal }: Post): Promise<number> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, { method: 'POST', headers, lookup, signal, agent: false }, (response) => {
      let left = mostReplyBytes
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

/** Such as ECONNREFUSED or ENOTFOUND; what the error says besides may name an address. */
function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  if (name === 'TimeoutError' || name === 'AbortError') return 'ETIMEDOUT'
  return typeof code === 'string' ? code : 'ERROR'
}
