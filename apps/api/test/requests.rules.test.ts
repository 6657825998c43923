/** The rules of requests, without a store: each decision and what it rests on. */
import { describe, expect, test } from 'vitest'
import type { AnswerFacts } from '../src/domain/requests/answer.ts'
import { answer } from '../src/domain/requests/answer.ts'
import { ask } from '../src/domain/requests/ask.ts'
import type { RequestChange } from '../src/domain/requests/decision.ts'
import { expire, purge, withdraw } from '../src/domain/requests/endings.ts'
import type { RequestHistory } from '../src/domain/requests/history.ts'
import { agrees, readRequestHistory } from '../src/domain/requests/history.ts'
import { patch } from '../src/domain/requests/patch.ts'
import { takeBack } from '../src/domain/requests/receipt.ts'
import type { RequestRecord } from '../src/domain/requests/request.ts'
import { denialOf } from '../src/domain/requests/status.ts'
import { abandoned, collected, completed } from '../src/domain/requests/told.ts'
import { bytes, caller, file, hour, newRequest, newSecret, start } from './contract/fixture.ts'

const request = (fields: Partial<RequestRecord> = {}): RequestRecord => {
  const { content: _content, meta: _meta, createDigest: _digest, ...record } = newRequest({ maximumAnswers: 2 })
  return { ...record, id: 7, state: 'open', answers: 0, endedAt: null, ...fields }
}
const historyOf = ({
  createdAt,
  expiresAt,
  maximumAnswers,
  answers,
  state,
  endedAt,
}: RequestRecord): RequestHistory => ({
  createdAt,
  expiresAt,
  maximumAnswers,
  answers,
  state,
  endedAt,
})
const usage = { activeSecrets: 0, storedBytes: 0 }
const kinds = (changes: readonly (RequestChange | { kind: string; type?: string })[]) =>
  changes.map((change) => ('type' in change ? `${change.kind} ${change.type}` : change.kind))

describe('ask', () => {
  const sent = newRequest()
  const command = { request: sent, caller, quota: undefined }

  test('inserts and logs with the limits that expiry and purge rest on', () => {
    const { outcome, changes } = ask({ known: null, usage }, command)
    expect(outcome).toEqual({ kind: 'asked', createdAt: start })
    expect(kinds(changes)).toEqual(['insert', 'log request.asked'])
    expect(changes[1]).toMatchObject({
      basis: { expires_at: new Date(start + hour).toISOString(), maximum_answers: 1 },
    })
  })

  test('repeats for the same owner and bytes, else is a conflict; either changes nothing', () => {
    const known = { workspaceId: null, createDigest: sent.createDigest, createdAt: 5 }
    expect(ask({ known, usage }, command)).toEqual({ outcome: { kind: 'repeated', createdAt: 5 }, changes: [] })
    for (const other of [{ workspaceId: 1 }, { createDigest: bytes(32) }])
      expect(ask({ known: { ...known, ...other }, usage }, command)).toEqual({
        outcome: { kind: 'conflict' },
        changes: [],
      })
  })
})

describe('answer', () => {
  const facts = (of: RequestRecord | null, fields: Partial<AnswerFacts> = {}): AnswerFacts => ({
    request: of,
    sealedNotify: null,
    known: null,
    usage,
    ...fields,
  })
  const secret = newSecret({ requestId: 7 })
  const command = { secret, caller, quota: undefined }

  test('takes a place, the last one with the request’s state, and creates the secret', () => {
    const first = answer(facts(request()), command)
    expect(kinds(first.request)).toEqual(['take place', 'log request.answered', 'notify'])
    expect(first.request[0]).toMatchObject({ answers: 1, to: 'open', contentUntil: null })
    expect(kinds(first.secret)).toEqual(['insert', 'log created'])
    const last = answer(facts(request({ answers: 1 })), command)
    expect(last.request[0]).toMatchObject({ answers: 2, to: 'answered', contentUntil: start + hour })
    expect(last.request[2]).toMatchObject({ notice: { data: { answers_count: 2, maximum_answers: 2 } } })
  })

  test('with files tells nobody yet', () => {
    const sent = newSecret({ requestId: 7, attachments: [file()] })
    expect(kinds(answer(facts(request()), { ...command, secret: sent }).request)).toEqual([
      'take place',
      'log request.answered',
    ])
  })

  test('a repetition comes before everything, and an end before limits, conflicts and quotas', () => {
    const ended = request({ state: 'withdrawn', endedAt: start, limits: { ...request().limits, maximumBytes: 1 } })
    const known = { requestId: 7, workspaceId: null, createDigest: secret.createDigest, createdAt: 5 }
    const nothing = { request: [], secret: [] }
    expect(answer(facts(ended, { known }), command)).toEqual({
      outcome: { kind: 'repeated', createdAt: 5 },
      ...nothing,
    })
    const others = [{ requestId: 8 }, { requestId: null }, { createDigest: bytes(32) }]
    for (const other of others)
      expect(answer(facts(request(), { known: { ...known, ...other } }), command)).toEqual({
        outcome: { kind: 'conflict' },
        ...nothing,
      })
    expect(answer(facts(ended), command).outcome).toMatchObject({ denial: { code: 'GONE' } })
    const full = { ...command, quota: { activeSecrets: 0, storedBytes: 0 } }
    expect(answer(facts(ended), full).outcome).toMatchObject({ kind: 'denied' })
    expect(answer(facts({ ...ended, state: 'open' }), full).outcome).toMatchObject({ kind: 'too large' })
    expect(answer(facts(request()), full)).toMatchObject({ outcome: { kind: 'exceeded' }, ...nothing })
    expect(answer(facts(null), command).outcome).toMatchObject({ denial: { code: 'NOT_FOUND' } })
  })
})

