/** The forms in which a value could slip out. */
import { b58 } from './sender.ts'

const everyCase = (text: string): string[] => [text, text.toUpperCase()]

const hex = (bytes: Buffer): string[] => everyCase(bytes.toString('hex'))

/** The characters that `bytes` alone decide, wherever they stand in a longer text: at all three alignments. */
function base64(bytes: Buffer, alphabet: 'base64' | 'base64url'): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(alphabet)
      .replaceAll('=', '')
    const first = Math.ceil((before * 8) / 6)
    const last = Math.floor(((before + bytes.length) * 8) / 6)
    return text.slice(first, last)
  })
}

const base58 = (bytes: Buffer): string => b58(bytes, Math.ceil((bytes.length * 8) / Math.log2(58))).replace(/^1+/, '')

const percent = (bytes: Buffer): string[] => everyCase([...bytes].map((byte) => `%${hexByte(byte)}`).join(''))
const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0')

const decimal = (bytes: Buffer): string => [...bytes].join(',')

/** Every UTF-16 unit as `\uXXXX`, as writers of ASCII-only JSON do. */
const unicodeEscapes = (text: string): string[] => {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16).padStart(4, '0'))
  return [`\\u${units.join('\\u')}`, `\\u${units.map((unit) => unit.toUpperCase()).join('\\u')}`]
}

const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1)

/** Raw, hex, base64, base64url, base58, percent-escaped and as a list of numbers. */
export function formsOfBytes(bytes: Buffer): Record<string, Buffer[]> {
  const ascii = (texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'))
  return {
    raw: [bytes],
    hex: ascii(hex(bytes)),
    base64: ascii(base64(bytes, 'base64')),
    base64url: ascii(base64(bytes, 'base64url')),
    base58: ascii([base58(bytes)]),
    percent: ascii(percent(bytes)),
    decimal: ascii([decimal(bytes)]),
  }
}

/** Those of its UTF-8, and as URLs and JSON escape text; also in UTF-16. */
export function formsOfText(text: string): Record<string, Buffer[]> {
  const utf8 = formsOfBytes(Buffer.from(text))
  return {
    ...utf8,
    percent: [...(utf8['percent'] ?? []), Buffer.from(encodeURIComponent(text))],
    json: [jsonEscaped(text), ...unicodeEscapes(text)].map((escaped) => Buffer.from(escaped)),
    utf16: [Buffer.from(text, 'utf16le')],
  }
}
