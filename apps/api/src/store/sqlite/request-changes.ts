/**
 * Applies what the rules of requests answer. Whatever can race is also in the `WHERE`: a step whose facts no longer hold
 * throws, and with it its transaction is rolled back.
 */
import type { SQL } from 'drizzle-orm'
import { and, eq, getTableColumns, gt, isNull, sql } from 'drizzle-orm'
import type { RequestChange } from '../../domain/requests/decision.ts'
import type { RequestRecord } from '../../domain/requests/request.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import type { Outbox } from './outbox.ts'
import type { RequestCounts } from './request-counts.ts'
import type { RequestFacts } from './request-facts.ts'
import { requestMetas, requests, requestVault } from './requests-schema.ts'
import { utf8 } from './rows.ts'
import { anonymous } from './schema.ts'
import type { Scrubber } from './scrubber.ts'
import { hold, placeholders, prepare } from './statements.ts'

const placeholder = sql.placeholder

/** What is set by default, or later. */
const setLater = ['id', 'answers', 'endedAt', 'contentUntil'] as const

/** The request that changes are of. */
export type RequestSubject = Pick<RequestRecord, 'id' | 'slug' | 'workspaceId'>

export interface RequestChangeParts {
  counters: Pick<Counters, 'reserveBytes' | 'freeBytes' | 'resizeMeta'>
  counts: RequestCounts
  audit: Audit
  outbox: Outbox
  scrubber: Scrubber
  facts: Pick<RequestFacts, 'metaBytes'>
}

