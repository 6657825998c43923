/**
 * What a database must do for Halfkey. Both databases keep this contract; one suite tests it on each.
 *
 * Every write is durable when its promise settles. Whatever can race (views, expiry, attempts, recorded reveals) is
 * decided inside the write itself, never by a read before it. A write that throws has changed nothing; storage that
 * is full, read-only or broken throws `StoreUnavailable`.
 */
import type { Denial, Facts } from '../policies/policy.ts'
import type { Caller, Content, NewSecret, Secret, SecretEvent, State } from '../secrets/secret.ts'
import type { Token } from '../tokens/token.ts'

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

export type CreateOutcome =
  | { kind: 'created'; createdAt: number }
  /** The same owner sent the same bytes before, at `createdAt`. */
  | { kind: 'repeated'; createdAt: number }
  | { kind: 'conflict' }

export interface RevealCommand {
  secretId: number
  /** 16 bytes. */
  revealId: Buffer
  /** SHA-256 of the password proof that was sent, or null. */
  proofVerifier: Buffer | null
  /** The policies' verdict on the row that the write sees. */
  decide: (secret: Secret, proof: Facts['proof']) => Denial | null
  now: number
  graceMs: number
  caller: Caller
}

export type RevealOutcome = { kind: 'revealed'; content: Content } | { kind: 'denied'; denial: Denial }

export type AckOutcome = 'acked' | 'unknown'

export interface Patch {
  expiresAt?: number
  maximumViews?: number
  unlock?: true
  meta?: string
}

export type PatchOutcome = { kind: 'patched' } | { kind: 'ended' } | { kind: 'loosened'; fields: (keyof Patch)[] }

export interface ListQuery {
  workspaceId: number
  state?: State
  creator?: string
  /** From 1. */
  page: number
  perPage: number
}

export type SecretRecord = Secret & { note: string | null; meta: string | null }

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

export interface Workspace {
  id: number
  name: string
  workspaceCheck: string | null
}

export interface SweepReport {
  expired: number
  destroyed: number
  purged: number
}

export interface Store {
  createSecret(secret: NewSecret, caller: Caller): Promise<CreateOutcome>
  findSecret(slug: string): Promise<Secret | undefined>
  /** The record with the note (null once destroyed) and the owner's metadata. */
  readRecord(id: number): Promise<SecretRecord | undefined>
  /** Spends a view and records the id, or repeats a recorded reply, or refuses: spec/protocol.md section 9, step 3. */
  reveal(command: RevealCommand): Promise<RevealOutcome>
  /** Section 9, step 4. Destroys the content if it was the last reveal that needed it. */
  ackReveal(secretId: number, revealId: Buffer, now: number, caller: Caller): Promise<AckOutcome>
  /** Ends a secret and destroys its content, whatever reveals are open. Ended ones stay as they are. */
  burn(secretId: number, now: number, caller: Caller): Promise<void>
  /** Removes the record of an ended secret. */
  purge(secretId: number): Promise<void>
  patch(secretId: number, patch: Patch, now: number): Promise<PatchOutcome>
  recordDenial(secretId: number, reason: string, now: number, caller: Caller): Promise<void>
  /** Newest first. */
  listSecrets(query: ListQuery): Promise<SecretList>
  listEvents(secretId: number): Promise<SecretEvent[]>
  readStats(workspaceId: number, now: number): Promise<Stats>

  findToken(id: string): Promise<Token | undefined>
  createToken(token: Token): Promise<void>
  listTokens(workspaceId: number): Promise<Token[]>
  /** false: there is no such token in the workspace. */
  revokeToken(workspaceId: number, id: string, now: number): Promise<boolean>

  findWorkspace(id: number): Promise<Workspace | undefined>
  /** The first workspace, made with `name` if there is none. */
  firstWorkspace(name: string, now: number): Promise<Workspace>
  hasTokens(): Promise<boolean>
  /** Sets it once; returns what is set afterwards. */
  setWorkspaceCheck(id: number, check: string): Promise<string>

  /** A small value kept beside the data, such as the server key's check. */
  readSetting(name: string): Promise<string | undefined>
  writeSetting(name: string, value: string): Promise<void>

  /** Ends what expired, destroys what no reveal needs any more, purges what ended before `purgeBefore`. */
  sweep(now: number, purgeBefore: number): Promise<SweepReport>
  /** Leaves no byte of what was destroyed in any of the database's files. */
  scrub(): Promise<void>
  /** Takes back the space of what was destroyed; keeps everybody waiting meanwhile. */
  compact(): Promise<void>
  /** Throws `StoreUnavailable` if it can't write. */
  ping(now: number): Promise<void>
  close(): Promise<void>
}
