/**
 * What a database must do for Halfkey. Both databases keep this contract; one suite tests it on each.
 *
 * Every write is durable when its promise settles. Whatever can race (views, expiry, attempts, recorded reveals) is
 * decided inside the write itself, never by a read before it. A write that throws has changed nothing; storage that
 * is full, read-only or broken throws `StoreUnavailable`.
 */
import type { AuditEntry, AuditHead } from '../domain/audit/entry.ts'
import type { KmsEventType } from '../domain/kms/entry.ts'
import type { RequestEventType } from '../domain/requests/request.ts'
import type { DisputedRecords, RecordsAfter } from '../domain/audit/verify.ts'
import type { AckOutcome } from '../domain/secrets/ack.ts'
import type { CodeCommand, CodeOutcome } from '../domain/secrets/code.ts'
import type { CreateOutcome } from '../domain/secrets/create.ts'
import type { PatchCommand, PatchOutcome } from '../domain/secrets/patch.ts'
import type { RevealCommand, RevealOutcome } from '../domain/secrets/reveal.ts'
import type { Caller, EventType, NewSecret, Secret, SecretEvent, State, Verifiers } from '../domain/secrets/secret.ts'
import type { Usage } from '../domain/secrets/usage.ts'
import type { Token } from '../domain/tokens/token.ts'
import type { AttachmentStore } from './attachments.ts'
import type { KmsStore } from './kms.ts'
import type { OutboxStore } from './outbox.ts'
import type { RequestStore } from './requests.ts'

export class StoreUnavailable extends Error {
  override readonly name: string = 'StoreUnavailable'
}

/** The database's bytes are wrong: nothing but a restore mends that. */
export class StoreDamaged extends StoreUnavailable {
  override readonly name = 'StoreDamaged'
}

export type { AwaitedRequest } from './requests.ts'
export type { AckOutcome } from '../domain/secrets/ack.ts'
export type { CaptchaShown } from '../domain/secrets/attempt.ts'
export type { CodeCommand, CodeOutcome } from '../domain/secrets/code.ts'
export type { CreateOutcome } from '../domain/secrets/create.ts'
export type { Patch, PatchCommand, PatchOutcome } from '../domain/secrets/patch.ts'
export type { RevealCommand, RevealOutcome } from '../domain/secrets/reveal.ts'
export type { Usage } from '../domain/secrets/usage.ts'
export type { DisputedRecords, RecordsAfter } from '../domain/audit/verify.ts'

/** A refusal that is recorded after its reply, or that a request was looked at. */
export interface LateDenial {
  type: 'denied' | 'request.refused' | 'request.seen'
  /** Of a secret, or request, that may not exist. */
  slug: string
  /** null: not refused. */
  reason: string | null
  at: number
  caller: Caller
}

export interface ListQuery {
  workspaceId: number
  /** Default: all. */
  states?: readonly State[]
  creator?: string
  /** From 1. */
  page: number
  perPage: number
}

export type SecretRecord = Secret & { note: string | null; meta: string | null; sealedOtp: Buffer | null }

export interface SecretList {
  secrets: SecretRecord[]
  total: number
}

/** Kept by counters in the writing transaction. Days are UTC; weeks start on Monday. */
export interface Stats {
  created: number
  createdToday: number
  createdThisWeek: number
  createdThisMonth: number
  withPassword: number
  views: number
  /** Records present, by state. */
  present: Record<State, number>
}

export interface Workspace extends Usage {
  id: number
  name: string
  workspaceCheck: string | null
}

export interface SweepReport {
  expired: number
  destroyed: number
  purged: number
  /** Records that were left alone, because their log has other times or another end; each is counted once an hour. */
  disputed: number
  /** Requests whose time has run out; purged ones count among `purged`. */
  requestsExpired: number
  /** Notices of named secrets that expired or are due for a newer version. */
  reminded: number
}

/** Entries of one workspace's log, oldest first; null: of the secrets made without a token. */
export interface AuditQuery {
  workspaceId: number | null
  /** Of named secrets only those whose handlers these match; null or undefined: all. Never hides other entries. */
  patterns?: readonly string[] | null | undefined
  /** The id before the first that is wanted. */
  after: number
  limit: number
  /** `since` is included, `until` isn't: milliseconds since the epoch. */
  since?: number | undefined
  until?: number | undefined
  type?: EventType | KmsEventType | RequestEventType | undefined
  slug?: string | undefined
  handler?: string | undefined
}

/** What tells whose a secret is, and what a call needs of it before the write that decides. */
export type SecretVerifiers = Verifiers &
  Pick<
    Secret,
    'id' | 'slug' | 'requestId' | 'workspaceId' | 'state' | 'captcha' | 'otpType' | 'expiresAt' | 'attachmentsCount'
  >

