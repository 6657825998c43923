/** How secrets end: what is destroyed at once, what waits for open reveals, and what goes with the record. */
import { and, eq, gt, isNull, lte, max, sql } from 'drizzle-orm'
import type { Caller, Cause, State } from '../../domain/secrets/secret.ts'
import type { History } from '../../domain/audit/records.ts'
import { agrees, retainedFrom } from '../../domain/audit/records.ts'
import { hasEnded } from '../../domain/secrets/secret.ts'
import { uploadLifeMs } from '../../domain/secrets/attachment.ts'
import type { Attachments } from './attachments.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import type { Grants } from './grants.ts'
import type { Outbox } from './outbox.ts'
import type { SecretRow } from './rows.ts'
import { isNotIn } from './rows.ts'
import { captchas, codes, metas, reveals, secrets, vault } from './schema.ts'
import type { Scrubber } from './scrubber.ts'

/** `disputed`: the record isn't as its log has it. `early`: its log isn't to be purged yet. Both leave it alone. */
type Outcome = 'done' | 'disputed' | 'early'

const lookAgainMs = 3_600_000

const nobody: Caller = { ip: null, userAgent: null, country: null }
const nothing = {
  sealedKeyA: null,
  salt: null,
  iv: null,
  commitment: null,
  ciphertext: null,
  note: null,
  passwordVerifier: null,
  sealedOtp: null,
  sealedNotify: null,
}

export interface EndingParts {
  counters: Counters
  audit: Audit
  outbox: Outbox
  scrubber: Scrubber
  attachments: Pick<Attachments, 'destroy'>
  grants: Pick<Grants, 'openUntil'>
}

