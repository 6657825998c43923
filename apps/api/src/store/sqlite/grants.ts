/** Until when a reveal's grant fetches files: domain/secrets/download.ts decides. */
import { and, eq, sql } from 'drizzle-orm'
import type { GrantFacts } from '../../domain/secrets/download.ts'
import { checkGrant, extendGrant } from '../../domain/secrets/download.ts'
import type { GrantOutcome, GrantQuery } from '../attachments.ts'
import type { ApplyChanges } from './changes.ts'
import type { Drizzle } from './database.ts'
import type { FactsOf } from './facts.ts'
import { reveals, secrets } from './schema.ts'

export function openGrants(db: Drizzle, facts: Pick<FactsOf, 'find' | 'filesHeld'>, apply: ApplyChanges) {
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
    .where(and(eq(reveals.secretId, sql.placeholder('secretId')), eq(reveals.revealId, sql.placeholder('revealId'))))
    .prepare()

  const find = ({ secretId, revealId }: GrantQuery): GrantFacts | null => select.get({ secretId, revealId }) ?? null

  return {
    read: (query: GrantQuery): GrantOutcome => checkGrant(find(query), query.now),

    extend(query: GrantQuery & { graceMs: number }): GrantOutcome {
      const { secretId, revealId, now } = query
      const othersUntil = facts.filesHeld(secretId, now, revealId)
      const { outcome, changes } = extendGrant({ reveal: find(query), othersUntil }, query)
      apply(facts.find(secretId) ?? null, changes)
      return outcome
    },
  }
}
