/** Writes on named secrets: the number of a version is decided in the statement that takes it. */
import { and, eq, gt, isNull, lte, sql, sum } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { KmsActor, KmsRecord } from '../../domain/kms/entry.ts'
import { newEntryId } from '../../domain/kms/entry.ts'
import { kmsNotice } from '../../domain/notices/notice.ts'
import type { Caller } from '../../domain/secrets/secret.ts'
import type {
  KmsName,
  KmsPatch,
  KmsPatchOutcome,
  KmsPut,
  KmsPutOutcome,
  KmsReveal,
  KmsRevealOutcome,
  KmsSweep,
} from '../kms.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import { openKmsReads } from './kms-reads.ts'
import { kmsEntries, kmsMetas, kmsVault, kmsVersions } from './kms-schema.ts'
import type { Outbox } from './outbox.ts'
import { isNotIn, unb64, utf8 } from './rows.ts'
import { workspaces } from './schema.ts'
import type { Scrubber } from './scrubber.ts'

const nobody: { token: null; caller: Caller } = { token: null, caller: { ip: null, userAgent: null, country: null } }
const nothing = { sealedKeyA: null, salt: null, iv: null, commitment: null, ciphertext: null }

const lookAgainMs = 3_600_000

const isDue = (from: number, after: number | null): number | null => (after === null ? null : from + after)

