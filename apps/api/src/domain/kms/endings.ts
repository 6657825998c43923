/** How versions and named secrets end, and who is told when a time is over. Asked for again, an end changes nothing. */
import { kmsNotice } from '../notices/notice.ts'
import { unchanged } from '../secrets/decision.ts'
import type { KmsChange, KmsDecision } from './decision.ts'
import { log, nobody } from './decision.ts'
import type { KmsActor, KmsEntry } from './entry.ts'

interface DestroyFacts {
  /** null: there never was one. */
  entry: KmsEntry | null
  /** The one to be destroyed; null: there is none. */
  version: { version: number; destroyedAt: number | null } | null
}

/** false: there is no such version. */
export function destroyVersion({ entry, version }: DestroyFacts, actor: KmsActor, now: number): KmsDecision<boolean> {
  if (!entry || !version) return unchanged(false)
  if (version.destroyedAt !== null) return unchanged(true)
  return {
    outcome: true,
    changes: [
      { kind: 'destroy', version: version.version, at: now },
      log('kms.destroyed', now, version.version, actor),
    ],
  }
}

/** Every version, the metadata and the configuration; the newest number stays. false: there never was one. */
export function deleteAll(entry: KmsEntry | null, actor: KmsActor, now: number): KmsDecision<boolean> {
  if (!entry) return unchanged(false)
  if (entry.deletedAt !== null) return unchanged(true)
  return {
    outcome: true,
    changes: [
      { kind: 'destroy', version: null, at: now },
      { kind: 'replace meta', meta: null },
      { kind: 'delete', at: now },
      log('kms.deleted', now, null, actor),
    ],
  }
}

/** A newer version has been due since `at`. */
export const rotationDue = ({ handler, newest }: KmsEntry, at: number, now: number): KmsChange[] => [
  { kind: 'notify', notice: kmsNotice('kms.rotation_due', handler, newest, at), at: now },
  { kind: 'forget rotation reminder' },
]

/** A version isn't given out any more since `at`. */
export const expired = ({ handler }: KmsEntry, version: number, at: number, now: number): KmsChange[] => [
  { kind: 'notify', notice: kmsNotice('kms.expired', handler, version, at), at: now },
  log('kms.expired', at, version, nobody),
  { kind: 'forget expiry reminder', version },
]

/** A version expired, and nobody put that off within the retention time. */
export const retentionOver = (version: number, now: number): KmsChange[] => [
  { kind: 'destroy', version, at: now },
  log('kms.destroyed', now, version, nobody),
]
