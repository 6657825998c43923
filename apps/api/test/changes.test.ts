/**
 * Every step names the facts that its rule decided by. Where transactions overlap, another writer may have changed them
 * since: the statement itself must notice.
 */
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServerKey } from '../src/adapters/server-key.ts'
import type { Change } from '../src/domain/secrets/decision.ts'
import type { NewContent, Secret } from '../src/domain/secrets/secret.ts'
import { unlimited } from '../src/domain/secrets/usage.ts'
import { openAnswers } from '../src/store/sqlite/answers.ts'
import { openAttachments } from '../src/store/sqlite/attachments.ts'
import { openAudit } from '../src/store/sqlite/audit.ts'
import { openChanges } from '../src/store/sqlite/changes.ts'
import { openCounters } from '../src/store/sqlite/counters.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { openFacts } from '../src/store/sqlite/facts.ts'
import { openOutbox } from '../src/store/sqlite/outbox.ts'
import { codes, metas, reveals, secrets, vault } from '../src/store/sqlite/schema.ts'
import { openRequestChanges } from '../src/store/sqlite/request-changes.ts'
import { openRequestCounts } from '../src/store/sqlite/request-counts.ts'
import { openRequestFacts } from '../src/store/sqlite/request-facts.ts'
import { openScrubber } from '../src/store/sqlite/scrubber.ts'
import { bytes, hour, newSecret, start } from './contract/fixture.ts'
import { fastDirectory } from './support/app.ts'
import { makeHome } from './support/server.ts'

const { mac } = createServerKey(Buffer.alloc(32, 7))
const revealId = bytes(16)
const captcha = bytes(32)

let opened: ReturnType<typeof openParts>

function openParts() {
  const home = makeHome(fastDirectory)
  const { db, close } = openDatabase(home.data, { mayCreate: true })
  const [counters, scrubber] = [openCounters(db), openScrubber(db)]
  const audit = openAudit(db, { mac, keepAddress: (address) => address })
  const attachments = openAttachments(db, counters)
  const [outbox, requestFacts] = [openOutbox(db, scrubber), openRequestFacts(db)]
  const shared = { counters, audit, outbox, scrubber }
  const applyRequest = openRequestChanges(db, { ...shared, counts: openRequestCounts(db), facts: requestFacts })
  const apply = openChanges(db, { ...shared, attachments, answers: openAnswers(db, requestFacts, applyRequest) })
  const remove = () => {
    close()
    home.remove()
  }
  return { db, apply, facts: openFacts(db), remove }
}

beforeEach(() => (opened = openParts()))
afterEach(() => opened.remove())

/** A secret in the middle of its life, with one reveal. */
function given(fields: Partial<Secret> = {}, ackedAt: number | null = null): Secret {
  const { db, apply, facts } = opened
  apply(null, [{ kind: 'insert', secret: newSecret(), state: 'active', bytes: 0, quota: unlimited }])
  const [row] = db.select({ id: secrets.id }).from(secrets).all()
  const id = row?.id ?? 0
  db.update(secrets)
    .set({ maximumViews: 5, views: 2, failedAttempts: 1, ...fields })
    .where(eq(secrets.id, id))
    .run()
  const times = { openedAt: start, graceUntil: start + hour, filesUntil: start + hour }
  db.insert(reveals)
    .values({ secretId: id, revealId, ackedAt, failedAttempts: 1, ...times })
    .run()
  return facts.find(id) as Secret
}

const at = start + 1000
const ended = { state: 'burned', cause: 'burned', endedAt: start } as const
const tighten = {
  kind: 'tighten',
  at,
  expiresAt: start + hour,
  maximumViews: 5,
  clearFailures: false,
  from: 'active',
  to: 'active',
} as const

