/**
 * Entries of the access log and how they are chained (docs/access-log.md). An entry's hash commits to what it says; its
 * link, a MAC under the server key, commits to the hash and to every entry before it.
 */
import { hash } from 'node:crypto'
import type { KmsEventType } from '../kms/entry.ts'
import type { RequestEventType } from '../requests/request.ts'
import type { ServerKey } from '../server-key.ts'
import type { EventType, SecretEvent } from '../secrets/secret.ts'

export type Mac = ServerKey['mac']

/** What a secret's creation or change set: what its expiry and purge rest on. Times are ISO 8601. */
interface Limits {
  expires_at: string
  maximum_views: number | null
}

/** As `Limits`, of a request. */
interface RequestLimits {
  expires_at: string
  maximum_answers: number
}

/** What a purge rested on. */
export interface PurgeBasis {
  /** When what it emptied had ended or was deleted; of refusals the newest one's time. */
  since: string
  /** How long it was retained after that, in seconds; null: its owner asked for the purge. */
  retention: number | null
  /** How many entries it emptied. */
  entries: number
}

export type Basis = Limits | RequestLimits | PurgeBasis

/** What an entry says; of a named secret's the handler and what comes with it, of others' the slug. */
export interface EntryContent extends Omit<SecretEvent, 'type'> {
  id: number
  type: EventType | KmsEventType | RequestEventType
  /** Of a secret or a request; null: of a named secret, or purged. */
  slug: string | null
  /** null: of no named secret, or purged. */
  handler: string | null
  version: number | null
  tokenId: string | null
  /** The token's name. */
  token: string | null
  /** Of what created or changed a secret or a request, and of `purged`; null: of another, made by version 0.1, or purged. */
  basis: Basis | null
  /** 122 random bits, so that what a purge took can't be guessed from the hash that it left; null: purged. */
  nonce: string | null
}

export interface AuditEntry extends EntryContent {
  /** SHA-256, 32 bytes. */
  entryHash: Buffer
  /** HMAC-SHA-256, 32 bytes. */
  chain: Buffer
  /** null: not purged. */
  purgeMark: Buffer | null
  /** The `purged` entry that tells of it; null: not purged, or by version 0.1. */
  purgedBy: number | null
}

/** The newest entry of a chain: kept elsewhere, it shows later whether the log still holds everything up to it. */
export interface AuditHead {
  id: number
  chain: Buffer
}

export const hashEntry = (entry: EntryContent): Buffer => {
  const { id, nonce, slug, type, reason, at, ip, userAgent, country, handler, version, tokenId, token, basis } = entry
  const said = [id, nonce, slug, type, reason, new Date(at).toJSON(), ip, userAgent, country]
  const ofNamedSecret = handler === null ? [] : [handler, version, tokenId, token]
  const restsOn = basis === null ? [] : [basis]
  return hash('sha256', JSON.stringify([...said, ...ofNamedSecret, ...restsOn]), 'buffer')
}

/** What the first entry of a workspace's chain is linked to; null: the secrets made without a token. */
export const chainStart = (workspaceId: number | null): Buffer => Buffer.from(`workspace ${workspaceId ?? 'none'}`)

export const linkEntry = (mac: Mac, previous: Buffer, entryHash: Buffer): Buffer => mac('audit', previous, entryHash)

/** Stands in for a purged entry's content: tells it from one that somebody else emptied. */
export const markPurged = (
  mac: Mac,
  { id, type, at, chain, purgedBy }: Pick<AuditEntry, 'id' | 'type' | 'at' | 'chain' | 'purgedBy'>,
): Buffer =>
  purgedBy === null
    ? mac('audit purge', JSON.stringify([id, type, at]), chain)
    : mac('audit purge by', JSON.stringify([id, type, at, purgedBy]), chain)

/** Whether an entry says what was recorded, or bears the mark of its purge and says nothing more. */
export function isIntact(mac: Mac, entry: AuditEntry): boolean {
  if (entry.purgeMark === null)
    return entry.purgedBy === null && entry.nonce !== null && hashEntry(entry).equals(entry.entryHash)
  const { nonce, slug, reason, ip, userAgent, country, handler, version, tokenId, token, basis } = entry
  const fields = [nonce, slug, reason, ip, userAgent, country, handler, version, tokenId, token, basis]
  const emptied = fields.every((field) => field === null)
  return emptied && markPurged(mac, entry).equals(entry.purgeMark)
}
