/** The workspace key for paper: 24 words (BIP 39, with a checksum) and a QR code. */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { qrCode } from './qr.ts'

/**
 * The 24 words of a workspace key (32 bytes as base64url).
 *
 * @throws UsageError if it isn't a workspace key
 */
export function wordsOf(workspaceKey: string): string {
  const bytes = Buffer.from(workspaceKey, 'base64url')
  if (bytes.length !== 32 || bytes.toString('base64url') !== workspaceKey)
    throw new UsageError('HALFKEY_WORKSPACE_KEY must be 32 bytes as base64url without padding (43 characters).')
  return entropyToMnemonic(Uint8Array.from(bytes), wordlist)
}

/**
 * Decodes a workspace key from its 24 words. A single word is returned unchanged.
 *
 * @throws UsageError if several words aren't the words of a key
 */
export function keyOf(text: string): string {
  const words = text.trim().toLowerCase().split(/\s+/)
  if (words.length === 1) return text.trim()
  try {
    if (words.length === 24) return Buffer.from(mnemonicToEntropy(words.join(' '), wordlist)).toString('base64url')
  } catch {
    // Reported below.
  }
  throw new UsageError("These aren't the 24 words of a workspace key: a word is missing, wrong or out of order.")
}

/** A printable page with a workspace key and its server's address. */
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

Keep this sheet where only people who may read everything can get it. Without the key, nobody can decrypt what it protects,
not even the server's operator. With the key and a token, anyone can.

The key:
${workspaceKey}

As 24 words, which "halfkey login" accepts too:
${rows.join('\n')}

As a QR code:
${qrCode(workspaceKey, stdout, env) ?? '(The terminal is too narrow to show it.)\n'}`
}
