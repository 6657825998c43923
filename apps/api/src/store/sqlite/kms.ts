/**
 * Named secrets on SQLite: loads what domain/kms decides on, and applies what it answers. The statements hold again what
 * can race: the newest number, the quota, what isn't destroyed yet.
 */
import { and, eq, gt, isNull, lte, sql } from 'drizzle-orm'
import type { KmsDecision, KmsName } from '../../domain/kms/decision.ts'
import { deleteAll, destroyVersion, expired, retentionOver, rotationDue } from '../../domain/kms/endings.ts'
import type { KmsActor } from '../../domain/kms/entry.ts'
import type { KmsPatch, KmsPatchOutcome } from '../../domain/kms/patch.ts'
import { patch } from '../../domain/kms/patch.ts'
import { purge, purgeRefusals } from '../../domain/kms/purge.ts'
import type { KmsPut, KmsPutOutcome } from '../../domain/kms/put.ts'
import { put } from '../../domain/kms/put.ts'
import type { KmsReveal, KmsRevealOutcome } from '../../domain/kms/reveal.ts'
import { reveal } from '../../domain/kms/reveal.ts'
import type { KmsSweep } from '../kms.ts'
import type { Drizzle } from './database.ts'
import type { KmsChangeParts } from './kms-changes.ts'
import { openKmsChanges } from './kms-changes.ts'
import { openKmsReads } from './kms-reads.ts'
import { kmsEntries, kmsVersions } from './kms-schema.ts'
import { isNotIn } from './rows.ts'
import { workspaces } from './schema.ts'

const lookAgainMs = 3_600_000

