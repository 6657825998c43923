/** The workspace key on paper: as 24 words (BIP 39, with a checksum) and as a QR code. */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { qrCode } from './qr.ts'

/**
 * 24 words of a workspace key (b64 of 32 bytes).
 *
 * @throws UsageError if it is no workspace key.
 */
export function wordsOf(workspaceKey: string): string {
  const bytes = Buffer.from(workspaceKey, 'base64url')
  if (bytes.length !== 32 || bytes.toString('base64url') !== workspaceKey)
    throw new UsageError('HALFKEY_WORKSPACE_KEY must be 32 bytes as base64url without padding (43 characters).')
  return entropyToMnemonic(Uint8Array.from(bytes), wordlist)
}

/**
 * A workspace key as it is, or from its 24 words.
 *
 * @throws UsageError for several words that are not those of a key.
 */
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

/** A page of text to print, of a workspace key and the address of its server. */
export function recoverySheet(workspaceKey: string, url: string, { stdout, env }: Io): string {
  const words = wordsOf(workspaceKey).split(' ')
  const rows = Array.from({ length: 6 }, (_, row) =>
    words
      .slice(row * 4, row * 4 + 4)
      .map((word, column) => `${String(row * 4 + column + 1).padStart(2)} ${word.padEnd(9)}`)
      .join('  ')
      .trimEnd(),
  )
  return `Halfkey: the workspace key for ${url}

Keep this sheet where only those who may read everything can take it. Without the key nobody can open what it seals, the
server's operator included; with it and a token anybody can.

The key:
${workspaceKey}

The same as 24 words, which "halfkey login" takes too:
${rows.join('\n')}

The same as a QR code:
${qrCode(workspaceKey, stdout, env) ?? 'It needs a wider terminal.\n'}`
}
