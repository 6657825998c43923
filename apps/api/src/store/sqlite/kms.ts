/**
 * Named secrets on SQLite: loads what domain/kms decides on, and applies what it answers. The statements hold again what
 * can race: the newest number, the quota, what isn't destroyed yet.
 */
import { and, eq, gt, isNull, lte, sql, sum } from 'drizzle-orm'
import type { KmsChange, KmsDecision, KmsName } from '../../domain/kms/decision.ts'
import { deleteAll, destroyVersion, expired, retentionOver, rotationDue } from '../../domain/kms/endings.ts'
import type { KmsActor } from '../../domain/kms/entry.ts'
import { newEntryId } from '../../domain/kms/entry.ts'
import type { KmsPatch, KmsPatchOutcome } from '../../domain/kms/patch.ts'
import { patch } from '../../domain/kms/patch.ts'
import type { KmsPut, KmsPutOutcome } from '../../domain/kms/put.ts'
import { put } from '../../domain/kms/put.ts'
import type { KmsReveal, KmsRevealOutcome } from '../../domain/kms/reveal.ts'
import { reveal } from '../../domain/kms/reveal.ts'
import type { KmsSweep } from '../kms.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import { openKmsReads } from './kms-reads.ts'
import { kmsEntries, kmsMetas, kmsVault, kmsVersions } from './kms-schema.ts'
import type { Outbox } from './outbox.ts'
import { isNotIn, unb64, utf8 } from './rows.ts'
import { workspaces } from './schema.ts'
import type { Scrubber } from './scrubber.ts'

const nothing = { sealedKeyA: null, salt: null, iv: null, commitment: null, ciphertext: null }

const lookAgainMs = 3_600_000

type Added = Extract<KmsChange, { kind: 'add version' | 'make' }>

/** A named secret that changes apply to; `id` null: it is made by the first of them, or there is none. */
interface Subject extends KmsName {
  id: number | null
}

