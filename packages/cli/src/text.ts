/** Decodes the bytes of a file or pipe as text. */
import { UsageError } from './failure.ts'

/** Decodes a secret's content unchanged, including a leading U+FEFF; null if it isn't UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** Like `textOf`. @throws UsageError if it isn't UTF-8 */
export function decode(bytes: Uint8Array, what: string): string {
  const text = textOf(bytes)
  if (text === null) throw new UsageError(`${what} is not UTF-8 text.`)
  return text
}

/** Detects UTF-16 by its byte order mark, or by a NUL byte, which UTF-8 text doesn't contain. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0
}

/**
 * Decodes passwords, tokens, keys and files without the leading U+FEFF that Windows programs write (spec/protocol.md
 * section 4).
 *
 * @throws UsageError if it is UTF-16 or isn't UTF-8
 */
export function decodeInput(bytes: Uint8Array, what: string): string {
  if (isUtf16(bytes)) throw new UsageError(`${what} is UTF-16 text (“Unicode” in Windows). Save it as UTF-8.`)
  return decode(bytes, what).replace(/^\ufeff/, '')
}
