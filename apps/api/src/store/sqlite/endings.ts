/** How secrets end and are destroyed, by request and by sweep: domain/secrets/endings.ts decides. */
import { and, eq, gt, isNull, lte, sql } from 'drizzle-orm'
import type { BurnCommand, EndingFacts, SweepOutcome } from '../../domain/secrets/endings.ts'
import { burn, isTrue, purge, sweepDue } from '../../domain/secrets/endings.ts'
import type { Change, Decision } from '../../domain/secrets/decision.ts'
import { uploadLifeMs } from '../../domain/secrets/attachment.ts'
import type { Audit } from './audit.ts'
import type { ApplyChanges } from './changes.ts'
import type { Drizzle } from './database.ts'
import type { FactsOf } from './facts.ts'
import type { Outbox } from './outbox.ts'
import type { SecretRow } from './rows.ts'
import { isNotIn, recordColumns } from './rows.ts'
import { captchas, secrets } from './schema.ts'

const lookAgainMs = 3_600_000

export interface EndingParts {
  audit: Audit
  outbox: Outbox
  facts: FactsOf
  apply: ApplyChanges
}

export function openEndings(db: Drizzle, { audit, outbox, facts, apply }: EndingParts) {
  /** The log, which may be long, is read only of what is due: nothing else asks for it. */
  const factsOf = (secret: SecretRow, now: number, isDue: boolean): EndingFacts => ({
    secret,
    sealedNotify: facts.sealedNotify(secret.id),
    held: facts.held(secret.id, now),
    history: isDue ? audit.historyOf(secret) : null,
  })

  const purgeOne = (secret: SecretRow, now: number, retention: number | null): Decision<SweepOutcome> =>
    purge(
      { secret, history: audit.historyOf(secret), refusalsAreGenuine: audit.refusalsAreGenuine(secret) },
      { now, retention },
    )

  /** Records that a sweep left alone, to be looked at again after an hour. */
  const leftAlone = new Set<number>()
  let lookAgainAt = 0

  /** null: there is no such secret. */
  const factsOfBurn = (id: number, now: number): EndingFacts | null => {
    const secret = facts.find(id)
    return secret ? factsOf(secret, now, secret.expiresAt <= now) : null
  }

  return {
    factsOfBurn,

    burn(id: number, command: BurnCommand): void {
      const known = factsOfBurn(id, command.now)
      if (known) apply(known.secret, burn(known, command))
    },

    /** All of them or, if the record of one isn't as its log has it, none: false. */
    purgeAll(ids: readonly number[], now: number, retention: number | null): boolean {
      const decided = ids.flatMap((id) => {
        const secret = facts.find(id)
        return secret ? [{ secret, ...purgeOne(secret, now, retention) }] : []
      })
      if (decided.some(({ outcome }) => outcome !== 'done')) return false
      for (const { secret, changes } of decided) apply(secret, changes)
      return true
    },

    /** false: the record isn't as its log has it, and stays. */
    purge(id: number, now: number): boolean {
      const secret = facts.find(id)
      if (!secret) return true
      const { outcome, changes } = purgeOne(secret, now, null)
      apply(secret, changes)
      return outcome === 'done'
    },

    /** Secrets whose records aren't as the log has them, by their first entry; with the last that was looked at. */
    findDisputed(workspaceId: number | null, after: number, limit: number) {
      const rows = db
        .select(recordColumns)
        .from(secrets)
        .where(and(sql`${secrets.workspaceId} IS ${workspaceId}`, gt(secrets.id, after)))
        .orderBy(secrets.id)
        .limit(limit)
        .all()
      const entries = rows.filter((row) => !isTrue(row, audit.historyOf(row))).map(({ id }) => audit.firstOf(id))
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
      const each = (rows: SecretRow[], decide: (secret: SecretRow) => Decision<SweepOutcome>): number => {
        let done = 0
        for (const secret of rows) {
          const { outcome, changes } = decide(secret)
          apply(secret, changes)
          if (outcome === 'done') done += 1
          else leftAlone.add(secret.id)
          if (outcome === 'disputed') disputed += 1
        }
        return done
      }
      const applyToAll = (rows: SecretRow[], change: Change): void => {
        for (const secret of rows) apply(secret, [change])
      }
      const due = db
        .select(recordColumns)
        .from(secrets)
        .where(and(isNull(secrets.endedAt), lte(secrets.expiresAt, now), isNotIn(secrets.id, leftAlone)))
        .limit(limit)
        .all()
      const expired = each(due, (secret) => sweepDue(factsOf(secret, now, true), now))
      const abandoned = db
        .select(recordColumns)
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
      const givenUp = each(abandoned, (secret) => sweepDue(factsOf(secret, now, true), now))
      const finished = db.select(recordColumns).from(secrets).where(lte(secrets.destroyAt, now)).limit(limit).all()
      applyToAll(finished, { kind: 'destroy content' })
      const unfetched = db
        .select(recordColumns)
        .from(secrets)
        .where(lte(secrets.destroyFilesAt, now))
        .limit(limit)
        .all()
      applyToAll(unfetched, { kind: 'destroy files', at: now })
      const old = db
        .select(recordColumns)
        .from(secrets)
        .where(
          and(
            lte(secrets.endedAt, purgeBefore),
            // An answer's record goes with its request's.
            isNull(secrets.requestId),
            isNull(secrets.destroyAt),
            isNull(secrets.destroyFilesAt),
            isNotIn(secrets.id, leftAlone),
          ),
        )
        .limit(limit)
        .all()
      const purged = each(old, (secret) => purgeOne(secret, now, now - purgeBefore))
      outbox.sweep(purgeBefore)
      db.delete(captchas).where(lte(captchas.expiresAt, now)).run()
      const most = Math.max(due.length, abandoned.length, finished.length, unfetched.length, old.length)
      const counts = { expired: expired + givenUp, destroyed: finished.length, purged }
      return { ...counts, disputed, more: most >= limit }
    },
  }
}

export type Endings = ReturnType<typeof openEndings>
