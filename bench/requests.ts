/** Requests as the bytes that travel, made before the clock starts. */
import { randomBytes } from 'node:crypto'
import type { WireRevealRequest } from '../packages/sdk/src/wire.ts'
import type { SealedSecret } from './secrets.ts'
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
