import { concat, isObject, utf8, type Bytes, isWellFormed, isBinary } from './encoding.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import type { PlatformCryptoKey } from '../platform.ts'
import { webcrypto } from '../provider.ts'

/** Bytes of every key, salt, proof and verifier. */
export const KEY_LENGTH = 32

/** Belongs to version 1 of the protocol: neither sent nor negotiated. */
const PBKDF2_ITERATIONS = 600_000

/** 32 bytes; or a key for HKDF with the usage `deriveBits`, whose bytes no script need be able to read. */
export type WorkspaceKey = Bytes | PlatformCryptoKey

/** Whether it can be derived from: by its shape, because it may come from another realm. */
export const isWorkspaceCryptoKey = (value: unknown): value is CryptoKey =>
  isObject(value) &&
  isObject(value['algorithm']) &&
  value['algorithm']['name'] === 'HKDF' &&
  Array.isArray(value['usages']) &&
  value['usages'].includes('deriveBits')

/**
 * HKDF with SHA-256 (RFC 5869) over one `ikm`, imported unless it is a key already; each call of the result derives 32
 * bytes. Strings are taken as UTF-8.
 */
export async function hkdf(ikm: WorkspaceKey): Promise<(salt: string | Bytes, info: string | Bytes) => Promise<Bytes>> {
  const { subtle } = await webcrypto()
  const key = ikm instanceof Uint8Array ? await subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits']) : ikm
  const bytes = (value: string | Bytes) => (typeof value === 'string' ? utf8(value) : value)
  return async (salt, info) =>
    new Uint8Array(
      await subtle.deriveBits(
        { name: 'HKDF', hash: 'SHA-256', salt: bytes(salt), info: bytes(info) },
        key,
        KEY_LENGTH * 8,
      ),
    )
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  const { subtle } = await webcrypto()
  return new Uint8Array(await subtle.digest('SHA-256', bytes))
}

/** What the server keeps of a bearer value (access, password proof, manage key): its SHA-256. */
export function verifierOf(bearer: Bytes): Promise<Bytes> {
  return sha256(bearer)
}

/** The keys of one envelope (spec/protocol.md section 4), 32 bytes each. */
export async function deriveContentKeys(ikm: Bytes, salt: Bytes): Promise<{ contentKey: Bytes; commitment: Bytes }> {
  const derive = await hkdf(ikm)
  const [contentKey, commitment] = await Promise.all([
    derive(salt, 'halfkey/v1 content'),
    derive(salt, 'halfkey/v1 commitment'),
  ])
  return { contentKey, commitment }
}

/** The key of one file, by its id as `b64` (section 4). 32 bytes. */
export async function deriveFileKey(ikm: Bytes, salt: Bytes, id: string): Promise<Bytes> {
  const derive = await hkdf(ikm)
  return derive(salt, `halfkey/v1 file ${id}`)
}

/**
 * `keyA ‖ keyB` or `keyA ‖ keyB ‖ passwordKey`: unambiguous because every part has its one length.
 *
 * @throws HalfkeyError MALFORMED for a part that isn't 32 bytes.
 */
export function contentIkm(...parts: Bytes[]): Bytes {
  if (parts.some((part) => part.length !== KEY_LENGTH)) {
    throw new HalfkeyError('MALFORMED', 'A key has the wrong length.')
  }
  return concat(parts)
}

/** Encrypts the note, which is readable before the reveal (section 4). 32 bytes. */
export async function deriveNoteKey(keyB: Bytes, slug: string): Promise<Bytes> {
  const derive = await hkdf(keyB)
  return derive(slug, 'halfkey/v1 note')
}

/**
 * Stretches a password with PBKDF2 (RFC 8018, HMAC-SHA-256, 600,000 iterations) under a salt that only link holders
 * can derive, which is claim C4.
 *
 * @returns `proof`, sent at reveal, and `key`, which enters the content's ikm; 32 bytes each
 * @throws HalfkeyError VALIDATION_ERROR, with `details.password`, for what section 4 doesn't take as a password.
 */
export async function stretchPassword(
  password: string,
  keyB: Bytes,
  slug: string,
): Promise<{ proof: Bytes; key: Bytes }> {
  if (!isPassword(password)) throwIfInvalid({ password: [PASSWORD[1]] })
  const salt = await (await hkdf(keyB))(slug, 'halfkey/v1 password salt')
  const { subtle } = await webcrypto()
  const base = await subtle.importKey('raw', passwordBytes(password), 'PBKDF2', false, ['deriveBits'])
  const stretched = await subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: PBKDF2_ITERATIONS },
    base,
    KEY_LENGTH * 8,
  )
  const derive = await hkdf(new Uint8Array(stretched))
  const [proof, key] = await Promise.all([
    derive(slug, 'halfkey/v1 password proof'),
    derive(slug, 'halfkey/v1 password key'),
  ])
  return { proof, key }
}

/** What section 4 takes as a password. */
export const PASSWORD = [
  isPassword,
  'must be 1 to 1024 bytes of well-formed Unicode text without control characters',
] as const

function isPassword(value: unknown): boolean {
  if (typeof value !== 'string' || !isWellFormed(value) || /\p{Cc}/u.test(value)) return false
  const { length } = passwordBytes(value)
  return length >= 1 && length <= 1024
}

/** A 32-byte key as text. */
export const KEY = [
  /* @__PURE__ */ isBinary(KEY_LENGTH),
  'must be 32 bytes as base64url without padding (43 characters)',
] as const

/** NFC, so that the same password typed on another keyboard is the same; never trimmed. */
function passwordBytes(password: string): Bytes {
  return utf8(password.normalize('NFC'))
}
