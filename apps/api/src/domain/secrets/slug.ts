const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const slugLength = 13

export const slugPattern = /^[1-9A-HJ-NP-Za-km-z]{13}$/

export const isSlug = (text: string): boolean => slugPattern.test(text)

/** `b58(first 9 bytes of accessVerifier, 13)`, spec/protocol.md section 3. */
export function slugOf(accessVerifier: Buffer): string {
  let value = accessVerifier.readBigUInt64BE(0) * 256n + BigInt(accessVerifier.readUInt8(8))
  let text = ''
  for (let i = 0; i < slugLength; i++) {
    text = alphabet.charAt(Number(value % 58n)) + text
    value /= 58n
  }
  return text
}