export function openEndings(db: Drizzle, { counters, audit, outbox, scrubber, attachments, grants }: EndingParts) {
  const nullVault = db
    .update(vault)
    .set(nothing)
    .where(eq(vault.id, sql.placeholder('id')))
    .prepare()
  const forgetCodes = db
    .delete(codes)
    .where(eq(codes.secretId, sql.placeholder('id')))
    .prepare()
  const clearDestroyAt = db
    .update(secrets)
    .set({ destroyAt: null })
    .where(eq(secrets.id, sql.placeholder('id')))
    .prepare()
  const lastOpenReveal = db
    .select({ until: max(reveals.graceUntil) })
    .from(reveals)
    .where(
      and(
        eq(reveals.secretId, sql.placeholder('id')),
        isNull(reveals.ackedAt),
        gt(reveals.graceUntil, sql.placeholder('now')),
      ),
    )
    .prepare()

  /** Nulls in place: secure_delete overwrites the bytes, and no row moves. */
  const destroy = (id: number): void => {
    counters.destroying(id)
    nullVault.run({ id })
    forgetCodes.run({ id })
    outbox.withdraw(id)
    clearDestroyAt.run({ id })
    scrubber.overwritten()
  }

  /** When the last reveal that still needs the content lets go of it; null: none does. */
  const openUntil = (id: number, now: number): number | null => lastOpenReveal.get({ id, now })?.until ?? null

  const end = (row: SecretRow, state: State, cause: Cause, at: number): void => {
    db.update(secrets).set({ state, cause, endedAt: at, updatedAt: at }).where(eq(secrets.id, row.id)).run()
    counters.moved(row, row.state, state)
  }

  const selectById = db
    .select()
    .from(secrets)
    .where(eq(secrets.id, sql.placeholder('id')))
    .prepare()
  const find = (id: number): SecretRow | undefined => selectById.get({ id })

  const burn = (
    row: SecretRow,
    cause: 'burned' | 'locked_out',
    now: number,
    caller: Caller,
    reason: 'locked_out' | 'operator' | null,
  ): void => {
    end(row, 'burned', cause, now)
    audit.record(row, 'burned', now, caller, reason)
    destroyAll(row, now)
  }

  /** An upload that was never completed has nobody who could have read it. */
  const expire = (row: SecretRow, at: number, now: number): void => {
    end(row, 'expired', 'expired', at)
    audit.record(row, 'expired', at, nobody)
    if (row.views === 0 && row.state !== 'uploading') outbox.tell(row, 'secret.expired_unread', at, now)
    destroyOrWait(row, now)
  }

  const destroyFiles = ({ id, attachmentsCount }: Pick<SecretRow, 'id' | 'attachmentsCount'>, now: number): void => {
    if (attachmentsCount > 0) attachments.destroy(id, now)
  }

  const destroyAll = (row: SecretRow, now: number): void => {
    destroy(row.id)
    destroyFiles(row, now)
  }

  /** The content of an ended secret goes with the grace of its last reveal, its files with the last grant. */
  const destroyOrWait = (row: SecretRow, now: number): void => {
    const { id } = row
    const destroyAt = openUntil(id, now)
    if (destroyAt === null) destroy(id)
    const destroyFilesAt = row.attachmentsCount > 0 ? grants.openUntil(id, now) : null
    if (destroyFilesAt === null) destroyFiles(row, now)
    db.update(secrets).set({ destroyAt, destroyFilesAt }).where(eq(secrets.id, id)).run()
  }

  /** Records that a sweep left alone, to be looked at again after an hour. */
  const leftAlone = new Set<number>()
  let lookAgainAt = 0

  const historyOf = (row: SecretRow): History | null => {
    const history = audit.historyOf(row)
    return history && agrees(row, history) ? history : null
  }

  /** `retention` null: the owner asks for it. */
  const purge = (row: SecretRow, now: number, retention: number | null): Outcome => {
    const history = historyOf(row)
    if (!history || row.endedAt === null) return 'disputed'
    const since = retention === null ? row.endedAt : retainedFrom(history, row.endedAt)
    if (retention !== null && since + retention > now) return 'early'
    if (!audit.purge(row, { since, retention, now })) return 'disputed'
    db.delete(reveals).where(eq(reveals.secretId, row.id)).run()
    db.update(metas).set({ meta: null }).where(eq(metas.secretId, row.id)).run()
    destroyAll(row, now)
    outbox.forget(row.id)
    db.delete(secrets).where(eq(secrets.id, row.id)).run()
    counters.removed(row, row.state)
    return 'done'
  }

  return {
    find,
    /** For an ended secret one of whose reveals was acked. */
    acked(row: SecretRow, now: number): void {
      if (row.destroyAt !== null || row.destroyFilesAt !== null) destroyOrWait(row, now)
    },

    lockOut: (row: SecretRow, now: number, caller: Caller): void => burn(row, 'locked_out', now, caller, 'locked_out'),

    burn(id: number, now: number, caller: Caller, reason: 'operator' | null = null): void {
      const row = find(id)
      if (!row) return
      if (!hasEnded(row)) {
        if (row.expiresAt > now || !historyOf(row)) return burn(row, 'burned', now, caller, reason)
        expire(row, row.expiresAt, now)
      }
      destroyAll(row, now)
    },

    purge(id: number, now: number): boolean {
      const row = find(id)
      return !row || (hasEnded(row) && purge(row, now, null) === 'done')
    },

    /** Secrets whose records aren't as the log has them, by their first entry; with the last that was looked at. */
    findDisputed(workspaceId: number | null, after: number, limit: number) {
      const rows = db
        .select()
        .from(secrets)
        .where(and(sql`${secrets.workspaceId} IS ${workspaceId}`, gt(secrets.id, after)))
        .orderBy(secrets.id)
        .limit(limit)
        .all()
      const entries = rows.filter((row) => !historyOf(row)).map(({ id }) => audit.firstOf(id))
      return { entries, last: rows.at(-1)?.id ?? after, more: rows.length === limit }
    },

    /** Up to `limit` of each; how many of each were done, and whether there may be more. */
    sweep(now: number, purgeBefore: number, limit: number) {
      if (now >= lookAgainAt) {
        leftAlone.clear()
        lookAgainAt = now + lookAgainMs
      }
      let disputed = 0
      /** How many of these were done. */
      const each = (rows: SecretRow[], work: (row: SecretRow) => Outcome): number => {
        let done = 0
        for (const row of rows) {
          const outcome = work(row)
          if (outcome === 'done') done += 1
          else leftAlone.add(row.id)
          if (outcome === 'disputed') disputed += 1
        }
        return done
      }
      const expireAt = (row: SecretRow, at: number): Outcome => {
        if (!historyOf(row)) return 'disputed'
        expire(row, at, now)
        return 'done'
      }
      const due = db
        .select()
        .from(secrets)
        .where(and(isNull(secrets.endedAt), lte(secrets.expiresAt, now), isNotIn(secrets.id, leftAlone)))
        .limit(limit)
        .all()
      const expired = each(due, (row) => expireAt(row, row.expiresAt))
      const abandoned = db
        .select()
        .from(secrets)
        .where(
          and(
            eq(secrets.state, 'uploading'),
            lte(secrets.createdAt, now - uploadLifeMs),
            isNotIn(secrets.id, leftAlone),
          ),
        )
        .limit(limit)
        .all()
      const givenUp = each(abandoned, (row) => expireAt(row, row.createdAt + uploadLifeMs))
      const finished = db.select({ id: secrets.id }).from(secrets).where(lte(secrets.destroyAt, now)).limit(limit).all()
      for (const { id } of finished) destroy(id)
      const unfetched = db
        .select({ id: secrets.id })
        .from(secrets)
        .where(lte(secrets.destroyFilesAt, now))
        .limit(limit)
        .all()
      for (const { id } of unfetched) attachments.destroy(id, now)
      const old = db
        .select()
        .from(secrets)
        .where(
          and(
            lte(secrets.endedAt, purgeBefore),
            isNull(secrets.destroyAt),
            isNull(secrets.destroyFilesAt),
            isNotIn(secrets.id, leftAlone),
          ),
        )
        .limit(limit)
        .all()
      const purged = each(old, (row) => purge(row, now, now - purgeBefore))
      outbox.sweep(purgeBefore)
      db.delete(captchas).where(lte(captchas.expiresAt, now)).run()
      const most = Math.max(due.length, abandoned.length, finished.length, unfetched.length, old.length)
      const counts = { expired: expired + givenUp, destroyed: finished.length, purged }
      return { ...counts, disputed, more: most >= limit }
    },
  }
}

export type Endings = ReturnType<typeof openEndings>