describe('status', () => {
  test('tells each end with its cause and time, and a due one as expired', () => {
    expect(denialOf(request(), start)).toBeNull()
    const at = (time: number) => ({ at: new Date(time).toISOString() })
    const expired = { code: 'GONE', details: { cause: 'expired', ...at(start + hour) } }
    expect(denialOf(request(), start + hour)).toEqual(expired)
    for (const state of ['answered', 'withdrawn', 'expired'] as const)
      expect(denialOf(request({ state, endedAt: start + 5 }), start + 9)).toEqual({
        code: 'GONE',
        details: { cause: state, ...at(start + 5) },
      })
  })
})

describe('what happens to an answer', () => {
  const happened = { now: start + 5, caller }

  test('its first opening is counted and logged', () => {
    const facts = { request: request(), sealedNotify: null }
    expect(kinds(collected(facts, happened).changes)).toEqual(['count collected', 'log request.collected'])
  })

  test('its upload’s completion is told', () => {
    const sealedNotify = bytes(60)
    expect(completed({ request: request({ answers: 1 }), sealedNotify }, happened).changes).toMatchObject([
      { kind: 'notify', sealedTo: sealedNotify, notice: { type: 'request.answered' } },
    ])
  })

  test.each<[RequestRecord['state'], number, RequestRecord['state'], number | null]>([
    ['open', start + hour, 'open', null],
    ['answered', start + hour, 'open', null],
    ['answered', start + 5, 'expired', start + 5],
    ['withdrawn', start + hour, 'withdrawn', start + 1],
    ['expired', start + 1, 'expired', start + 1],
  ])('abandoned, of a request that is %s until %i, it leaves it %s', (state, expiresAt, to, endedAt) => {
    const before = request({ state, expiresAt, answers: 2, endedAt: state === 'open' ? null : start + 1 })
    const { changes } = abandoned({ request: before, sealedNotify: null }, happened)
    expect(changes[0]).toMatchObject({ kind: 'give back place', answers: 1, from: state, to, endedAt })
    const expires = state === 'answered' && to === 'expired'
    expect(kinds(changes).slice(1)).toEqual(
      expires ? ['log request.abandoned', 'log request.expired', 'notify'] : ['log request.abandoned'],
    )
  })
})

describe('patch', () => {
  const run = (of: RequestRecord, fields: object, now = start) =>
    patch({ request: of, metaBytes: 0, usage }, { fields, now, caller })

  test('that changes nothing writes nothing, a lost reply’s repetition too', () => {
    expect(run(request(), {})).toEqual({ outcome: { kind: 'patched' }, changes: [] })
    expect(run(request(), { expiresAt: start + hour + 120_000 }).changes).toEqual([])
    expect(run(request(), { expiresAt: start + hour + 120_001 }).outcome).toMatchObject({ kind: 'loosened' })
  })

  test('to as many answers as there are makes it answered; to fewer is refused', () => {
    const one = request({ answers: 1 })
    expect(run(one, { maximumAnswers: 1 }).changes[0]).toMatchObject({ kind: 'tighten', to: 'answered' })
    expect(run(one, { maximumAnswers: 0 }).outcome).toEqual({ kind: 'loosened', fields: ['maximumAnswers'] })
  })
})

describe('withdraw', () => {
  const command = { now: start + 5, caller, reason: null }
  test('ends what is open, and what could be open again, and nothing else', () => {
    expect(kinds(withdraw(request(), 0, command).changes)).toEqual(['end', 'log request.withdrawn'])
    const full = request({ state: 'answered', answers: 2, endedAt: start })
    expect(kinds(withdraw(full, 1, command).changes)).toEqual(['end', 'log request.withdrawn'])
    expect(withdraw(full, 0, command).changes).toEqual([])
    expect(withdraw({ ...full, expiresAt: start + 5 }, 1, command).changes).toEqual([])
    for (const state of ['expired', 'withdrawn'] as const)
      expect(withdraw(request({ state, endedAt: start }), 1, command).changes).toEqual([])
  })
})

