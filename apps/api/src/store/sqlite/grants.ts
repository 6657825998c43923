/** Until when a reveal's grant fetches files, and with it how long an ended secret keeps them. */
import { and, eq, gt, isNotNull, isNull, max, sql } from 'drizzle-orm'
import type { Denial } from '../../domain/policies/policy.ts'
import { gone } from '../../domain/policies/policy.ts'
import type { Cause } from '../../domain/secrets/secret.ts'
import { hasEnded } from '../../domain/secrets/secret.ts'
import type { GrantOutcome, GrantQuery } from '../attachments.ts'
import type { Drizzle } from './database.ts'
import { reveals, secrets } from './schema.ts'

const placeholder = sql.placeholder
/** spec/protocol.md section 9, step 4. */
const longestGrantMs = 86_400_000

interface GrantRow {
  cause: Cause | null
  endedAt: number | null
  expiresAt: number
  ackedAt: number | null
  filesUntil: number
}

function denialOf({ cause, endedAt, expiresAt, ackedAt, filesUntil }: GrantRow, now: number): Denial {
  if (cause !== null && endedAt !== null) return gone(cause, endedAt)
  return expiresAt <= now ? gone('expired', expiresAt) : gone('viewed', ackedAt ?? filesUntil)
}

export function openGrants(db: Drizzle) {
  // Asked before every chunk of a download: nothing but what decides.
  const select = db
    .select({
      openedAt: reveals.openedAt,
      filesUntil: reveals.filesUntil,
      ackedAt: reveals.ackedAt,
      cause: secrets.cause,
      endedAt: secrets.endedAt,
      expiresAt: secrets.expiresAt,
      destroyFilesAt: secrets.destroyFilesAt,
    })
    .from(reveals)
    .innerJoin(secrets, eq(secrets.id, reveals.secretId))
    .where(and(eq(reveals.secretId, placeholder('secretId')), eq(reveals.revealId, placeholder('revealId'))))
    .prepare()
  const setUntil = db
    .update(reveals)
    .set({ filesUntil: sql`${placeholder('until')}` })
    .where(and(eq(reveals.secretId, placeholder('secretId')), eq(reveals.revealId, placeholder('revealId'))))
    .prepare()
  const lastOpen = db
    .select({ until: max(reveals.filesUntil) })
    .from(reveals)
    .where(
      and(
        eq(reveals.secretId, placeholder('secretId')),
        isNull(reveals.ackedAt),
        gt(reveals.filesUntil, placeholder('now')),
      ),
    )
    .prepare()

  /** When the last grant that still fetches files lapses; null: none does. */
  const openUntil = (secretId: number, now: number): number | null => lastOpen.get({ secretId, now })?.until ?? null

  const read = ({ secretId, revealId, now }: GrantQuery): GrantOutcome => {
    const row = select.get({ secretId, revealId })
    if (!row) return { kind: 'denied', denial: { code: 'NOT_FOUND' } }
    // An ended secret without a time to destroy its files at has none left, whatever its reveals say.
    const filesAreGone = hasEnded(row) && row.destroyFilesAt === null
    if (row.ackedAt === null && row.filesUntil > now && !filesAreGone)
      return { kind: 'open', until: row.filesUntil, latest: row.openedAt + longestGrantMs }
    return { kind: 'denied', denial: denialOf(row, now) }
  }

  return {
    openUntil,
    read,

    extend({ graceMs, ...query }: GrantQuery & { graceMs: number }): GrantOutcome {
      const outcome = read(query)
      if (outcome.kind === 'denied') return outcome
      const { secretId, revealId, now } = query
      const until = Math.min(Math.max(outcome.until, now + graceMs), outcome.latest)
      setUntil.run({ secretId, revealId, until })
      db.update(secrets)
        .set({ destroyFilesAt: openUntil(secretId, now) })
        .where(and(eq(secrets.id, secretId), isNotNull(secrets.destroyFilesAt)))
        .run()
      return { ...outcome, until }
    },
  }
}

export type Grants = ReturnType<typeof openGrants>
