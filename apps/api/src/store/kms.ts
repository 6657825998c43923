/** The part of the store's contract that keeps named secrets: docs/kms.md says what they are. */
import type { KmsName } from '../domain/kms/decision.ts'
import type { KmsActor, KmsEvent, KmsRecord, KmsVersion } from '../domain/kms/entry.ts'
import type { KmsPatch, KmsPatchOutcome } from '../domain/kms/patch.ts'
import type { KmsPut, KmsPutOutcome } from '../domain/kms/put.ts'
import type { KmsReveal, KmsRevealOutcome } from '../domain/kms/reveal.ts'

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
