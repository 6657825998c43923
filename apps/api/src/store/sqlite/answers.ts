/** Which secrets answer which request, and what happens to the request when something happens to one of them. */
import { and, count, eq, inArray, or, sql } from 'drizzle-orm'
import { answerBytes } from '../../domain/requests/answer.ts'
import { abandoned, collected, completed } from '../../domain/requests/told.ts'
import type { Change } from '../../domain/secrets/decision.ts'
import type { NewSecret } from '../../domain/secrets/secret.ts'
import type { Answer, AwaitedRequest } from '../requests.ts'
import type { Drizzle } from './database.ts'
import type { ApplyRequestChanges } from './request-changes.ts'
import type { RequestFacts } from './request-facts.ts'
import { answers, requests } from './requests-schema.ts'
import { reveals, secrets, vault } from './schema.ts'
import { prepare } from './statements.ts'

/** The subquery of an answer's first recorded reveal. */
const collectedAt = (secretId: unknown) =>
  sql<number | null>`(SELECT min(${reveals.openedAt}) FROM ${reveals} WHERE ${reveals.secretId} = ${secretId})`

/**
 * Without those whose upload goes on or was abandoned, which have no place for good. One destroyed during its upload keeps its
 * place, and so is listed.
 */
const isListed = or(eq(answers.complete, true), eq(secrets.state, 'burned'))

const rules = { collected, completed, abandoned }

export function openAnswers(
  db: Drizzle,
  facts: Pick<RequestFacts, 'find' | 'sealedNotify'>,
  applyRequest: ApplyRequestChanges,
) {
  const insert = prepare(
    db,
    db.insert(answers).values({
      id: sql.placeholder('id'),
      requestId: sql.placeholder('requestId'),
      size: sql.placeholder('size'),
      complete: sql.placeholder('complete'),
    }),
  )

  const listedOf = db
    .select({ listed: count() })
    .from(answers)
    .innerJoin(secrets, eq(secrets.id, answers.id))
    .where(and(eq(answers.requestId, requests.id), isListed))

  return {
    /** With the secret; one that answers no request is passed over. */
    add(id: number, secret: NewSecret): void {
      const { requestId } = secret
      if (requestId === null) return
      insert.run({ id, requestId, size: answerBytes(secret), complete: secret.attachments.length === 0 })
    },

    tell(
      { id, requestId }: { id: number; requestId: number | null },
      { what, at: now, caller }: Extract<Change, { kind: 'tell request' }>,
    ): void {
      const request = requestId === null ? null : facts.find(requestId)
      if (!request) throw new Error('an answer’s request is gone')
      if (what === 'completed') db.update(answers).set({ complete: true }).where(eq(answers.id, id)).run()
      const known = { request, sealedNotify: facts.sealedNotify(request.id) }
      applyRequest(request, rules[what](known, { now, caller }).changes)
    },

    /** With the secret's record. */
    remove: (id: number): void => void db.delete(answers).where(eq(answers.id, id)).run(),

    /** Of a request: oldest first. */
    list: (requestId: number): Answer[] =>
      db
        .select({
          id: secrets.id,
          slug: secrets.slug,
          state: secrets.state,
          createdAt: secrets.createdAt,
          expiresAt: secrets.expiresAt,
          endedAt: secrets.endedAt,
          attachmentsCount: secrets.attachmentsCount,
          sealedKeyB: vault.sealedKeyB,
          collectedAt: collectedAt(secrets.id),
          size: answers.size,
        })
        .from(answers)
        .innerJoin(secrets, eq(secrets.id, answers.id))
        .leftJoin(vault, eq(vault.id, answers.id))
        .where(and(eq(answers.requestId, requestId), isListed))
        .orderBy(answers.id)
        .all(),

    awaited: (requestIds: readonly number[]): AwaitedRequest[] =>
      db
        .select({
          id: requests.id,
          state: requests.state,
          expiresAt: requests.expiresAt,
          answers: requests.answers,
          listed: sql<number>`(${listedOf})`,
        })
        .from(requests)
        .where(inArray(requests.id, [...requestIds]))
        .all(),

    collectedAt: (secretId: number): number | null =>
      db
        .select({ at: collectedAt(secretId) })
        .from(answers)
        .where(eq(answers.id, secretId))
        .get()?.at ?? null,
  }
}

export type Answers = ReturnType<typeof openAnswers>
