/** The sender's record of a secret, combined from the server's details and the encrypted metadata. */
import { HalfkeyError } from '@halfkey/sdk'
import { openMetaJson, type Bytes, type SecretRecord } from '@halfkey/sdk/parts'
import * as z from 'zod'
import { deriveManageKey, formatMetadataKey, openMetadataKey } from '../keys.ts'
import type { Upstream } from '../upstream.ts'
import { ended, unknownSecret } from './errors.ts'
import { receiptLife } from './limits.ts'

/** What the server doesn't know, encrypted in the secret's `meta` with the workspace key. */
const noteSchema = z.object({
  secret_key: z.string(),
  /** b64 of the metadata key's 14-byte seed, for the list of recent receipts. */
  seed: z.string(),
  custid: z.string(),
  ttl: z.int(),
  /** Masked. */
  recipient: z.array(z.string()),
  share_domain: z.string(),
  /** b64 of SHA-256 of the passphrase's proof (spec/protocol.md section 4), to verify the passphrase of a burn. */
  password_verifier: z.string().optional(),
})

export type Note = z.infer<typeof noteSchema>

/** Its member name in `meta`. */
const MEMBER = 'onetime'

export const noteMeta = (note: Note): Record<string, unknown> => ({ [MEMBER]: note })

type State = 'new' | 'received' | 'burned' | 'expired' | 'orphaned'

export interface Receipt {
  metadataKey: string
  slug: string
  manageKey: Bytes
  state: State
  record: Pick<SecretRecord, 'createdAt' | 'updatedAt' | 'expiration' | 'hasPassword'>
  note: Note
}

export interface ReceiptQuery {
  upstream: Upstream
  /** Every workspace key that the bridge knows: anyone with a metadata key may read its receipt. */
  workspaceKeys: Bytes[]
  now: number
}

/** @throws Refusal “Unknown secret” for an unknown key or an expired receipt */
export async function findReceipt(metadataKey: string, query: ReceiptQuery): Promise<Receipt> {
  const opened = await openMetadataKey(metadataKey)
  if (!opened) throw unknownSecret(metadataKey)
  const { slug, manageKey } = opened
  const record = await query.upstream.details(slug, manageKey).catch((error: unknown) => ended(error, metadataKey))
  const note = await openNote(record, query.workspaceKeys)
  if (!note || isExpired(note, record, query.now)) throw unknownSecret(metadataKey)
  return { metadataKey, slug, manageKey, state: await stateOf(query.upstream, record, manageKey), record, note }
}

/** The receipt of a listed secret; null if it wasn't created here or its receipt has expired. */
export async function receiptOf(record: SecretRecord, query: ReceiptQuery): Promise<Receipt | null> {
  const note = await openNote(record, query.workspaceKeys)
  if (!note || isExpired(note, record, query.now)) return null
  const { slug } = record
  const seed = new Uint8Array(Buffer.from(note.seed, 'base64url'))
  const manageKey = await deriveManageKey(slug, seed)
  const state = await stateOf(query.upstream, record, manageKey)
  return { metadataKey: formatMetadataKey(slug, seed), slug, manageKey, state, record, note }
}

async function openNote({ slug, meta }: SecretRecord, workspaceKeys: Bytes[]): Promise<Note | null> {
  if (meta === null) return null
  for (const workspaceKey of workspaceKeys) {
    try {
      const { [MEMBER]: note } = await openMetaJson(workspaceKey, slug, meta)
      return noteSchema.safeParse(note).data ?? null
    } catch (error) {
      if (!(error instanceof HalfkeyError && error.code === 'WRONG_KEY')) throw error
    }
  }
  return null
}

const isExpired = ({ ttl }: Note, { createdAt }: SecretRecord, now: number): boolean =>
  secondsSince(createdAt, now) >= receiptLife(ttl)

const secondsSince = (then: Date, now: number): number => Math.floor((now - then.getTime()) / 1000)

async function stateOf(upstream: Upstream, { slug, status }: SecretRecord, manageKey: Bytes): Promise<State> {
  if (status === 'viewed') return 'received'
  if (status === 'expired') return 'expired'
  if (status !== 'burned') return 'new'
  const events = await upstream.events(slug, manageKey)
  const byOwner = events.some(({ type, reason }) => type === 'burned' && reason === null)
  return byOwner ? 'burned' : 'orphaned'
}

/** How to present a record. */
interface Showing {
  /** The caller's account; null: none. */
  user: string | null
  /** The start of `metadata_url`. */
  base: string
  now: number
}

const unix = (date: Date): number => Math.floor(date.getTime() / 1000)

/** A record as JSON, with each field under both its names. Only the reply to a create contains the key of an unread secret. */
export function presentReceipt({ metadataKey, state, record, note }: Receipt, { user, base, now }: Showing) {
  const { createdAt, updatedAt, expiration, hasPassword } = record
  const updated = unix(state === 'expired' ? expiration : updatedAt)
  const secret = {
    new: {
      secret_ttl: Math.max(0, Math.ceil((expiration.getTime() - now) / 1000)),
      passphrase_required: hasPassword,
    },
    received: { received: updated },
    burned: { secret_key: '', secret_ttl: null },
    expired: { secret_key: '', secret_ttl: null },
    orphaned: { secret_key: '', secret_ttl: null },
  }[state]
  return withTwins({
    custid: user ?? note.custid,
    metadata_key: metadataKey,
    ttl: note.ttl,
    metadata_ttl: receiptLife(note.ttl) - secondsSince(createdAt, now),
    state,
    created: unix(createdAt),
    updated,
    recipient: note.recipient,
    share_domain: note.share_domain,
    metadata_url: `${base}/receipt/${metadataKey}`,
    ...secret,
  })
}

/** The names of fields since v0.24. */
const twins: Record<string, string> = {
  metadata_key: 'identifier',
  secret_key: 'secret_identifier',
  passphrase_required: 'has_passphrase',
  recipient: 'recipients',
  metadata_ttl: 'receipt_ttl',
  metadata_url: 'receipt_url',
  value: 'secret_value',
}

export function withTwins(record: Record<string, unknown>): Record<string, unknown> {
  const copies = Object.entries(twins).flatMap(([name, twin]) => (name in record ? [[twin, record[name]]] : []))
  return { ...record, ...Object.fromEntries(copies) } as Record<string, unknown>
}
