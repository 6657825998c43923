/** Text out of the bytes of a file or pipe. */
import { UsageError } from './failure.ts'

/** As it is, a leading U+FEFF included: for what is a secret's content. null: not UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}

/** As `textOf`. @throws UsageError for what isn't UTF-8. */
export function decode(bytes: Uint8Array, what: string): string {
  const text = textOf(bytes)
  if (text === null) throw new UsageError(`${what} is not UTF-8 text.`)
  return text
}

/** By its byte order mark; without one, by the NUL that every ASCII character has in UTF-16 and no text has in UTF-8. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || first === 0 || second === 0
}

/**
 * Without the U+FEFF that Windows programs write before the text: for passwords, tokens, keys and formats (spec/protocol.md
 * section 4).
 *
 * @throws UsageError for UTF-16 and for what isn't UTF-8
 */
export function decodeInput(bytes: Uint8Array, what: string): string {
  if (isUtf16(bytes)) throw new UsageError(`${what} is UTF-16 text (“Unicode” in Windows). Save it as UTF-8.`)
  return decode(bytes, what).replace(/^\ufeff/, '')
}
