/** Requests on SQLite: loads what domain/requests decides on, and applies what it answers. */
import type { SQL } from 'drizzle-orm'
import { and, asc, count, desc, eq, gt, gte, inArray, isNotNull, isNull, lte, notExists, or, sql } from 'drizzle-orm'
import type { AnswerCommand, AnswerOutcome } from '../../domain/requests/answer.ts'
import { answer } from '../../domain/requests/answer.ts'
import type { AskCommand, AskOutcome } from '../../domain/requests/ask.ts'
import { ask } from '../../domain/requests/ask.ts'
import { log } from '../../domain/requests/decision.ts'
import type { RequestPurgeOutcome, WithdrawCommand } from '../../domain/requests/endings.ts'
import { expire, isTrue, purge, withdraw } from '../../domain/requests/endings.ts'
import type { RequestPatchCommand, RequestPatchOutcome } from '../../domain/requests/patch.ts'
import { patch } from '../../domain/requests/patch.ts'
import type { TakeBackOutcome } from '../../domain/requests/receipt.ts'
import { takeBack } from '../../domain/requests/receipt.ts'
import type { RequestRecord } from '../../domain/requests/request.ts'
import type { Caller } from '../../domain/secrets/secret.ts'
import type { FullRequest, RequestListQuery, RequestVerifiers } from '../requests.ts'
import type { LateDenial } from '../store.ts'
import type { Audit } from './audit.ts'
import type { ApplyChanges } from './changes.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import type { Endings } from './endings.ts'
import type { ApplyRequestChanges } from './request-changes.ts'
import type { RequestCounts } from './request-counts.ts'
import type { RequestFacts } from './request-facts.ts'
import { requestRow, requestWidth, toRequest } from './request-facts.ts'
import { answers, requestMetas, requests, requestVault } from './requests-schema.ts'
import { fromUtf8, isNotIn } from './rows.ts'
import { secrets, workspaces } from './schema.ts'
import type { Secrets } from './secrets.ts'
import type { Row } from './statements.ts'
import { prepare } from './statements.ts'

const lookAgainMs = 3_600_000

const nobodys: RequestVerifiers = {
  slug: '',
  id: 0,
  workspaceId: null,
  accessVerifier: Buffer.alloc(32),
  collectVerifier: Buffer.alloc(32),
}

export interface RequestParts {
  counters: Pick<Counters, 'usage'>
  counts: RequestCounts
  audit: Audit
  facts: RequestFacts
  apply: ApplyChanges
  applyRequest: ApplyRequestChanges
  secrets: Pick<Secrets, 'known'>
  endings: Pick<Endings, 'factsOfBurn' | 'purgeAll'>
}

