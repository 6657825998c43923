import { b64, concat, unb64, utf8, type Bytes } from './encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { pad, unpad } from './padding.ts'
import { random, webcrypto } from '../provider.ts'

/** Bytes, all of them random: the RBG-based construction of NIST SP 800-38D §8.2.2. */
export const IV_LENGTH = 12

/** Bytes that it appends. */
export const TAG_LENGTH = 16

/** A key (32 bytes) for many messages, which otherwise each import it anew. */
export async function importKey(key: Bytes, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  const { subtle } = await webcrypto()
  return subtle.importKey('raw', key, 'AES-GCM', false, [use])
}

/** AES-256-GCM (NIST SP 800-38D), the 16-byte tag appended. Never twice with the same key and iv. */
export async function encrypt(key: Bytes | CryptoKey, iv: Bytes, aad: Bytes, plaintext: Bytes): Promise<Bytes> {
  const { subtle } = await webcrypto()
  const aesKey = key instanceof Uint8Array ? await importKey(key, 'encrypt') : key
  return new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: aad }, aesKey, plaintext))
}

/** The plaintext, or null if key, iv, aad or ciphertext isn't what was encrypted. */
export async function decrypt(key: Bytes, iv: Bytes, aad: Bytes, ciphertext: Bytes): Promise<Bytes | null> {
  const { subtle } = await webcrypto()
  return decryptAtOnce(subtle, await importKey(key, 'decrypt'), iv, aad, ciphertext)
}

/**
 * `decrypt` with all that it needs at hand: when it returns its promise, the bytes were copied (Web Cryptography API,
 * section 14.3.2, «get a copy of the bytes held by data»), and their memory may be used again.
 */
export async function decryptAtOnce(
  subtle: SubtleCrypto,
  key: CryptoKey,
  iv: Bytes,
  aad: Bytes,
  ciphertext: Bytes,
): Promise<Bytes | null> {
  try {
    return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, ciphertext))
  } catch {
    return null
  }
}

/** `b64(iv ‖ GCM(key, iv, aad, pad(plaintext)))`: how notes and metadata travel. */
export async function sealBox(key: Bytes, aad: string, plaintext: Bytes): Promise<string> {
  return sealBoxWith(await random(IV_LENGTH), key, aad, plaintext)
}

/** `sealBox` with its random part given: for test vectors only. */
export async function sealBoxWith(iv: Bytes, key: Bytes, aad: string, plaintext: Bytes): Promise<string> {
  return b64(concat([iv, await encrypt(key, iv, utf8(aad), pad(plaintext))]))
}

/**
 * Undoes `sealBox`.
 *
 * @returns the plaintext, or null if key, aad or box isn't what was sealed
 * @throws HalfkeyError MALFORMED if the box isn't base64url, or its plaintext not padded.
 */
export async function openBox(key: Bytes, aad: string, box: string): Promise<Bytes | null> {
  const bytes = unb64(box)
  if (bytes.length < IV_LENGTH) throw new HalfkeyError('MALFORMED', 'A sealed value is too short.')
  const padded = await decrypt(key, bytes.slice(0, IV_LENGTH), utf8(aad), bytes.slice(IV_LENGTH))
  return padded && unpad(padded)
}

/** What one metadata box is sealed with (spec/protocol.md sections 7 and 8): a key of 32 bytes, and additional data. */
export type Slot = readonly [key: Bytes, aad: string]

/** `openBox` for metadata. @throws HalfkeyError WRONG_KEY for another key, additional data or box; MALFORMED. */
export async function openMetaBox([key, aad]: Slot, box: string): Promise<Bytes> {
  const json = await openBox(key, aad, box)
  if (!json) throw new HalfkeyError('WRONG_KEY', 'The key is wrong, or the metadata was changed after it was sealed.')
  return json
}

/** The same metadata in another slot, members of later versions included. @throws HalfkeyError as `openMetaBox`. */
export const resealMetaBox = async (from: Slot, to: Slot, box: string): Promise<string> =>
  sealBox(...to, await openMetaBox(from, box))
