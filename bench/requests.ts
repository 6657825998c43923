/** Requests as the bytes that travel, made before the clock starts. */
import { randomBytes } from 'node:crypto'
import type { WireAnswerRequest, WireRevealRequest } from '../packages/sdk/src/wire.ts'
import type { SealedAsk, SealedSecret } from './secrets.ts'
import { b64 } from './secrets.ts'

function httpRequest(method: string, path: string, headers: Record<string, string>, body = ''): Buffer {
  const lines = Object.entries({
    Host: 'localhost',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from([`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n'))
}

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })

/** With a token the secret is in its workspace's list; without one nobody owns it. */
export const createRequest = ({ create }: SealedSecret, token?: string): Buffer =>
  httpRequest('POST', '/api/v1/secrets', token === undefined ? {} : bearer(token), JSON.stringify(create))

/** With a new reveal_id each time, and whatever proofs the secret asks for. */
export const revealRequest = ({ create, access }: SealedSecret, proofs: Partial<WireRevealRequest> = {}): Buffer =>
  httpRequest(
    'POST',
    `/api/v1/links/${create.slug}/reveal`,
    { 'Halfkey-Access': access },
    JSON.stringify({ reveal_id: b64(randomBytes(16)), ...proofs }),
  )

export const detailsRequest = ({ create }: SealedSecret, token: string): Buffer =>
  httpRequest('GET', `/api/v1/secrets/${create.slug}`, bearer(token))

export const listRequest = (query: string, token: string): Buffer =>
  httpRequest('GET', `/api/v1/secrets?${query}`, bearer(token))

export const revealNamedRequest = (handler: string, token: string): Buffer =>
  httpRequest('POST', `/api/v1/kms/${encodeURIComponent(handler)}/reveal`, bearer(token), '{}')

export const askRequest = ({ ask }: SealedAsk, token: string): Buffer =>
  httpRequest('POST', '/api/v1/requests', bearer(token), JSON.stringify(ask))

export const answerRequest = ({ ask, access }: SealedAsk, answer: WireAnswerRequest): Buffer =>
  httpRequest('POST', `/api/v1/asks/${ask.slug}/answers`, { 'Halfkey-Access': access }, JSON.stringify(answer))

/** The calls that a stranger can probe a slug with; the last two those of a request. */
export const probes = ['status', 'otp', 'reveal', 'ack', 'files', 'ask status', 'ask answers'] as const

export const isOfRequest = (call: (typeof probes)[number]): boolean => call.startsWith('ask ')

/** As a stranger sends it, with an access of 32 random bytes as b64. */
export function probeRequest(call: (typeof probes)[number], slug: string, access: string): Buffer {
  if (isOfRequest(call)) {
    const path = `/api/v1/asks/${slug}/${call.slice('ask '.length)}`
    return httpRequest('POST', path, { 'Halfkey-Access': access }, '{}')
  }
  const path = `/api/v1/links/${slug}/${call}`
  const headers = { 'Halfkey-Access': access }
  const revealId = { reveal_id: b64(randomBytes(16)) }
  if (call === 'files') return httpRequest('GET', `${path}/${revealId.reveal_id}`, headers)
  return httpRequest('POST', path, headers, JSON.stringify(call === 'reveal' || call === 'ack' ? revealId : {}))
}