export function openRequests(db: Drizzle, parts: RequestParts) {
  const { counters, counts, audit, facts, apply, applyRequest } = parts
  /** The slug's or, where there is none, the next one's: one seek and one row read either way. */
  const selectVerifiers = prepare(
    db,
    db
      .select({
        slug: requests.slug,
        id: requests.id,
        workspaceId: requests.workspaceId,
        accessVerifier: requests.accessVerifier,
        collectVerifier: requests.collectVerifier,
      })
      .from(requests)
      .where(gte(requests.slug, sql.placeholder('slug')))
      .orderBy(asc(requests.slug))
      .limit(1),
  )
  const verifiersOf = (row: Row): RequestVerifiers => ({
    slug: row[0] as string,
    id: row[1] as number,
    workspaceId: row[2] as number | null,
    accessVerifier: row[3] as Buffer,
    collectVerifier: row[4] as Buffer,
  })
  const newestMeta = db
    .select({ meta: requestMetas.meta })
    .from(requestMetas)
    .where(eq(requestMetas.requestId, requests.id))
    .orderBy(desc(requestMetas.id))
    .limit(1)
  const full = () =>
    db
      .select({
        request: requests,
        publicKey: requestVault.publicKey,
        note: requestVault.note,
        meta: sql<Buffer | null>`(${newestMeta})`,
        workspaceName: workspaces.name,
      })
      .from(requests)
      .leftJoin(requestVault, eq(requestVault.id, requests.id))
      .leftJoin(workspaces, eq(workspaces.id, requests.workspaceId))
  const selectFull = prepare(db, full().where(eq(requests.id, sql.placeholder('id'))))
  type FullRow = Omit<ReturnType<ReturnType<typeof full>['all']>[number], 'request'>
  const withRest = (request: RequestRecord, { publicKey, note, meta, workspaceName }: FullRow): FullRequest => ({
    ...request,
    content: publicKey && note ? { publicKey, note: note.toString('utf8') } : null,
    meta: fromUtf8(meta),
    workspaceName,
  })
  const fullRow = (row: Row): FullRequest => {
    const [publicKey, note, meta, workspaceName] = row.slice(requestWidth) as [
      Buffer | null,
      Buffer | null,
      Buffer | null,
      string | null,
    ]
    return withRest(requestRow(row), { publicKey, note, meta, workspaceName })
  }

  const answersOf = (requestId: number) =>
    db
      .select({ id: answers.id, endedAt: secrets.endedAt })
      .from(answers)
      .innerJoin(secrets, eq(secrets.id, answers.id))
      .where(eq(answers.requestId, requestId))
      .all()

  /** With its answers' records; if one of those isn't as its log has it, none goes. */
  function purgeOne(request: RequestRecord, now: number, retention: number | null): RequestPurgeOutcome {
    const all = answersOf(request.id)
    const decided = purge(
      {
        request,
        history: audit.historyOfRequest(request),
        answersEndedAt: all.map(({ endedAt }) => endedAt),
        refusalsAreGenuine: audit.refusalsOfRequestAreGenuine(request),
      },
      { now, retention },
    )
    if (decided.outcome.kind !== 'done') return decided.outcome
    const ids = all.map(({ id }) => id)
    if (!parts.endings.purgeAll(ids, now, retention)) return { kind: 'disputed' }
    applyRequest(request, decided.changes)
    return decided.outcome
  }

  /** Records that a sweep left alone, to be looked at again after an hour. */
  const leftAlone = new Set<number>()
  let lookAgainAt = 0

  /** Answers of the request that hold back its purge, or its content. */
  const answersThat = (hold: SQL | undefined) =>
    db
      .select({ one: sql`1` })
      .from(answers)
      .innerJoin(secrets, eq(secrets.id, answers.id))
      .where(and(eq(answers.requestId, requests.id), hold))
  const sweeping = (where: SQL | undefined, limit: number): RequestRecord[] =>
    db
      .select()
      .from(requests)
      .where(and(where, isNotIn(requests.id, leftAlone)))
      .limit(limit)
      .all()
      .map(toRequest)

  return {
    create(command: AskCommand): AskOutcome {
      const { request } = command
      const { outcome, changes } = ask({ known: facts.known(request.slug), usage: counters.usage(request) }, command)
      applyRequest(null, changes)
      return outcome
    },

    /** Past the last slug it starts again at the first, and has a row of nobody's only while there is none at all. */
    findVerifiers(slug: string): RequestVerifiers {
      const row = selectVerifiers.get({ slug }) ?? selectVerifiers.get({ slug: '' })
      return row ? verifiersOf(row) : nobodys
    },

    read(id: number): FullRequest | undefined {
      const row = selectFull.get({ id })
      return row && fullRow(row)
    },

    list({ workspaceId, state, page, perPage }: RequestListQuery): { requests: FullRequest[]; total: number } {
      const wanted = and(
        workspaceId === null ? undefined : eq(requests.workspaceId, workspaceId),
        state && eq(requests.state, state),
      )
      // The page's ids come from an index alone.
      const ids = db
        .select({ id: requests.id })
        .from(requests)
        .where(wanted)
        .orderBy(desc(requests.id))
        .limit(perPage)
        .offset((page - 1) * perPage)
      const rows = full().where(inArray(requests.id, ids)).orderBy(desc(requests.id)).all()
      const total =
        workspaceId === null
          ? (db.select({ total: count() }).from(requests).where(wanted).get()?.total ?? 0)
          : counts.present(workspaceId, state)
      return { requests: rows.map(({ request, ...rest }) => withRest(toRequest(request), rest)), total }
    },

    answer(command: AnswerCommand): AnswerOutcome {
      const { secret } = command
      const { requestId } = secret
      if (requestId === null) throw new Error('an answer must name its request')
      const request = facts.find(requestId)
      const decided = answer(
        {
          request,
          sealedNotify: facts.sealedNotify(requestId),
          known: parts.secrets.known(secret.slug),
          usage: counters.usage(secret),
        },
        command,
      )
      applyRequest(request, decided.request)
      apply(null, decided.secret)
      return decided.outcome
    },

    takeBack(id: number, now: number, caller: Caller): TakeBackOutcome {
      const known = parts.endings.factsOfBurn(id, now)
      if (!known) return 'burned'
      const { outcome, changes } = takeBack(known, { now, caller })
      apply(known.secret, changes)
      return outcome
    },

    patch(id: number, command: RequestPatchCommand): RequestPatchOutcome {
      const request = facts.find(id)
      const usage = counters.usage({ workspaceId: request?.workspaceId ?? null })
      const { outcome, changes } = patch({ request, usage, metaBytes: facts.metaBytes(id) }, command)
      applyRequest(request, changes)
      return outcome
    },

    withdraw(id: number, command: WithdrawCommand): void {
      const request = facts.find(id)
      if (request) applyRequest(request, withdraw(request, facts.uploading(id), command).changes)
    },

    purge(id: number, now: number): RequestPurgeOutcome {
      const request = facts.find(id)
      return request ? purgeOne(request, now, null) : { kind: 'done' }
    },

    /** Requests whose records aren't as the log has them, by their first entry; with the last that was looked at. */
    findDisputed(workspaceId: number | null, after: number, limit: number) {
      const rows = db
        .select()
        .from(requests)
        .where(and(sql`${requests.workspaceId} IS ${workspaceId}`, gt(requests.id, after)))
        .orderBy(requests.id)
        .limit(limit)
        .all()
        .map(toRequest)
      const entries = rows
        .filter((request) => !isTrue(request, audit.historyOfRequest(request)))
        .map((request) => audit.firstOfRequest(request))
      return { entries, last: rows.at(-1)?.id ?? after, more: rows.length === limit }
    },

    /** Of the request that had the slug by then, if there was one. */
    recordLate({ type, slug, reason, at, caller }: LateDenial): void {
      const row = db.select().from(requests).where(eq(requests.slug, slug)).get()
      if (row && type !== 'denied' && row.createdAt <= at) applyRequest(toRequest(row), [log(type, at, caller, reason)])
    },

    /** Up to `limit` of each; how many of each were done, and whether there may be more. */
    sweep(now: number, purgeBefore: number, limit: number) {
      if (now >= lookAgainAt) {
        leftAlone.clear()
        lookAgainAt = now + lookAgainMs
      }
      let [expired, purged, disputed] = [0, 0, 0]
      const leave = (request: RequestRecord, outcome: string): void => {
        leftAlone.add(request.id)
        if (outcome === 'disputed') disputed += 1
      }
      const due = sweeping(and(eq(requests.state, 'open'), lte(requests.expiresAt, now)), limit)
      for (const request of due) {
        const known = {
          request,
          sealedNotify: facts.sealedNotify(request.id),
          history: audit.historyOfRequest(request),
        }
        const { outcome, changes } = expire(known, now)
        applyRequest(request, changes)
        if (outcome === 'done') expired += 1
        else leave(request, outcome)
      }
      const unneeded = sweeping(
        and(lte(requests.contentUntil, now), notExists(answersThat(eq(secrets.state, 'uploading')))),
        limit,
      )
      for (const request of unneeded) applyRequest(request, [{ kind: 'destroy content' }])
      const held = or(
        isNull(secrets.endedAt),
        gt(secrets.endedAt, purgeBefore),
        isNotNull(secrets.destroyAt),
        isNotNull(secrets.destroyFilesAt),
      )
      const old = sweeping(and(lte(requests.endedAt, purgeBefore), notExists(answersThat(held))), limit)
      for (const request of old) {
        const { kind } = purgeOne(request, now, now - purgeBefore)
        if (kind === 'done') purged += 1
        else leave(request, kind)
      }
      return { expired, purged, disputed, more: Math.max(due.length, unneeded.length, old.length) >= limit }
    },
  }
}
