/** How secrets end: what is destroyed at once, what waits for open reveals, and what goes with the record. */
import { and, eq, gt, isNull, lte, max, sql } from 'drizzle-orm'
import type { Caller, Cause, State } from '../../secrets/secret.ts'
import { hasEnded } from '../../secrets/secret.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import type { Outbox } from './outbox.ts'
import type { SecretRow } from './rows.ts'
import { captchas, codes, metas, reveals, secrets, vault } from './schema.ts'
import type { Scrubber } from './scrubber.ts'

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

export function openEndings(db: Drizzle, counters: Counters, audit: Audit, outbox: Outbox, scrubber: Scrubber) {
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
    destroy(row.id)
  }

  const expire = (row: SecretRow, now: number): void => {
    end(row, 'expired', 'expired', row.expiresAt)
    audit.record(row, 'expired', row.expiresAt, nobody)
    if (row.views === 0) outbox.tell(row, 'secret.expired_unread', row.expiresAt, now)
    destroyOrWait(row.id, now)
  }

  const destroyOrWait = (id: number, now: number): void => {
    const until = openUntil(id, now)
    if (until === null) destroy(id)
    else db.update(secrets).set({ destroyAt: until }).where(eq(secrets.id, id)).run()
  }

  const purge = (row: SecretRow): void => {
    audit.purge(row.id)
    outbox.forget(row.id)
    db.delete(reveals).where(eq(reveals.secretId, row.id)).run()
    db.update(metas).set({ meta: null }).where(eq(metas.secretId, row.id)).run()
    destroy(row.id)
    db.delete(secrets).where(eq(secrets.id, row.id)).run()
    counters.removed(row, row.state)
  }

  return {
    find,
    destroyOrWait,
    lockOut: (row: SecretRow, now: number, caller: Caller): void => burn(row, 'locked_out', now, caller, 'locked_out'),

    burn(id: number, now: number, caller: Caller, reason: 'operator' | null = null): void {
      const row = find(id)
      if (!row) return
      if (!hasEnded(row)) {
        if (row.expiresAt > now) return burn(row, 'burned', now, caller, reason)
        expire(row, now)
      }
      destroy(id)
    },

    purge(id: number): void {
      const row = find(id)
      if (row && hasEnded(row)) purge(row)
    },

    /** Up to `limit` of each; how many of each were done. */
    sweep(now: number, purgeBefore: number, limit: number) {
      const due = db
        .select()
        .from(secrets)
        .where(and(isNull(secrets.endedAt), lte(secrets.expiresAt, now)))
        .limit(limit)
        .all()
      for (const row of due) expire(row, now)
      const finished = db.select({ id: secrets.id }).from(secrets).where(lte(secrets.destroyAt, now)).limit(limit).all()
      for (const { id } of finished) destroy(id)
      const old = db
        .select()
        .from(secrets)
        .where(and(lte(secrets.endedAt, purgeBefore), isNull(secrets.destroyAt)))
        .limit(limit)
        .all()
      for (const row of old) purge(row)
      if (outbox.sweep(purgeBefore)) scrubber.overwritten()
      db.delete(captchas).where(lte(captchas.expiresAt, now)).run()
      return { expired: due.length, destroyed: finished.length, purged: old.length }
    },
  }
}

export type Endings = ReturnType<typeof openEndings>