export function openKms(db: Drizzle, counters: Counters, audit: Audit, outbox: Outbox, scrubber: Scrubber) {
  const reads = openKmsReads(db, audit)
  const selectWorkspace = db
    .select({ workspaceCheck: workspaces.workspaceCheck, storedBytes: workspaces.storedBytes })
    .from(workspaces)
    .where(eq(workspaces.id, sql.placeholder('id')))
    .prepare()
  const workspaceOf = (id: number) => selectWorkspace.get({ id }) ?? { workspaceCheck: null, storedBytes: 0 }

  const replaceMeta = (entryId: number, meta: string | null): void => {
    db.update(kmsMetas).set({ meta: null }).where(eq(kmsMetas.entryId, entryId)).run()
    scrubber.overwritten()
    if (meta !== null)
      db.insert(kmsMetas)
        .values({ entryId, meta: utf8(meta) })
        .run()
  }

  /** Nulls content in place: secure_delete overwrites the bytes, and no row moves. */
  const destroy = (entryId: number, workspaceId: number, version: number | null, at: number): void => {
    const which = version === null ? undefined : eq(kmsVersions.version, version)
    const alive = and(eq(kmsVersions.entryId, entryId), isNull(kmsVersions.destroyedAt), which)
    const contents = sql`${kmsVault.id} IN ${db.select({ id: kmsVersions.id }).from(kmsVersions).where(alive)}`
    const bytes = sum(sql`length(${kmsVault.ciphertext})`).mapWith(Number)
    counters.freeBytes(workspaceId, db.select({ bytes }).from(kmsVault).where(contents).get()?.bytes ?? 0)
    db.update(kmsVault).set(nothing).where(contents).run()
    const { changes } = db.update(kmsVersions).set({ destroyedAt: at, remindAt: null }).where(alive).run()
    db.update(kmsEntries)
      .set({ versions: sql`${kmsEntries.versions} - ${changes}`, updatedAt: at })
      .where(eq(kmsEntries.id, entryId))
      .run()
    scrubber.overwritten()
  }

  const takeNumber = ({ id, workspaceId, handler }: Subject, added: Added): number => {
    const { version, at, whitelist, rotateAfter, rotateFrom, remindAt } = added
    // What is undefined Drizzle leaves as it is.
    const configured = { newest: version, updatedAt: at, whitelist, rotateAfter, rotateFrom, remindAt }
    if (added.kind === 'make')
      return db
        .insert(kmsEntries)
        .values({
          ...configured,
          workspaceId,
          handler,
          publicId: newEntryId(),
          versions: 1,
          createdAt: at,
        })
        .returning({ id: kmsEntries.id })
        .get().id
    const [taken] = db
      .update(kmsEntries)
      .set({ ...configured, versions: sql`${kmsEntries.versions} + 1`, deletedAt: null, purged: false })
      .where(and(eq(kmsEntries.id, id ?? 0), eq(kmsEntries.newest, version - 1)))
      .returning({ id: kmsEntries.id })
      .all()
    if (!taken) throw new Error('the number of a version was taken since the newest was read')
    return taken.id
  }

  const addVersion = (subject: Subject, added: Added): number => {
    const { version, digest, creator, at, expiresAt, content } = added
    const { salt, iv, commitment, ciphertext } = content.envelope
    const entryId = takeNumber(subject, added)
    const { id } = db
      .insert(kmsVersions)
      .values({ entryId, version, digest, creator, createdAt: at, expiresAt, remindAt: expiresAt })
      .returning({ id: kmsVersions.id })
      .get()
    db.insert(kmsVault)
      .values({
        id,
        sealedKeyA: content.sealedKeyA,
        salt: unb64(salt),
        iv: unb64(iv),
        commitment: unb64(commitment),
        ciphertext: unb64(ciphertext),
      })
      .run()
    return entryId
  }

  const apply = (subject: Subject, changes: readonly KmsChange[]): void => {
    const { workspaceId, handler } = subject
    /** Where there is one: it is made by a change before. */
    let entryId = subject.id
    const there = (): number => {
      if (entryId === null) throw new Error(`there is no named secret ${handler} to change`)
      return entryId
    }
    const updateEntry = (fields: Partial<typeof kmsEntries.$inferInsert>): void =>
      void db.update(kmsEntries).set(fields).where(eq(kmsEntries.id, there())).run()
    const updateVersion = (version: number, fields: Partial<typeof kmsVersions.$inferInsert>): void => {
      const one = and(eq(kmsVersions.entryId, there()), eq(kmsVersions.version, version))
      db.update(kmsVersions)
        .set(fields)
        .where(and(one, isNull(kmsVersions.destroyedAt)))
        .run()
    }
    for (const change of changes)
      switch (change.kind) {
        case 'reserve bytes':
          if (counters.reserveBytes(workspaceId, change.bytes, { storedBytes: change.maximum }))
            throw new Error('the quota that had room for a version has none')
          break
        case 'make':
        case 'add version':
          entryId = addVersion(subject, change)
          break
        case 'configure': {
          const { kind: _kind, at, ...fields } = change
          updateEntry({ ...fields, updatedAt: at })
          break
        }
        case 'set expiry':
          updateVersion(change.version, { expiresAt: change.expiresAt, remindAt: change.expiresAt })
          break
        case 'replace meta':
          replaceMeta(there(), change.meta)
          break
        case 'destroy':
          destroy(there(), workspaceId, change.version, change.at)
          break
        case 'delete':
          updateEntry({ deletedAt: change.at, whitelist: null, rotateAfter: null, remindAt: null })
          break
        case 'forget rotation reminder':
          updateEntry({ remindAt: null })
          break
        case 'forget expiry reminder':
          updateVersion(change.version, { remindAt: null })
          break
        case 'log': {
          const { type, at, version, actor, reason } = change
          audit.recordKms({ id: entryId, workspaceId, handler, version }, type, at, actor, reason)
          break
        }
        case 'notify':
          outbox.tellKms(workspaceId, change.notice, change.at)
      }
  }

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
        ...purge(purgeBefore, now, limit),
      }
    },
  }
}
