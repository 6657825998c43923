/** Operations with the keys that were handed out: read, burn, list. */
import { HalfkeyError } from '@halfkey/sdk'
import { deriveLink, type Bytes } from '@halfkey/sdk/parts'
import { deriveKeyB, passwordVerifier } from '../keys.ts'
import type { Account } from '../settings.ts'
import type { Upstream } from '../upstream.ts'
import { ended, isNoPassword, notAuthorized, notText, unknownSecret, wrongPassphrase } from './errors.ts'
import { recentSeconds } from './limits.ts'
import { findReceipt, receiptOf, type Note, type Receipt, type ReceiptQuery } from './receipt.ts'

/** Reads a secret's text and destroys it. @throws Refusal “Unknown secret”, whatever is wrong */
export async function readSecret(upstream: Upstream, secretKey: string, passphrase: string): Promise<string> {
  const keyB = await deriveKeyB(secretKey)
  if (!keyB) throw unknownSecret(secretKey)
  const { slug } = await deriveLink(keyB)
  try {
    // A passphrase that the secret doesn't need is ignored, so first ask whether it needs one.
    const link = await upstream.link(slug, keyB, passphrase === '' ? 'trust' : 'ask')
    const opened = await link.reveal(link.needs.password ? { password: passphrase } : {})
    if (opened.text === undefined && opened.bytes()) throw notText()
    // If the acknowledgment fails, the server still destroys it after the grace time, so return the text anyway.
    await opened.done().catch(() => undefined)
    return opened.text ?? ''
  } catch (error) {
    return ended(error, secretKey)
  }
}

/**
 * Destroys an unread secret. Resolves to its updated receipt and the secret key.
 *
 * @throws Refusal if it has ended or the passphrase is wrong
 */
export async function burnSecret(
  metadataKey: string,
  passphrase: string,
  query: ReceiptQuery,
): Promise<{ receipt: Receipt; secretKey: string }> {
  const { upstream } = query
  const { state, slug, manageKey, record, note } = await findReceipt(metadataKey, query)
  if (state !== 'new') throw unknownSecret(metadataKey)
  if (record.hasPassword) await provePassphrase(note, slug, passphrase)
  await upstream.burn(slug, manageKey)
  const receipt = await findReceipt(metadataKey, query)
  // Someone else read or burned it first.
  if (receipt.state !== 'burned') throw unknownSecret(metadataKey)
  return { receipt, secretKey: note.secret_key }
}

/**
 * Compares with the verifier in the receipt, because the server checks a password only when it reveals the secret.
 *
 * @throws Refusal for a wrong passphrase, and for a secret of another version, without a verifier
 */
async function provePassphrase({ secret_key, password_verifier }: Note, slug: string, passphrase: string) {
  try {
    const keyB = (await deriveKeyB(secret_key)) as Bytes
    if ((await passwordVerifier(passphrase, keyB, slug)) === password_verifier) return
  } catch (error) {
    if (!(error instanceof HalfkeyError && isNoPassword(error))) throw error
  }
  throw wrongPassphrase()
}

/** The account's receipts of the last 30 days, oldest first. @throws Refusal without an account */
export async function recentReceipts(account: Account | null, query: ReceiptQuery): Promise<Receipt[]> {
  if (!account) throw notAuthorized()
  const receipts: Receipt[] = []
  for await (const record of query.upstream.list()) {
    if (record.createdAt.getTime() < query.now - recentSeconds * 1000) break
    const receipt = await receiptOf(record, query)
    if (receipt?.note.custid === account.user) receipts.push(receipt)
  }
  return receipts.reverse()
}
