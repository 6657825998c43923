import { HalfkeyError } from '../errors.ts'

/** Bytes that WebCrypto takes: not over shared memory, which could change under it. */
export type Bytes = Uint8Array<ArrayBuffer>

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** The UTF-8 of a text. @throws HalfkeyError MALFORMED for a lone surrogate, which UTF-8 can't hold (RFC 3629 §3). */
export function utf8(text: string): Bytes {
  if (!isWellFormed(text)) throw new HalfkeyError('MALFORMED', 'The text is not well-formed Unicode.')
  // Made here: some test environments (jsdom) have no TextEncoder, and must be able to import this.
  return new TextEncoder().encode(text)
}

/** The text of some UTF-8, a leading U+FEFF included. @throws HalfkeyError MALFORMED for anything else. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new HalfkeyError('MALFORMED', 'The text is not UTF-8.')
  }
}

/** False for a text with a lone surrogate. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

/** The UTF-8 of a value's JSON. @throws HalfkeyError MALFORMED for a lone surrogate in it. */
export function toJson(value: object): Bytes {
  return new TextEncoder().encode(JSON.stringify(value, refuseLoneSurrogates))
}

/** A JSON object from its UTF-8. @throws HalfkeyError MALFORMED for anything else. */
export function fromJson(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes), refuseLoneSurrogates)
  } catch {
    value = undefined
  }
  if (!isObject(value)) throw new HalfkeyError('MALFORMED', 'Not a JSON object in UTF-8.')
  return value
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A replacer and reviver: JSON's escapes can write lone surrogates that its UTF-8 can't (RFC 8259 §8.2). */
function refuseLoneSurrogates(key: string, value: unknown): unknown {
  utf8(key)
  if (typeof value === 'string') utf8(value)
  return value
}

/** base64url without padding (RFC 4648 §5). */
export function b64(bytes: Uint8Array): string {
  let binary = ''
  // As many arguments as every engine takes.
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(binary).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')
}

/**
 * The bytes of a base64url text without padding.
 *
 * @param text  refused unless a string, so that fields of a reply can be passed as they come
 * @param length  in bytes; any other is refused
 * @throws HalfkeyError MALFORMED for padding, white space, non-zero trailing bits, another alphabet or length.
 */
export function unb64(text: unknown, length?: number): Bytes {
  try {
    const binary = atob((text as string).replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = new Uint8Array(binary.length)
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
    // Every byte string has exactly one encoding (RFC 4648 §3.5), so one comparison refuses all that atob forgives.
    if ((length ?? bytes.length) === bytes.length && b64(bytes) === text) return bytes
  } catch {
    // Told below.
  }
  throw new HalfkeyError('MALFORMED', 'A binary value is not base64url, or has the wrong length.')
}

/** Bytes as one big-endian integer in base 58 (Bitcoin's alphabet), left-padded with `1` to `chars` characters. */
export function b58(bytes: Uint8Array, chars: number): string {
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  let text = ''
  while (text.length < chars) {
    text = BASE58.charAt(Number(value % 58n)) + text
    value /= 58n
  }
  return text
}

/** `length` bytes from exactly `chars` characters of base 58; null for another alphabet, length, or a value too large. */
export function unb58(text: string, chars: number, length: number): Bytes | null {
  if (text.length !== chars) return null
  let value = 0n
  for (const char of text) {
    const digit = BASE58.indexOf(char)
    if (digit < 0) return null
    value = value * 58n + BigInt(digit)
  }
  const bytes = new Uint8Array(length)
  for (let i = length; i-- > 0; value >>= 8n) bytes[i] = Number(value & 255n)
  return value === 0n ? bytes : null
}

/** One after the other. As a list, not as arguments, of which a stack holds only so many: a server chooses its chunks. */
export function concat(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** A safe integer as 8 bytes, big-endian. */
export function u64be(value: number): Bytes {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

/** b64 of `length` bytes. */
export const isBinary =
  (length: number) =>
  (value: unknown): boolean => {
    try {
      return unb64(value, length).length === length
    } catch {
      return false
    }
  }
