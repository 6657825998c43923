/** Changing what stands beside the content: the owner's metadata, who may ask from where, and times. */
import { unchanged } from '../secrets/decision.ts'
import type { KmsChange, KmsDecision, KmsName } from './decision.ts'
import { dueAt, log } from './decision.ts'
import type { KmsActor, KmsRecord } from './entry.ts'
import type { Rekeyed } from './workspace-key.ts'
import { rekeyed } from './workspace-key.ts'

/** undefined: as it was. */
export interface KmsPatch extends KmsName, KmsActor {
  meta: string | undefined
  /** What `meta` replaces; null: none; undefined: not asked. */
  previousMeta: string | null | undefined
  whitelist: string[] | null | undefined
  /** Of the newest version; null: never. */
  expiresAt: number | null | undefined
  rotateAfter: number | null | undefined
  /** Refused if the workspace has another; undefined: not asked. */
  workspaceCheck: string | undefined
  now: number
}

export interface KmsPatchFacts {
  /** Deleted ones too; null: there never was one. */
  entry: KmsRecord | null
  workspaceCheck: string | null
}

export type KmsPatchOutcome =
  | { kind: 'patched'; record: KmsRecord }
  | { kind: 'unknown' }
  /** `previousMeta` isn't what is stored. */
  | { kind: 'conflict' }
  | Rekeyed

export function patch({ entry, workspaceCheck }: KmsPatchFacts, command: KmsPatch): KmsDecision<KmsPatchOutcome> {
  if (!entry || entry.deletedAt !== null) return unchanged({ kind: 'unknown' })
  const refused = command.workspaceCheck === undefined ? null : rekeyed(command.workspaceCheck, workspaceCheck)
  if (refused) return unchanged(refused)
  const { meta, previousMeta, expiresAt, now } = command
  if (previousMeta !== undefined && previousMeta !== entry.meta) return unchanged({ kind: 'conflict' })
  const whitelist = command.whitelist === undefined ? entry.whitelist : command.whitelist
  const rotateAfter = command.rotateAfter === undefined ? entry.rotateAfter : command.rotateAfter
  const setsExpiry = expiresAt !== undefined && entry.destroyedAt === null
  const changes: KmsChange[] = [
    {
      kind: 'configure',
      at: now,
      ...(command.whitelist !== undefined && { whitelist }),
      ...(command.rotateAfter !== undefined && { rotateAfter }),
      ...(rotateAfter !== entry.rotateAfter && { remindAt: dueAt(entry.rotateFrom, rotateAfter) }),
    },
    ...(setsExpiry ? [{ kind: 'set expiry', version: entry.newest, expiresAt } as const] : []),
    ...(meta === undefined ? [] : [{ kind: 'replace meta', meta } as const]),
    log('kms.updated', now, null, command),
  ]
  const record: KmsRecord = {
    ...entry,
    updatedAt: now,
    whitelist,
    rotateAfter,
    meta: meta ?? entry.meta,
    expiresAt: setsExpiry ? expiresAt : entry.expiresAt,
  }
  return { outcome: { kind: 'patched', record }, changes }
}