export interface Store extends AttachmentStore, OutboxStore, KmsStore, RequestStore {
  /** `quota` is the most that the secret's workspace, or all secrets made without a token, may use afterwards. */
  createSecret(secret: NewSecret, caller: Caller, quota?: Usage): Promise<CreateOutcome>
  findSecret(slug: string): Promise<Secret | undefined>
  /**
   * Those of the slug, or of another one where there is none (claim C3: both must take as long), so that the slug is to
   * be compared too.
   */
  findVerifiers(slug: string): Promise<SecretVerifiers>
  /** The record with the note (null once destroyed) and the owner's metadata. */
  readRecord(id: number): Promise<SecretRecord | undefined>
  /** Spends a view and records the id, or repeats a recorded reply, or refuses: spec/protocol.md section 9, step 3. */
  reveal(command: RevealCommand): Promise<RevealOutcome>
  /** Section 9, step 2: checks the policies and records a code, or refuses and records nothing. */
  recordCode(command: CodeCommand): Promise<CodeOutcome>
  /** Section 9, step 4. Destroys content and files if it was the last reveal that needed them. */
  ackReveal(secretId: number, revealId: Buffer, now: number, caller: Caller): Promise<AckOutcome>
  /** Ends a secret and destroys its content, whatever reveals are open. Ended ones stay as they are. */
  burn(secretId: number, now: number, caller: Caller, reason?: 'operator'): Promise<void>
  /**
   * Removes the record of an ended secret, and what its log says; the hashes of the log stay. false: the record isn't
   * as its log has it, and stays.
   */
  purge(secretId: number, now: number): Promise<boolean>
  /** Nothing is loosened; of an ended secret only the metadata can be replaced, by a patch of nothing else. */
  patch(secretId: number, command: PatchCommand): Promise<PatchOutcome>
  /** Newest first. */
  listSecrets(query: ListQuery): Promise<SecretList>
  /** Oldest first: everything but refusals, and the newest 1000 of those. */
  listEvents(secretId: number): Promise<SecretEvent[]>
  /** Passes over slugs that no secret had by then. Costs a commit even if there is nothing to record. */
  recordDenials(denials: readonly LateDenial[], now: number): Promise<void>
  readAudit(query: AuditQuery): Promise<AuditEntry[]>
  /** null: the log is empty. */
  readAuditHead(workspaceId: number | null): Promise<AuditHead | null>
  /** Every workspace that has a log; null: that of the secrets made without a token. */
  listAuditChains(): Promise<(number | null)[]>
  /** Secrets, named secrets and requests of the workspace whose records aren't as the log has them, of at most `limit` each. */
  findDisputed(workspaceId: number | null, after: RecordsAfter, limit: number): Promise<DisputedRecords>
  readStats(workspaceId: number, now: number): Promise<Stats>

  findToken(id: string): Promise<Token | undefined>
  createToken(token: Token): Promise<void>
  listTokens(workspaceId: number): Promise<Token[]>
  /** The ids of the tokens that are revoked then: itself and, if asked for, its descendants; empty: there is no such token. */
  revokeToken(workspaceId: number, id: string, now: number, withDescendants?: boolean): Promise<string[]>
  /** When tokens were last used, by their ids. */
  recordTokenUse(used: ReadonlyMap<string, number>): Promise<void>

  findWorkspace(id: number): Promise<Workspace | undefined>
  /** The first workspace, made with `name` if there is none. */
  firstWorkspace(name: string, now: number): Promise<Workspace>
  hasTokens(): Promise<boolean>
  /** Sets it if there is none, or if `previous` is the one there is; returns what is set afterwards. */
  setWorkspaceCheck(id: number, check: string, previous?: string): Promise<string>

  /** A small value kept beside the data, such as the server key's check. */
  readSetting(name: string): Promise<string | undefined>
  writeSetting(name: string, value: string): Promise<void>

  /** Ends what expired and uploads that were abandoned, destroys what no reveal needs any more, purges what ended before `purgeBefore`. */
  sweep(now: number, purgeBefore: number): Promise<SweepReport>
  /** Leaves no byte of what was destroyed in any of the database's files. */
  scrub(): Promise<void>
  /** Takes back the space of what was destroyed; keeps everybody waiting meanwhile. */
  compact(): Promise<void>
  /** Throws `StoreUnavailable` if it can't write, and `StoreDamaged` once any call has met damage. */
  ping(now: number): Promise<void>
  close(): Promise<void>
}
