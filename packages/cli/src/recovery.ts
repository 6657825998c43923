/** The workspace key on paper: as 24 words (BIP 39, with a checksum) and as a QR code. */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { UsageError } from './failure.ts'

/** 24 words of a workspace key (b64 of 32 bytes). */
export const wordsOf = (workspaceKey: string): string =>
  entropyToMnemonic(Uint8Array.from(Buffer.from(workspaceKey, 'base64url')), wordlist)

/** A workspace key as it is, or from its 24 words. */
export function keyOf(text: string): string {
  const words = text.trim().toLowerCase().split(/\s+/)
  if (words.length === 1) return text.trim()
  try {
    if (words.length === 24) return Buffer.from(mnemonicToEntropy(words.join(' '), wordlist)).toString('base64url')
  } catch {
    // Told below.
  }
  throw new UsageError('These are not the 24 words of a workspace key: one is missing, misread or out of order.')
}

/** A page of text to print. */
export async function recoverySheet(workspaceKey: string, url: string, name: string): Promise<string> {
  const { renderUnicodeCompact } = await import('uqr')
  const words = wordsOf(workspaceKey).split(' ')
  const rows = Array.from({ length: 6 }, (_, row) =>
    words
      .slice(row * 4, row * 4 + 4)
      .map((word, column) => `${String(row * 4 + column + 1).padStart(2)} ${word.padEnd(9)}`)
      .join('  ')
      .trimEnd(),
  )
  return `Halfkey: the workspace key of ${name} at ${url}

Keep this sheet where only those who may read everything can take it. Without the key nobody can open what it seals, the
server's operator included; with it and a token anybody can.

The key:
${workspaceKey}

The same as 24 words, which "halfkey login" takes too:
${rows.join('\n')}

The same as a QR code:
${renderUnicodeCompact(workspaceKey)}
`
}
