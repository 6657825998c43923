/**
 * Every step names the facts that its rule decided by. Where transactions overlap, another writer may have changed them
 * since: the statement itself must notice.
 */
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServerKey } from '../src/adapters/server-key.ts'
import type { Change } from '../src/domain/secrets/decision.ts'
import type { Secret } from '../src/domain/secrets/secret.ts'
import { unlimited } from '../src/domain/secrets/usage.ts'
import { openAttachments } from '../src/store/sqlite/attachments.ts'
import { openAudit } from '../src/store/sqlite/audit.ts'
import { openChanges } from '../src/store/sqlite/changes.ts'
import { openCounters } from '../src/store/sqlite/counters.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { openFacts } from '../src/store/sqlite/facts.ts'
import { openOutbox } from '../src/store/sqlite/outbox.ts'
import { reveals, secrets } from '../src/store/sqlite/schema.ts'
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
  const apply = openChanges(db, { counters, audit, outbox: openOutbox(db, scrubber), scrubber, attachments })
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
