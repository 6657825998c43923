/** The part of the store's contract that keeps named secrets: docs/kms.md says what they are. */
import type {
  KmsActor,
  KmsContent,
  KmsEntry,
  KmsEvent,
  KmsRecord,
  KmsRefusal,
  KmsVersion,
} from '../domain/kms/entry.ts'
import type { Usage } from '../domain/secrets/usage.ts'

/** A named secret by its workspace and name. */
export interface KmsName {
  workspaceId: number
  handler: string
}

export interface KmsPut extends KmsName, KmsActor {
  version: number
  content: KmsContent
  /** SHA-256 of the request's bytes: the same bytes sent again get the same reply. */
  digest: Buffer
  /** undefined: as it was. */
  meta: string | undefined
  /** CIDR blocks; null: from anywhere; undefined: as it was. */
  whitelist: string[] | null | undefined
  /** null: never; undefined: never, or with `sameValue` as the version before. */
  expiresAt: number | undefined
  /** Milliseconds; null: never; undefined: as it was. */
  rotateAfter: number | null | undefined
  /** The value of the version before, sealed anew: its expiry and its time of rotation stay. */
  sameValue: boolean
  /** Of the key that sealed it: where the workspace has a check value, another or none is refused. */
  workspaceCheck: string | undefined
  now: number
  quota: Pick<Usage, 'storedBytes'>
}

/** The workspace has a check value, and the write was sealed for another or names none. */
interface Rekeyed {
  kind: 'rekeyed'
  workspaceCheck: string
}

export type KmsPutOutcome =
  | { kind: 'put' | 'repeated'; createdAt: number }
  /** Not the newest + 1, or there already with other bytes. */
  | { kind: 'conflict'; newest: number }
  | { kind: 'exceeded'; quota: 'storedBytes'; maximum: number; used: number }
  | Rekeyed

export interface KmsReveal extends KmsName, KmsActor {
  /** null: the newest. */
  version: number | null
  /** The policies' verdict on the rows that the write sees. */
  decide: (entry: KmsEntry | null, version: KmsVersion | null) => KmsRefusal | null
  now: number
}

export type KmsRevealOutcome =
  { kind: 'revealed'; version: number; content: KmsContent } | { kind: 'refused'; reason: KmsRefusal }

export interface KmsPatch extends KmsName, KmsActor {
  meta: string | undefined
  /** null: none; undefined: not asked. */
  previousMeta: string | null | undefined
  whitelist: string[] | null | undefined
  /** Of the newest version; null: never. */
  expiresAt: number | null | undefined
  rotateAfter: number | null | undefined
  /** Refused if the workspace has another; undefined: not asked. */
  workspaceCheck: string | undefined
  now: number
}

export type KmsPatchOutcome =
  | { kind: 'patched'; record: KmsRecord }
  | { kind: 'unknown' }
  /** `previousMeta` isn't what is stored. */
  | { kind: 'conflict' }
  | Rekeyed

export interface KmsListQuery {
  workspaceId: number
  prefix: string
  /** Entries that one of these matches; null: all. */
  patterns: readonly string[] | null
  /** From 1. */
  page: number
  perPage: number
}

export interface KmsEventQuery extends KmsName {
  /** The id after the first that is wanted; undefined: from the newest. */
  before: number | undefined
  limit: number
}

export interface KmsSweep {
  /** Notices told. */
  reminded: number
  destroyed: number
  purged: number
  /** Left alone, because their log doesn't have them deleted then; each is counted once an hour. */
  disputed: number
}

export interface KmsStore {
  /** Adds the version if it is the newest + 1, which the write itself decides. */
  putKms(put: KmsPut): Promise<KmsPutOutcome>
  /** Every call is recorded, refused ones and those for handlers that there aren't too. */
  revealKms(command: KmsReveal): Promise<KmsRevealOutcome>
  patchKms(patch: KmsPatch): Promise<KmsPatchOutcome>
  /** false: there is no such version. Again: nothing more. */
  destroyKmsVersion(name: KmsName & { version: number }, actor: KmsActor, now: number): Promise<boolean>
  /** Destroys every version and keeps the newest number. false: there never was one. Again: nothing more. */
  deleteKms(name: KmsName, actor: KmsActor, now: number): Promise<boolean>
  /** undefined: there is none, or it was deleted. */
  findKms(name: KmsName): Promise<KmsRecord | undefined>
  /** By handler. */
  listKms(query: KmsListQuery): Promise<{ entries: KmsRecord[]; total: number }>
  /** Newest first, those of deleted ones until they are purged; undefined: there never was one. */
  listKmsVersions(
    query: KmsName & { page: number; perPage: number },
  ): Promise<{ versions: KmsVersion[]; total: number } | undefined>
  /** Newest first; undefined: there never was one. */
  listKmsEvents(query: KmsEventQuery): Promise<KmsEvent[] | undefined>
}
