/** What is done with the keys that were handed out: read, burn, list. */
import { HalfkeyError, type Link } from '@halfkey/sdk'
import { deriveLink, type Bytes } from '@halfkey/sdk/parts'
import { deriveKeyB } from '../keys.ts'
import type { Account } from '../settings.ts'
import type { Upstream } from '../upstream.ts'
import { ended, isNoPassword, notAuthorized, unexpected, unknownSecret, wrongPassphrase } from './errors.ts'
import { recentSeconds } from './limits.ts'
import { findReceipt, receiptOf, type Receipt, type ReceiptQuery } from './receipt.ts'

/** The text of a secret, which is then destroyed. @throws Refusal Unknown secret, whatever it is that's wrong. */
export async function readSecret(upstream: Upstream, secretKey: string, passphrase: string): Promise<string> {
  const keyB = await deriveKeyB(secretKey)
  if (!keyB) throw unknownSecret(secretKey)
  const { slug } = await deriveLink(keyB)
  try {
    // A passphrase that isn't asked for doesn't count, so whether it is has to be known first.
    const link = await upstream.link(slug, keyB, passphrase === '' ? 'trust' : 'ask')
    const opened = await link.reveal(link.needs.password ? { password: passphrase } : {})
    // Without its ack the server destroys it at the end of its grace time: no reason to withhold what is spent.
    await opened.done().catch(() => undefined)
    return opened.text ?? ''
  } catch (error) {
    return ended(error, secretKey)
  }
}

/**
 * Destroys a secret that is still there. Its receipt as it is then, and the secret key.
 *
 * @throws Refusal for one that isn't there, or for another passphrase than its own.
 */
export async function burnSecret(
  metadataKey: string,
  passphrase: string,
  query: ReceiptQuery,
): Promise<{ receipt: Receipt; secretKey: string }> {
  const { upstream } = query
  const { state, slug, manageKey, record, note } = await findReceipt(metadataKey, query)
  if (state !== 'new') throw unknownSecret(metadataKey)
  const secretKey = note.secret_key
  if (record.hasPassword) await provePassphrase(upstream, { metadataKey, secretKey, slug, passphrase })
  await upstream.burn(slug, manageKey)
  const receipt = await findReceipt(metadataKey, query)
  // Somebody was quicker.
  if (receipt.state !== 'burned') throw unknownSecret(metadataKey)
  return { receipt, secretKey }
}

/**
 * Asks the server whether the passphrase is right. It counts a wrong one, and no view is spent, because what is asked
 * for is a one-time code, which it sends to nobody for a secret without one (spec/protocol.md section 9, step 2).
 */
async function provePassphrase(
  upstream: Upstream,
  {
    metadataKey,
    secretKey,
    slug,
    passphrase,
  }: { metadataKey: string; secretKey: string; slug: string; passphrase: string },
): Promise<void> {
  if (passphrase === '') throw wrongPassphrase()
  const link = await upstream.link(slug, (await deriveKeyB(secretKey)) as Bytes, 'trust')
  const error = await refusalOfCode(link, passphrase)
  if (error.code === 'VALIDATION_ERROR' && error.details?.['otp'] !== undefined) return
  if (error.code === 'PASSWORD_WRONG' || isNoPassword(error)) throw wrongPassphrase()
  ended(error, metadataKey)
}

/** How the server refuses to send a code. */
async function refusalOfCode(link: Link, password: string): Promise<HalfkeyError> {
  try {
    await link.requestCode({ password })
  } catch (error) {
    if (error instanceof HalfkeyError) return error
    throw error
  }
  throw unexpected()
}

/** The account's receipts of the last 30 days, oldest first. @throws Refusal without an account. */
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
