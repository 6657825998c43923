/** Applies what the rules of named secrets answer. The statements hold again what can race. */
import { and, eq, isNull, sql, sum } from 'drizzle-orm'
import type { KmsChange, KmsName } from '../../domain/kms/decision.ts'
import { newEntryId } from '../../domain/kms/entry.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import { kmsEntries, kmsMetas, kmsVault, kmsVersions } from './kms-schema.ts'
import type { Outbox } from './outbox.ts'
import { unb64, utf8 } from './rows.ts'
import type { Scrubber } from './scrubber.ts'

const nothing = { sealedKeyA: null, salt: null, iv: null, commitment: null, ciphertext: null }

type Added = Extract<KmsChange, { kind: 'add version' | 'make' }>

/** A named secret that changes apply to; `id` null: it is made by the first of them, or there is none. */
interface Subject extends KmsName {
  id: number | null
}

export interface KmsChangeParts {
  counters: Counters
  audit: Audit
  outbox: Outbox
  scrubber: Scrubber
}

export function openKmsChanges(db: Drizzle, { counters, audit, outbox, scrubber }: KmsChangeParts) {
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

  /** In order. */
  return (subject: Subject, changes: readonly KmsChange[]): void => {
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
          break
        case 'purge log':
          audit.purgeKms({ ...change, workspaceId })
          break
        case 'forget versions':
          db.delete(kmsVersions).where(eq(kmsVersions.entryId, there())).run()
          updateEntry({ purged: true })
      }
  }
}
