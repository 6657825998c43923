/** A client of the storage API made of node:crypto alone, so that the API's tests don't stand on the SDK. */
import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { expectDocumented } from './documented.ts'

export const b64 = (bytes: Buffer): string => bytes.toString('base64url')
export const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
export const newId = (): string => b64(randomBytes(16))

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

export function b58(bytes: Buffer, length: number): string {
  let value = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (let i = 0; i < length; i++) {
    text = alphabet.charAt(Number(value % 58n)) + text
    value /= 58n
  }
  return text
}

/** A create request whose ciphertext is random, with all that its sender and its recipient know. */
export interface Sealed {
  slug: string
  keyB: Buffer
  keyA: string
  access: string
  manageKey: string
  /** The right proof if `options.password`. */
  passwordProof: string
  body: Record<string, unknown> & { envelope: Record<string, unknown> & { ciphertext: string } }
}

export interface SealOptions {
  password?: boolean
  /** Bytes of ciphertext. */
  size?: number
  fields?: Record<string, unknown>
}

export function seal({ password = false, size = 1104, fields = {} }: SealOptions = {}): Sealed {
  const keyB = randomBytes(32)
  const access = Buffer.from(hkdfSync('sha256', keyB, '', 'halfkey/v1 access', 32))
  const accessVerifier = sha256(access)
  const slug = b58(accessVerifier.subarray(0, 9), 13)
  const [keyA, manageKey, proof] = [randomBytes(32), randomBytes(32), randomBytes(32)]
  return {
    slug,
    keyB,
    keyA: b64(keyA),
    access: b64(access),
    manageKey: b64(manageKey),
    passwordProof: b64(proof),
    body: {
      slug,
      envelope: {
        v: 1,
        salt: b64(randomBytes(32)),
        iv: b64(randomBytes(12)),
        commitment: b64(randomBytes(32)),
        ciphertext: b64(randomBytes(size)),
      },
      key_a: b64(keyA),
      access_verifier: b64(accessVerifier),
      manage_verifier: b64(sha256(manageKey)),
      ...(password && { password_verifier: b64(sha256(proof)) }),
      ...fields,
    },
  }
}

export type Json = any

export interface Reply {
  status: number
  headers: Headers
  text: string
  bytes: Buffer
  body: Json
}

export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>

/** Calls a server by URL, or an app by its fetch; what it answers must be as documented. Strings and buffers go as they are, anything else as JSON. */
export function caller(target: string | ((request: Request) => Response | Promise<Response>)): Call {
  return async (method, path, body, headers = {}) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array
    const init: RequestInit = {
      method,
      headers: { ...(body !== undefined && !raw && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: raw ? (body as BodyInit) : JSON.stringify(body) }),
    }
    const response =
      typeof target === 'string'
        ? await fetch(target + path, init)
        : await target(new Request(`http://halfkey.test${path}`, init))
    const bytes = Buffer.from(await response.arrayBuffer())
    const text = bytes.toString()
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      parsed = undefined
    }
    const reply = { status: response.status, headers: response.headers, text, bytes, body: parsed }
    expectDocumented(method, path, reply)
    return reply
  }
}

/** The recipient's and the anonymous owner's calls, by name. */
export function conversation(call: Call) {
  const link =
    (name: string) =>
    (sealed: Sealed, body?: unknown, access = sealed.access) =>
      call('POST', `/api/v1/links/${sealed.slug}/${name}`, body, { 'Halfkey-Access': access })
  const owner =
    (method: string, suffix = '') =>
    (sealed: Sealed, body?: unknown) =>
      call(method, `/api/v1/secrets/${sealed.slug}${suffix}`, body, { 'Halfkey-Manage': sealed.manageKey })
  const [otp, reveal, ack] = [link('otp'), link('reveal'), link('ack')]
  return {
    create: (sealed: Sealed, headers?: Record<string, string>) => call('POST', '/api/v1/secrets', sealed.body, headers),
    status: link('status'),
    requestCode: (sealed: Sealed, fields: Record<string, unknown> = {}) => otp(sealed, fields),
    reveal: (sealed: Sealed, revealId = newId(), fields: Record<string, unknown> = {}) =>
      reveal(sealed, { reveal_id: revealId, ...fields }),
    ack: (sealed: Sealed, revealId: string) => ack(sealed, { reveal_id: revealId }),
    details: owner('GET'),
    events: owner('GET', '/events'),
    patch: owner('PATCH'),
    burn: owner('DELETE'),
    purge: owner('DELETE', '?purge=true'),
  }
}