export function openKms(db: Drizzle, counters: Counters, audit: Audit, outbox: Outbox, scrubber: Scrubber) {
  const reads = openKmsReads(db, audit)

  /** What the workspace's check value is, if it has one and the write was sealed for another or names none. */
  const otherCheck = (workspaceId: number, expected: string | undefined): string | null => {
    const row = db.select({ check: workspaces.workspaceCheck }).from(workspaces).where(eq(workspaces.id, workspaceId))
    const check = row.get()?.check ?? null
    return check === expected ? null : check
  }

  const replaceMeta = (entryId: number, meta: string | null): void => {
    db.update(kmsMetas).set({ meta: null }).where(eq(kmsMetas.entryId, entryId)).run()
    scrubber.overwritten()
    if (meta !== null)
      db.insert(kmsMetas)
        .values({ entryId, meta: utf8(meta) })
        .run()
  }

  /** Nulls content in place: secure_delete overwrites the bytes, and no row moves. How many versions that were. */
  const destroy = ({ id: entryId, workspaceId }: Pick<KmsRecord, 'id' | 'workspaceId'>, now: number, which?: SQL) => {
    const alive = and(eq(kmsVersions.entryId, entryId), isNull(kmsVersions.destroyedAt), which)
    const contents = sql`${kmsVault.id} IN ${db.select({ id: kmsVersions.id }).from(kmsVersions).where(alive)}`
    const bytes = sum(sql`length(${kmsVault.ciphertext})`).mapWith(Number)
    counters.freeBytes(workspaceId, db.select({ bytes }).from(kmsVault).where(contents).get()?.bytes ?? 0)
    db.update(kmsVault).set(nothing).where(contents).run()
    const { changes } = db.update(kmsVersions).set({ destroyedAt: now, remindAt: null }).where(alive).run()
    db.update(kmsEntries)
      .set({ versions: sql`${kmsEntries.versions} - ${changes}`, updatedAt: now })
      .where(eq(kmsEntries.id, entryId))
      .run()
    scrubber.overwritten()
    return changes
  }

  /** Takes the number, which must be the newest + 1; undefined: it isn't. */
  const takeNumber = (put: KmsPut, entry: KmsRecord | undefined): number | undefined => {
    const { workspaceId, handler, version, now } = put
    const rotateAfter = put.rotateAfter === undefined ? (entry?.rotateAfter ?? null) : put.rotateAfter
    const keepsTime = put.sameValue && entry !== undefined
    const rotateFrom = keepsTime ? entry.rotateFrom : now
    const changed = {
      newest: version,
      updatedAt: now,
      rotateAfter,
      rotateFrom,
      ...((!keepsTime || rotateAfter !== entry.rotateAfter) && { remindAt: isDue(rotateFrom, rotateAfter) }),
      ...(put.whitelist !== undefined && { whitelist: put.whitelist }),
    }
    if (entry)
      return db
        .update(kmsEntries)
        .set({ ...changed, versions: sql`${kmsEntries.versions} + 1`, deletedAt: null, purged: false })
        .where(and(eq(kmsEntries.id, entry.id), eq(kmsEntries.newest, version - 1)))
        .returning({ id: kmsEntries.id })
        .all()[0]?.id
    if (version !== 1) return undefined
    return db
      .insert(kmsEntries)
      .values({ ...changed, workspaceId, handler, publicId: newEntryId(), versions: 1, createdAt: now })
      .returning({ id: kmsEntries.id })
      .get().id
  }

  const patchRow = (entry: KmsRecord, { whitelist, rotateAfter, expiresAt, meta, now }: KmsPatch): void => {
    db.update(kmsEntries)
      .set({
        updatedAt: now,
        ...(whitelist !== undefined && { whitelist }),
        ...(rotateAfter !== undefined && { rotateAfter }),
        ...(rotateAfter !== undefined &&
          rotateAfter !== entry.rotateAfter && { remindAt: isDue(entry.rotateFrom, rotateAfter) }),
      })
      .where(eq(kmsEntries.id, entry.id))
      .run()
    if (expiresAt !== undefined)
      db.update(kmsVersions)
        .set({ expiresAt, remindAt: expiresAt })
        .where(
          and(
            eq(kmsVersions.entryId, entry.id),
            eq(kmsVersions.version, entry.newest),
            isNull(kmsVersions.destroyedAt),
          ),
        )
        .run()
    if (meta !== undefined) replaceMeta(entry.id, meta)
  }

  const remind = (now: number, limit: number): number => {
    const rotating = db.select().from(kmsEntries).where(lte(kmsEntries.remindAt, now)).limit(limit).all()
    for (const { id, workspaceId, handler, newest, remindAt } of rotating) {
      outbox.tellKms(workspaceId, kmsNotice('kms.rotation_due', handler, newest, remindAt ?? now), now)
      db.update(kmsEntries).set({ remindAt: null }).where(eq(kmsEntries.id, id)).run()
    }
    const expired = db
      .select({ id: kmsVersions.id, version: kmsVersions.version, at: kmsVersions.remindAt, entry: kmsEntries })
      .from(kmsVersions)
      .innerJoin(kmsEntries, eq(kmsEntries.id, kmsVersions.entryId))
      .where(lte(kmsVersions.remindAt, now))
      .limit(limit)
      .all()
    for (const { id, version, at, entry } of expired) {
      outbox.tellKms(entry.workspaceId, kmsNotice('kms.expired', entry.handler, version, at ?? now), now)
      audit.recordKms({ ...entry, version }, 'kms.expired', at ?? now, nobody)
      db.update(kmsVersions).set({ remindAt: null }).where(eq(kmsVersions.id, id)).run()
    }
    return rotating.length + expired.length
  }

  /** Content whose expiry nobody extended within the retention time. */
  const destroyExpired = (before: number, now: number, limit: number): number => {
    const expired = db
      .select({ versionId: kmsVersions.id, version: kmsVersions.version, entry: kmsEntries })
      .from(kmsVersions)
      .innerJoin(kmsEntries, eq(kmsEntries.id, kmsVersions.entryId))
      .where(and(lte(kmsVersions.expiresAt, before), isNull(kmsVersions.destroyedAt)))
      .limit(limit)
      .all()
    for (const { versionId, version, entry } of expired) {
      destroy(entry, now, eq(kmsVersions.id, versionId))
      audit.recordKms({ ...entry, version }, 'kms.destroyed', now, nobody)
    }
    return expired.length
  }

  /** Deleted ones whose log doesn't have it so: left alone, and looked at again after an hour. */
  const leftAlone = new Set<number>()
  let lookAgainAt = 0

  /** The logs of those that were deleted before; a tombstone with the newest number stays. */
  const purge = (before: number, now: number, limit: number): { purged: number; disputed: number } => {
    if (now >= lookAgainAt) {
      leftAlone.clear()
      lookAgainAt = now + lookAgainMs
    }
    let disputed = 0
    let left = limit - audit.purgeUnknownHandlers(before, now, limit)
    const deleted = db
      .select()
      .from(kmsEntries)
      .where(and(lte(kmsEntries.deletedAt, before), eq(kmsEntries.purged, false), isNotIn(kmsEntries.id, leftAlone)))
      .limit(limit)
      .all()
    for (const { deletedAt, ...entry } of deleted) {
      if (left <= 0 || deletedAt === null) break
      const done = audit.purgeKms({ ...entry, deletedAt }, now, now - before, left)
      if (done === null) {
        leftAlone.add(entry.id)
        disputed += 1
        continue
      }
      left -= done
      if (left <= 0) break
      db.delete(kmsVersions).where(eq(kmsVersions.entryId, entry.id)).run()
      db.update(kmsEntries).set({ purged: true }).where(eq(kmsEntries.id, entry.id)).run()
    }
    return { purged: limit - Math.max(left, 0), disputed }
  }

  return {
    ...reads,

    put(put: KmsPut): KmsPutOutcome {
      const { version, now, token } = put
      const entry = reads.findAny(put)
      const known = entry && reads.findDigest(entry.id, version)
      if (known?.digest.equals(put.digest)) return { kind: 'repeated', createdAt: known.createdAt }
      if (version !== (entry?.newest ?? 0) + 1) return { kind: 'conflict', newest: entry?.newest ?? 0 }
      const workspaceCheck = otherCheck(put.workspaceId, put.workspaceCheck)
      if (workspaceCheck !== null) return { kind: 'rekeyed', workspaceCheck }
      const { sealedKeyA, envelope } = put.content
      const ciphertext = unb64(envelope.ciphertext)
      const exceeded = counters.reserveBytes(put.workspaceId, ciphertext.length, put.quota)
      if (exceeded) return { kind: 'exceeded', ...exceeded }

      const entryId = takeNumber(put, entry)
      if (entryId === undefined) throw new Error('a version’s number that was free could not be taken')
      const expiresAt = put.expiresAt ?? (put.sameValue ? (entry?.expiresAt ?? null) : null)
      const { id } = db
        .insert(kmsVersions)
        .values({
          entryId,
          version,
          digest: put.digest,
          creator: token.name,
          createdAt: now,
          expiresAt,
          remindAt: expiresAt,
        })
        .returning({ id: kmsVersions.id })
        .get()
      const { salt, iv, commitment } = envelope
      db.insert(kmsVault)
        .values({ id, sealedKeyA, salt: unb64(salt), iv: unb64(iv), commitment: unb64(commitment), ciphertext })
        .run()
      if (put.meta !== undefined) replaceMeta(entryId, put.meta)
      audit.recordKms({ ...put, id: entryId }, 'kms.put', now, put)
      return { kind: 'put', createdAt: now }
    },

    reveal(command: KmsReveal): KmsRevealOutcome {
      const { workspaceId, handler, now } = command
      const found = reads.findContent(command, command.version)
      const entry = found && found.entry.deletedAt === null ? found.entry : null
      const version = found?.version ?? null
      const reason = command.decide(entry, version)
      const number = version?.version ?? command.version
      const subject = { id: found?.entry.id ?? null, workspaceId, handler, version: number }
      audit.recordKms(subject, reason === null ? 'kms.revealed' : 'kms.denied', now, command, reason)
      if (reason !== null) return { kind: 'refused', reason }
      const content = found?.content
      if (!content || number === null) throw new Error('a version that every policy allows has no content')
      return { kind: 'revealed', version: number, content }
    },

    patch(patch: KmsPatch): KmsPatchOutcome {
      const entry = reads.find(patch)
      if (!entry) return { kind: 'unknown' }
      const workspaceCheck =
        patch.workspaceCheck === undefined ? null : otherCheck(patch.workspaceId, patch.workspaceCheck)
      if (workspaceCheck !== null) return { kind: 'rekeyed', workspaceCheck }
      if (patch.previousMeta !== undefined && patch.previousMeta !== entry.meta) return { kind: 'conflict' }
      patchRow(entry, patch)
      audit.recordKms({ ...entry, version: null }, 'kms.updated', patch.now, patch)
      return { kind: 'patched', record: reads.find(patch) ?? entry }
    },

    destroyVersion({ version, ...name }: KmsName & { version: number }, actor: KmsActor, now: number): boolean {
      const entry = reads.findAny(name)
      if (!entry || !reads.findDigest(entry.id, version)) return false
      if (destroy(entry, now, eq(kmsVersions.version, version)) > 0)
        audit.recordKms({ ...entry, version }, 'kms.destroyed', now, actor)
      return true
    },

    delete(name: KmsName, actor: KmsActor, now: number): boolean {
      const entry = reads.findAny(name)
      if (!entry) return false
      if (entry.deletedAt !== null) return true
      destroy(entry, now)
      replaceMeta(entry.id, null)
      db.update(kmsEntries)
        .set({ deletedAt: now, whitelist: null, rotateAfter: null, remindAt: null })
        .where(eq(kmsEntries.id, entry.id))
        .run()
      audit.recordKms({ ...entry, version: null }, 'kms.deleted', now, actor)
      return true
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
        ...purge(purgeBefore, now, limit),
      }
    },
  }
}