export function openKms(db: Drizzle, parts: KmsChangeParts) {
  const { audit } = parts
  const reads = openKmsReads(db, audit)
  const selectWorkspace = db
    .select({ workspaceCheck: workspaces.workspaceCheck, storedBytes: workspaces.storedBytes })
    .from(workspaces)
    .where(eq(workspaces.id, sql.placeholder('id')))
    .prepare()
  const workspaceOf = (id: number) => selectWorkspace.get({ id }) ?? { workspaceCheck: null, storedBytes: 0 }

  const apply = openKmsChanges(db, parts)

  /** Applies what was decided of a named secret, `id` null where there is none. */
  const carryOut = <Outcome>(
    { workspaceId, handler }: KmsName,
    id: number | undefined,
    { outcome, changes }: KmsDecision<Outcome>,
  ): Outcome => {
    apply({ id: id ?? null, workspaceId, handler }, changes)
    return outcome
  }

  const remind = (now: number, limit: number): number => {
    const rotating = db.select().from(kmsEntries).where(lte(kmsEntries.remindAt, now)).limit(limit).all()
    for (const entry of rotating) apply(entry, rotationDue(entry, entry.remindAt ?? now, now))
    const over = db
      .select({ version: kmsVersions.version, at: kmsVersions.remindAt, entry: kmsEntries })
      .from(kmsVersions)
      .innerJoin(kmsEntries, eq(kmsEntries.id, kmsVersions.entryId))
      .where(lte(kmsVersions.remindAt, now))
      .limit(limit)
      .all()
    for (const { version, at, entry } of over) apply(entry, expired(entry, version, at ?? now, now))
    return rotating.length + over.length
  }

  /** Content whose expiry nobody put off within the retention time. */
  const destroyExpired = (before: number, now: number, limit: number): number => {
    const over = db
      .select({ version: kmsVersions.version, entry: kmsEntries })
      .from(kmsVersions)
      .innerJoin(kmsEntries, eq(kmsEntries.id, kmsVersions.entryId))
      .where(and(lte(kmsVersions.expiresAt, before), isNull(kmsVersions.destroyedAt)))
      .limit(limit)
      .all()
    for (const { version, entry } of over) apply(entry, retentionOver(version, now))
    return over.length
  }

  /** Deleted ones, and refusals, whose log is otherwise: left alone, and looked at again after an hour. */
  const leftAlone = { entries: new Set<number>(), refusals: new Set<number>() }
  let lookAgainAt = 0

  /** How many refusals were looked at. */
  const purgeUnknown = (before: number, now: number, limit: number): number => {
    const refusals = audit.refusalsOfUnknown(before, leftAlone.refusals, limit)
    const { outcome, changes } = purgeRefusals(refusals, { now, retention: now - before })
    for (const id of outcome) leftAlone.refusals.add(id)
    for (const change of changes) audit.purgeKms(change)
    return refusals.length
  }

  /** The logs of those that were deleted before; a tombstone with the newest number stays. */
  const purgeDeleted = (before: number, now: number, limit: number): { purged: number; disputed: number } => {
    if (now >= lookAgainAt) {
      leftAlone.entries.clear()
      leftAlone.refusals.clear()
      lookAgainAt = now + lookAgainMs
    }
    let [disputed, left] = [0, limit - purgeUnknown(before, now, limit)]
    const isOver = and(lte(kmsEntries.deletedAt, before), eq(kmsEntries.purged, false))
    const deleted = db
      .select()
      .from(kmsEntries)
      .where(and(isOver, isNotIn(kmsEntries.id, leftAlone.entries)))
      .limit(limit)
      .all()
    for (const { deletedAt, ...entry } of deleted) {
      if (left <= 0 || deletedAt === null) break
      const entries = audit.entriesOfKms(entry, left)
      const isLast = entries.length < left
      const facts = { deletedAt, loggedDeletion: audit.deletionOf(entry), entries, isLast }
      const { outcome, changes } = purge(facts, { now, retention: now - before })
      apply(entry, changes)
      if (outcome === 'done') left -= entries.length
      else leftAlone.entries.add(entry.id)
      if (outcome === 'disputed') disputed += 1
    }
    return { purged: limit - Math.max(left, 0), disputed }
  }

  return {
    ...reads,

    put(command: KmsPut): KmsPutOutcome {
      const entry = reads.findAny(command) ?? null
      const known = (entry && reads.findVersion(entry.id, command.version)) ?? null
      return carryOut(command, entry?.id, put({ ...workspaceOf(command.workspaceId), entry, known }, command))
    },

    reveal(command: KmsReveal): KmsRevealOutcome {
      const { entry = null, version = null, content = null } = reads.findContent(command, command.version) ?? {}
      return carryOut(command, entry?.id, reveal({ entry, version, content }, command))
    },

    patch(command: KmsPatch): KmsPatchOutcome {
      const entry = reads.findAny(command) ?? null
      const { workspaceCheck } = workspaceOf(command.workspaceId)
      return carryOut(command, entry?.id, patch({ entry, workspaceCheck }, command))
    },

    destroyVersion({ version: number, ...name }: KmsName & { version: number }, actor: KmsActor, now: number): boolean {
      const entry = reads.findAny(name) ?? null
      const version = (entry && reads.findVersion(entry.id, number)) ?? null
      return carryOut(name, entry?.id, destroyVersion({ entry, version }, actor, now))
    },

    delete(name: KmsName, actor: KmsActor, now: number): boolean {
      const entry = reads.findAny(name) ?? null
      return carryOut(name, entry?.id, deleteAll(entry, actor, now))
    },

    /** Named secrets that aren't deleted, or are, otherwise than the log has it: by their first entry. */
    findDisputed(workspaceId: number | null, after: number, limit: number) {
      if (workspaceId === null) return { entries: [], last: after, more: false }
      const rows = db
        .select()
        .from(kmsEntries)
        .where(and(eq(kmsEntries.workspaceId, workspaceId), gt(kmsEntries.id, after)))
        .orderBy(kmsEntries.id)
        .limit(limit)
        .all()
      const isDisputed = (entry: (typeof rows)[number]): boolean =>
        entry.purged && entry.deletedAt !== null
          ? audit.firstOfKms(entry.id) !== 0
          : audit.deletionOf(entry) !== entry.deletedAt
      const entries = rows.filter(isDisputed).map(({ id }) => audit.firstOfKms(id))
      return { entries, last: rows.at(-1)?.id ?? after, more: rows.length === limit }
    },

    /** Up to `limit` of each. */
    sweep(now: number, purgeBefore: number, limit: number): KmsSweep {
      return {
        reminded: remind(now, limit),
        destroyed: destroyExpired(purgeBefore, now, limit),
        ...purgeDeleted(purgeBefore, now, limit),
      }
    },
  }
}