describe('expire and purge', () => {
  const due = request({ expiresAt: start })

  test('expire only what is due and as its log has it', () => {
    const facts = { request: due, sealedNotify: null }
    expect(expire({ ...facts, history: historyOf(due) }, start).outcome).toBe('done')
    expect(expire({ ...facts, history: historyOf(due) }, start - 1).outcome).toBe('early')
    expect(expire({ ...facts, history: null }, start)).toEqual({ outcome: 'disputed', changes: [] })
    expect(expire({ ...facts, history: historyOf(request()) }, start).outcome).toBe('disputed')
  })

  test('purge waits for every answer, and for the retention time after the last of them', () => {
    const ended = request({ state: 'withdrawn', endedAt: start })
    const run = (answersEndedAt: (number | null)[], now: number, fields = {}) =>
      purge(
        { request: ended, history: historyOf(ended), answersEndedAt, refusalsAreGenuine: true, ...fields },
        { now, retention: 100 },
      )
    expect(run([start, null], start + 999).outcome).toEqual({ kind: 'living', answers: 1 })
    expect(run([start + 50], start + 149).outcome).toEqual({ kind: 'early' })
    expect(run([start + 50], start + 150).outcome).toEqual({ kind: 'done' })
    expect(run([], start + 100).outcome).toEqual({ kind: 'done' })
    expect(run([], start + 100, { history: null }).outcome).toEqual({ kind: 'disputed' })
    expect(run([], start + 100, { refusalsAreGenuine: false }).outcome).toEqual({ kind: 'disputed' })
  })
})

describe('take back', () => {
  const of = (fields: object) => {
    const { content: _content, attachments: _files, meta: _meta, createDigest: _digest, ...record } = newSecret()
    const living = { id: 1, state: 'active' as const, views: 0, failedAttempts: 0, otpLastStep: null }
    const secret = { ...record, ...living, requestId: 7, cause: null, endedAt: null, ...fields }
    return { secret, sealedNotify: null, held: { content: null, files: null }, history: null }
  }
  test('burns what is unread, on condition that it still is; once opened, never', () => {
    const { outcome, changes } = takeBack(of({}), { now: start, caller })
    expect([outcome, changes[0]]).toMatchObject(['burned', { kind: 'end', to: 'burned', unread: true }])
    expect(kinds(changes)).not.toContain('tell request')
    expect(takeBack(of({ views: 1 }), { now: start, caller })).toEqual({ outcome: 'collected', changes: [] })
  })
})

describe('history', () => {
  const limits = (expiresAt: number, maximum_answers: number) => ({
    expires_at: new Date(expiresAt).toISOString(),
    maximum_answers,
  })
  const asked = { type: 'request.asked' as const, at: start, basis: limits(start + hour, 2) }
  const at = (type: 'answered' | 'abandoned' | 'withdrawn' | 'expired', time: number) => ({
    type: `request.${type}` as const,
    at: start + time,
    basis: null,
  })

  test('follows places, their return and the end', () => {
    const told = (...entries: ReturnType<typeof at>[]) => readRequestHistory([asked, ...entries])
    expect(told()).toMatchObject({ answers: 0, state: 'open', endedAt: null })
    expect(told(at('answered', 1), at('answered', 2))).toMatchObject({ state: 'answered', endedAt: start + 2 })
    const back = [at('answered', 1), at('answered', 2), at('abandoned', 3)]
    expect(told(...back)).toMatchObject({ answers: 1, state: 'open', endedAt: null })
    expect(told(...back, at('expired', 4))).toMatchObject({ state: 'expired', endedAt: start + 4 })
    expect(told(at('withdrawn', 1), at('abandoned', 2))).toMatchObject({ state: 'withdrawn', endedAt: start + 1 })
    const fewer = { type: 'request.changed' as const, at: start + 2, basis: limits(start + 60, 1) }
    expect(readRequestHistory([asked, at('answered', 1), fewer])).toMatchObject({
      expiresAt: start + 60,
      state: 'answered',
      endedAt: start + 2,
    })
    expect(readRequestHistory([at('answered', 1)])).toBeNull()
    expect(readRequestHistory([])).toBeNull()
  })

  test('disagrees with a record of other times, places, state or end', () => {
    const record = request()
    expect(agrees(record, historyOf(record))).toBe(true)
    const others = [{ expiresAt: 1 }, { maximumAnswers: 9 }, { answers: 1 }, { createdAt: 1 }, { endedAt: 1 }]
    for (const other of [...others, { state: 'withdrawn' as const }])
      expect(agrees({ ...record, ...other }, historyOf(record))).toBe(false)
  })
})
