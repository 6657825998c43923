/** The keys that the bridge hands out instead of storing anything (spec/bridge.md). */
import { b58, hkdf, stretchPassword, unb58, verifierOf, type Bytes } from '@halfkey/sdk/parts'

/** Length of both keys in bytes. */
export const KEY_BYTES = 23
/** Length of both keys in characters: a published client accepts no other. */
const KEY_CHARS = 31
const SLUG_BYTES = 9
const SLUG_CHARS = 13
export const SEED_BYTES = KEY_BYTES - SLUG_BYTES

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Encodes `random` (23 bytes) as a secret key: 31 letters and digits. */
export function formatSecretKey(random: Bytes): string {
  return b62(random)
}

/** Derives the link's `keyB` (32 bytes) from a secret key; null if it isn't a secret key. */
export async function deriveKeyB(secretKey: string): Promise<Bytes | null> {
  const bytes = unb62(secretKey)
  if (!bytes) return null
  const derive = await hkdf(bytes)
  return derive('', 'halfkey/v1 bridge keyB')
}

/** @param seed  14 random bytes */
export function formatMetadataKey(slug: string, seed: Bytes): string {
  const slugBytes = unb58(slug, SLUG_CHARS, SLUG_BYTES)
  if (!slugBytes || seed.length !== SEED_BYTES)
    throw new Error('The slug must be 13 base-58 characters, and the seed 14 bytes.')
  const bytes = new Uint8Array(KEY_BYTES)
  bytes.set(slugBytes)
  bytes.set(seed, SLUG_BYTES)
  return b62(bytes)
}

/** The slug and the manage key (32 bytes) of a metadata key; null if it isn't a metadata key. */
export async function openMetadataKey(metadataKey: string): Promise<{ slug: string; manageKey: Bytes } | null> {
  const bytes = unb62(metadataKey)
  if (!bytes) return null
  const slug = b58(bytes.subarray(0, SLUG_BYTES), SLUG_CHARS)
  return { slug, manageKey: await deriveManageKey(slug, bytes.slice(SLUG_BYTES)) }
}

/** 32 bytes. @param seed  14 bytes */
export async function deriveManageKey(slug: string, seed: Bytes): Promise<Bytes> {
  const derive = await hkdf(seed)
  return derive(slug, 'halfkey/v1 bridge manage key')
}

/**
 * The verifier of a password (spec/protocol.md section 4), as b64. Costs one PBKDF2.
 *
 * @throws HalfkeyError VALIDATION_ERROR with `details.password` if the protocol doesn't allow the password
 */
export async function passwordVerifier(password: string, keyB: Bytes, slug: string): Promise<string> {
  const { proof } = await stretchPassword(password, keyB, slug)
  return Buffer.from(await verifierOf(proof)).toString('base64url')
}

/** Encodes 23 bytes as a big-endian integer in base 62, left-padded with `0` to 31 characters. */
function b62(bytes: Bytes): string {
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  let text = ''
  while (text.length < KEY_CHARS) {
    text = BASE62.charAt(Number(value % 62n)) + text
    value /= 62n
  }
  return text
}

/** null for a wrong alphabet or length, or a value of 2^184 or more, so that every key has only one spelling. */
function unb62(text: string): Bytes | null {
  if (text.length !== KEY_CHARS) return null
  let value = 0n
  for (const char of text) {
    const digit = BASE62.indexOf(char)
    if (digit < 0) return null
    value = value * 62n + BigInt(digit)
  }
  const bytes = new Uint8Array(KEY_BYTES)
  for (let i = KEY_BYTES; i-- > 0; value >>= 8n) bytes[i] = Number(value & 255n)
  return value === 0n ? bytes : null
}