export function openRequestChanges(db: Drizzle, parts: RequestChangeParts) {
  const { counters, counts, audit, outbox, scrubber, facts } = parts
  const insertRequest = prepare(db, db.insert(requests).values(placeholders(getTableColumns(requests), setLater)))
  const insertVault = prepare(db, db.insert(requestVault).values(placeholders(getTableColumns(requestVault))))
  const insertMeta = prepare(
    db,
    db.insert(requestMetas).values({ requestId: placeholder('id'), meta: placeholder('meta') }),
  )
  const given = (name: string): SQL => sql`${placeholder(name)}`
  const takePlace = prepare(
    db,
    db
      .update(requests)
      .set({
        answers: sql`${requests.answers} + 1`,
        state: given('to'),
        endedAt: given('endedAt'),
        contentUntil: given('contentUntil'),
        updatedAt: given('at'),
      })
      .where(
        and(
          eq(requests.id, placeholder('id')),
          eq(requests.state, 'open'),
          gt(requests.expiresAt, placeholder('at')),
          eq(requests.answers, sql`${placeholder('answers')} - 1`),
          eq(requests.maximumAnswers, placeholder('maximumAnswers')),
        ),
      ),
  )

  /** How many rows were changed. */
  const update = (id: number, fields: Partial<typeof requests.$inferInsert>, ...where: (SQL | undefined)[]): number =>
    db
      .update(requests)
      .set(fields)
      .where(and(eq(requests.id, id), ...where))
      .run().changes

  function insert({ request, bytes, quota, kind }: Extract<RequestChange, { kind: 'insert' }>): RequestSubject {
    const { content, meta, limits, ...fields } = request
    const { maximumViews: answerViews, expiresIn: answerExpiresIn } = limits
    const { maximumBytes: answerBytes, maximumFiles: answerFiles } = limits
    const of = { answerViews, answerExpiresIn, answerBytes, answerFiles }
    const id = insertRequest.insert({ ...fields, ...of, state: 'open' })
    const exceeded = counters.reserveBytes(request.workspaceId ?? anonymous, bytes, quota)
    hold(exceeded ? 0 : 1, kind)
    insertVault.run({ ...content, id, note: utf8(content.note) })
    if (meta !== null) insertMeta.run({ id, meta: utf8(meta) })
    counts.add(request, 'open', 1)
    return { ...fields, id }
  }

  function nullMetas(requestId: number): void {
    db.update(requestMetas).set({ meta: null }).where(eq(requestMetas.requestId, requestId)).run()
    scrubber.overwritten()
  }

  function destroyContent({ id, workspaceId }: RequestSubject): void {
    const row = db.select().from(requestVault).where(eq(requestVault.id, id)).get()
    counters.freeBytes(workspaceId ?? anonymous, (row?.publicKey?.length ?? 0) + (row?.note?.length ?? 0))
    // Nulls in place: secure_delete overwrites the bytes, and no row moves.
    db.update(requestVault)
      .set({ publicKey: null, note: null, sealedNotify: null })
      .where(eq(requestVault.id, id))
      .run()
    update(id, { contentUntil: null })
    scrubber.overwritten()
  }

  function applyOne(subject: RequestSubject, change: Exclude<RequestChange, { kind: 'insert' }>): void {
    const { id, workspaceId } = subject
    switch (change.kind) {
      case 'take place': {
        const { to, at } = change
        const endedAt = to === 'answered' ? at : null
        hold(takePlace.run({ ...change, id, endedAt }), change.kind)
        counts.add(subject, 'answers', 1)
        return counts.move(subject, 'open', to)
      }
      case 'give back place': {
        const { answers, from, to, at, endedAt, contentUntil } = change
        const after = { answers, state: to, endedAt, contentUntil, updatedAt: at }
        // The content of one that ended may be gone, and then stays so.
        const { contentUntil: _until, ...unmoved } = after
        const rests = [eq(requests.state, from), eq(requests.answers, answers + 1)]
        hold(update(id, from === to ? unmoved : after, ...rests), change.kind)
        counts.add(subject, 'answers', -1)
        return counts.move(subject, from, to)
      }
      case 'end': {
        const { from, to, at, endedAt, contentUntil } = change
        hold(update(id, { state: to, endedAt, contentUntil, updatedAt: at }, eq(requests.state, from)), change.kind)
        return counts.move(subject, from, to)
      }
      case 'tighten': {
        const { to, at, expiresAt, maximumAnswers, contentUntil } = change
        const endedAt = to === 'answered' ? at : null
        const after = { state: to, expiresAt, maximumAnswers, contentUntil, endedAt, updatedAt: at }
        const full = sql`(${requests.answers} >= ${maximumAnswers}) = ${to === 'answered' ? 1 : 0}`
        const rests = [
          eq(requests.state, 'open'),
          gt(requests.expiresAt, at),
          sql`${requests.expiresAt} >= ${expiresAt}`,
          sql`${requests.answers} <= ${maximumAnswers}`,
          full,
        ]
        hold(update(id, after, ...rests), change.kind)
        return counts.move(subject, 'open', to)
      }
      case 'replace meta':
        hold(counters.resizeMeta(subject, change.growth, change.quota), change.kind)
        nullMetas(id)
        insertMeta.run({ id, meta: utf8(change.meta) })
        return void update(id, { updatedAt: change.at })
      case 'count collected':
        return counts.add(subject, 'collected', 1)
      case 'destroy content':
        return destroyContent(subject)
      case 'log':
        return audit.recordRequest(subject, change.type, change.at, change.caller, change.reason, change.basis)
      case 'notify':
        return outbox.notifyRequest(workspaceId, change.notice, change.sealedTo, change.at)
      case 'purge':
        audit.purgeRequest(subject, change)
        counters.freeBytes(workspaceId ?? anonymous, facts.metaBytes(id))
        nullMetas(id)
        hold(
          db
            .delete(requests)
            .where(and(eq(requests.id, id), eq(requests.state, change.state), isNull(requests.contentUntil)))
            .run().changes,
          change.kind,
        )
        return counts.remove(subject, change.state)
    }
  }

  /** In order; `subject` null: the first change inserts it. */
  return (subject: RequestSubject | null, changes: readonly RequestChange[]): void => {
    let current = subject
    for (const change of changes) {
      if (change.kind === 'insert') current = insert(change)
      else if (current) applyOne(current, change)
      else throw new Error(`a change of no request: ${change.kind}`)
    }
  }
}

export type ApplyRequestChanges = ReturnType<typeof openRequestChanges>