describe('a step whose facts no longer hold fails, and changes nothing', () => {
  test.each<[string, Change, Partial<Secret>?, number?]>([
    ['an upload that was completed before', { kind: 'complete upload', at }],
    ['an upload that was burned', { kind: 'complete upload', at }, ended],
    ['an end of what has ended', { kind: 'end', from: 'active', to: 'burned', cause: 'burned', at }, ended],
    [
      'an end of what was locked',
      { kind: 'end', from: 'active', to: 'burned', cause: 'burned', at },
      { state: 'locked' },
    ],
    [
      'an unread end of what was opened',
      { kind: 'end', from: 'active', to: 'burned', cause: 'burned', at, unread: true },
    ],
    ['a failure after another', { kind: 'count failure', at, failures: 1, to: 'active' }],
    ['a failure after the lock-out', { kind: 'count failure', at, failures: 2, to: 'active' }, { state: 'locked' }],
    ['a failure after the expiry', { kind: 'count failure', at, failures: 2, to: 'active' }, { expiresAt: at }],
    ['a repeat’s failure after another', { kind: 'count repeat failure', revealId, failures: 1 }],
    ['a second ack', { kind: 'ack', revealId, at }, {}, start],
    ['an ack of an unknown reveal', { kind: 'ack', revealId: bytes(16), at }],
    ['a patch of what has ended', tighten, ended],
    ['a patch of what was locked', tighten, { state: 'locked' }],
    ['a patch after the expiry', tighten, { expiresAt: at }],
    ['a patch that would put off the expiry', tighten, { expiresAt: start + hour - 1 }],
    ['a patch to views that are used', { ...tighten, maximumViews: 2 }],
    ['an extension after the ack', { kind: 'extend grant', revealId, until: at }, {}, start],
    ['a time to destroy what lives', { kind: 'destroy later', contentAt: at, filesAt: null }],
    ['a time to destroy files that are gone', { kind: 'destroy files later', at }, ended],
    [
      'metadata that the quota has no room for',
      { kind: 'replace meta', meta: 'more', growth: 1000, quota: { ...unlimited, storedBytes: 999 } },
    ],
    ['a purge of what lives', { kind: 'purge', since: start, retention: null, at, state: 'active' }],
  ])('%s', (_, change, fields, ackedAt) => {
    const secret = given(fields, ackedAt)
    const { db, apply, facts } = opened
    const recorded = facts.recorded(secret.id, revealId)
    expect(() => db.transaction(() => apply(secret, [change]))).toThrow(
      `facts changed before the write: ${change.kind}`,
    )
    expect(facts.find(secret.id)).toEqual(secret)
    expect(facts.recorded(secret.id, revealId)).toEqual(recorded)
  })

  test.each([
    ['active secrets', { activeSecrets: 1 }],
    ['bytes', { storedBytes: 999 }],
  ])('a create that the quota of %s has no room for', (_, quota) => {
    given()
    const insert: Change = {
      kind: 'insert',
      secret: newSecret(),
      state: 'active',
      bytes: 1000,
      quota: { ...unlimited, ...quota },
    }
    const { db, apply } = opened
    expect(() => db.transaction(() => apply(null, [insert]))).toThrow('facts changed before the write: insert')
    expect(db.select({ id: secrets.id }).from(secrets).all()).toHaveLength(1)
  })

  test('a captcha that was used before', () => {
    const secret = given()
    const use: Change = { kind: 'use captcha', id: captcha, expiresAt: start + hour }
    opened.apply(secret, [use])
    expect(() => opened.apply(secret, [use])).toThrow('facts changed before the write: use captcha')
  })
})

test('each of these steps is taken where its facts hold', () => {
  const secret = given()
  const { apply, facts } = opened
  apply(secret, [
    tighten,
    { kind: 'count failure', at, failures: 2, to: 'active' },
    { kind: 'count repeat failure', revealId, failures: 2 },
    { kind: 'extend grant', revealId, until: at },
    { kind: 'ack', revealId, at },
    { kind: 'end', from: 'active', to: 'burned', cause: 'burned', at },
    { kind: 'destroy later', contentAt: at, filesAt: at },
    { kind: 'destroy files later', at: at + 1 },
    { kind: 'purge', since: at, retention: null, at, state: 'burned' },
  ])
  expect(facts.find(secret.id)).toBeUndefined()
})

describe('what is to be unrecoverable', () => {
  const columnsOf = (table: typeof vault | typeof metas) => opened.db.select().from(table).all()

  test('of destroyed content is every column but the id, and every code', () => {
    const { db, apply, facts } = opened
    const content = Object.fromEntries(Object.keys(newSecret().content).map((name) => [name, bytes(32)]))
    const { envelope } = newSecret().content
    const secret = newSecret({ content: { ...content, envelope, note: 'note' } as unknown as NewContent })
    apply(null, [{ kind: 'insert', secret, state: 'active', bytes: 0, quota: unlimited }])
    const [before] = columnsOf(vault)
    expect(Object.values(before ?? {})).not.toContain(null)
    const id = before?.id ?? 0
    apply(facts.find(id) as Secret, [
      { kind: 'record code', verifier: bytes(32), expiresAt: start + hour },
      { kind: 'destroy content' },
    ])
    const [{ id: _id, ...left } = {}] = columnsOf(vault)
    expect(Object.values(left).filter((value) => value !== null)).toEqual([])
    expect(db.select().from(codes).all()).toEqual([])
  })

  test('of replaced metadata is all but the newest, of purged metadata that too', () => {
    const { apply, facts } = opened
    const { id } = given()
    const stored = () => columnsOf(metas).flatMap((row) => ('meta' in row && row.meta ? [row.meta.toString()] : []))
    const secret = facts.find(id) as Secret
    for (const meta of ['first', 'second', 'third'])
      apply(secret, [{ kind: 'replace meta', meta, growth: 0, quota: unlimited }])
    expect(stored()).toEqual(['third'])
    apply(secret, [
      { kind: 'end', from: 'active', to: 'burned', cause: 'burned', at },
      { kind: 'purge', since: at, retention: null, at, state: 'burned' },
    ])
    expect(stored()).toEqual([])
  })
})
