/**
 * What a rule of named secrets answers: the caller's reply, and what a store has to write for it. A store applies the
 * changes in order and in one transaction, or none of them.
 */
import type { AuditEntry } from '../audit/entry.ts'
import type { KmsNotice } from '../notices/notice.ts'
import type { Decision } from '../secrets/decision.ts'
import type { Caller } from '../secrets/secret.ts'
import type { KmsActor, KmsContent, KmsEventType, KmsRefusal } from './entry.ts'

/** A named secret by its workspace and name. */
export interface KmsName {
  workspaceId: number
  handler: string
}

/**
 * One step. What can race is in it, and a store puts that into the `WHERE` of the write: if it no longer holds, the write
 * fails and nothing is changed. Times are milliseconds since the epoch; what is undefined stays as it was.
 */
export type KmsChange =
  /** Of the workspace's quota; fails if it doesn't allow for them. */
  | { kind: 'reserve bytes'; bytes: number; maximum: number }
  /** Makes the named secret with its first version; fails if there is one. */
  | ({ kind: 'make' } & Added)
  /** Fails unless the newest is `version` − 1. A deleted one is there again. */
  | ({ kind: 'add version' } & Added)
  | {
      kind: 'configure'
      at: number
      whitelist?: string[] | null
      rotateAfter?: number | null
      remindAt?: number | null
    }
  /** Of a version that isn't destroyed: both its expiry and when to tell of it. */
  | { kind: 'set expiry'; version: number; expiresAt: number | null }
  | { kind: 'replace meta'; meta: string | null }
  /** Keys and ciphertext, for good, and frees their bytes. `version` null: of all that are left. */
  | { kind: 'destroy'; version: number | null; at: number }
  /** Keeps the newest number, and nothing of the configuration. */
  | { kind: 'delete'; at: number }
  /** Of the newest version. */
  | { kind: 'forget rotation reminder' }
  | { kind: 'forget expiry reminder'; version: number }
  /** Adds an entry to the access log. `version` null: it concerns no one version. */
  | { kind: 'log'; type: KmsEventType; at: number; version: number | null; actor: Actor; reason: KmsRefusal | null }
  /** Queues a notice to every webhook of the workspace. */
  | { kind: 'notify'; notice: KmsNotice; at: number }
  /** Empties these entries of the access log, which tells of it. */
  | { kind: 'purge log'; entries: readonly LoggedEntry[]; since: number; retention: number; at: number }
  /** Of a deleted named secret whose log is empty; the newest number stays. */
  | { kind: 'forget versions' }

/** An entry of the access log that a purge may empty. */
export interface LoggedEntry extends Pick<AuditEntry, 'id' | 'type' | 'at' | 'chain'> {
  /** Whether the server wrote it as it is, of this named secret and after the entry before it. */
  isGenuine: boolean
}

interface Added {
  version: number
  at: number
  content: KmsContent
  /** SHA-256 of the request that put it. */
  digest: Buffer
  /** The token's name. */
  creator: string
  whitelist?: string[] | null
  rotateAfter: number | null
  rotateFrom: number
  /** When to tell that a newer version is due; null: never. */
  remindAt?: number | null
  expiresAt: number | null
}

type Actor = KmsActor | { token: null; caller: Caller }

export type KmsDecision<Outcome> = Decision<Outcome, KmsChange>

export const log = (
  type: KmsEventType,
  at: number,
  version: number | null,
  { token, caller }: Actor,
  reason: KmsRefusal | null = null,
): KmsChange => ({ kind: 'log', type, at, version, actor: token ? { token, caller } : { token, caller }, reason })

/** What the server does by itself. */
export const nobody: Actor = { token: null, caller: { ip: null, userAgent: null, country: null } }

/** When a newer version is due. */
export const dueAt = (from: number, after: number | null): number | null => (after === null ? null : from + after)
