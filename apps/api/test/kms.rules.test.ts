/** The rules of a named secret's life, without a store: domain/kms. */
import { describe, expect, test } from 'vitest'
import { deleteAll, destroyVersion, expired, retentionOver, rotationDue } from '../src/domain/kms/endings.ts'
import type { KmsRecord } from '../src/domain/kms/entry.ts'
import { patch } from '../src/domain/kms/patch.ts'
import type { KmsPurgeFacts, LoggedRefusal } from '../src/domain/kms/purge.ts'
import { purge, purgeRefusals } from '../src/domain/kms/purge.ts'
import type { KmsPutFacts } from '../src/domain/kms/put.ts'
import { put } from '../src/domain/kms/put.ts'
import { reveal } from '../src/domain/kms/reveal.ts'
import { newPut } from './contract/kms.ts'
import { hour, start } from './contract/fixture.ts'

const entry: KmsRecord = {
  id: 1,
  publicId: 'a',
  workspaceId: 1,
  handler: 'prod/db',
  newest: 3,
  versions: 2,
  whitelist: ['192.0.2.0/24'],
  createdAt: start,
  updatedAt: start,
  rotateAfter: hour,
  rotateFrom: start,
  deletedAt: null,
  meta: 'sealed',
  expiresAt: start + 9 * hour,
  destroyedAt: null,
}
const deleted = { ...entry, deletedAt: start }
const actor = { token: { id: 'tok_1', name: 'backend' }, caller: { ip: null, userAgent: null, country: null } }
const name = { workspaceId: 1, handler: 'prod/db' }
const kindsOf = ({ changes }: { changes: { kind: string }[] }) => changes.map(({ kind }) => kind)
const now = start + hour

describe('a put', () => {
  const facts: KmsPutFacts = { entry, known: null, workspaceCheck: null, storedBytes: 0 }
  const next = newPut(1, { version: 4, now })

  test('of the next version takes bytes and number, and is logged', () => {
    const decision = put(facts, next)
    expect(decision.outcome).toEqual({ kind: 'put', createdAt: now })
    expect(kindsOf(decision)).toEqual(['reserve bytes', 'add version', 'log'])
    expect(kindsOf(put({ ...facts, entry: null }, { ...next, version: 1 }))).toContain('make')
  })

  test('that is refused or a repetition changes nothing', () => {
    const known = { digest: next.digest, createdAt: start }
    for (const [decision, kind] of [
      [put({ ...facts, known }, next), 'repeated'],
      [put(facts, { ...next, version: 5 }), 'conflict'],
      [put({ ...facts, workspaceCheck: 'mine' }, { ...next, workspaceCheck: 'other' }), 'rekeyed'],
      [put({ ...facts, storedBytes: 999_999 }, next), 'exceeded'],
    ] as const)
      expect([decision.outcome.kind, decision.changes]).toEqual([kind, []])
  })

  test('rolls the configuration forward, but for the expiry; the same value keeps its times and its reminder', () => {
    const added = { rotateAfter: hour }
    expect(put(facts, next).changes[1]).toMatchObject({
      ...added,
      rotateFrom: now,
      remindAt: now + hour,
      expiresAt: null,
    })
    const [, resealed] = put(facts, { ...next, sameValue: true }).changes
    expect(resealed).toMatchObject({ ...added, rotateFrom: start, expiresAt: entry.expiresAt })
    expect(resealed).not.toHaveProperty('remindAt')
  })
})

test('a reveal asks of a deleted one as of none, and is logged whatever the verdict', () => {
  const asked: unknown[] = []
  const command = { ...actor, ...name, version: null, now }
  const decide = (one: unknown) => {
    asked.push(one)
    return 'unknown_handler' as const
  }
  const refused = reveal({ entry: deleted, version: null, content: null }, { ...command, decide })
  expect([asked, refused.outcome, kindsOf(refused)]).toEqual([
    [null],
    { kind: 'refused', reason: 'unknown_handler' },
    ['log'],
  ])
})

describe('a patch', () => {
  const nothing = { meta: undefined, previousMeta: undefined, whitelist: undefined, expiresAt: undefined }
  const command = { ...actor, ...name, ...nothing, rotateAfter: undefined, workspaceCheck: undefined, now }

  test('of what isn’t there, or of other metadata than it names, changes nothing', () => {
    for (const [decision, kind] of [
      [patch({ entry: null, workspaceCheck: null }, command), 'unknown'],
      [patch({ entry: deleted, workspaceCheck: null }, command), 'unknown'],
      [patch({ entry, workspaceCheck: null }, { ...command, meta: 'new', previousMeta: null }), 'conflict'],
    ] as const)
      expect([decision.outcome.kind, decision.changes]).toEqual([kind, []])
  })

  test('sets no expiry of a version that was destroyed', () => {
    const facts = { entry: { ...entry, destroyedAt: start }, workspaceCheck: null }
    const decision = patch(facts, { ...command, expiresAt: null })
    expect(decision.outcome).toMatchObject({ record: { expiresAt: entry.expiresAt } })
    expect(kindsOf(decision)).toEqual(['configure', 'log'])
  })
})

describe('an end', () => {
  test('is logged once: again, it changes nothing', () => {
    const version = { version: 2, destroyedAt: null }
    expect(kindsOf(destroyVersion({ entry, version }, actor, now))).toEqual(['destroy', 'log'])
    const again = destroyVersion({ entry, version: { ...version, destroyedAt: start } }, actor, now)
    expect(again).toEqual({ outcome: true, changes: [] })
    expect(destroyVersion({ entry, version: null }, actor, now)).toEqual({ outcome: false, changes: [] })
    expect(kindsOf(deleteAll(entry, actor, now))).toEqual(['destroy', 'replace meta', 'delete', 'log'])
    expect(deleteAll(deleted, actor, now)).toEqual({ outcome: true, changes: [] })
    expect(deleteAll(null, actor, now)).toEqual({ outcome: false, changes: [] })
  })

  test('that the clock brings is nobody’s, and of an expiry the workspace is told, of a destruction not', () => {
    expect(kindsOf({ changes: rotationDue(entry, start, now) })).toEqual(['notify', 'forget rotation reminder'])
    const over = expired(entry, 3, start, now)
    expect(kindsOf({ changes: over })).toEqual(['notify', 'log', 'forget expiry reminder'])
    expect(over[1]).toMatchObject({ type: 'kms.expired', at: start, actor: { token: null } })
    expect(kindsOf({ changes: retentionOver(3, now) })).toEqual(['destroy', 'log'])
  })
})

describe('a purge', () => {
  const retention = 30 * hour
  const due = { now: start + retention, retention }
  const one = { id: 1, type: 'kms.put', at: start - 1, chain: Buffer.alloc(32), isGenuine: true } as const
  const deletion = { ...one, id: 2, type: 'kms.deleted', at: start } as const
  const entries = [one, deletion]
  const facts: KmsPurgeFacts = { deletedAt: start, loggedDeletion: start, entries, isLast: true }

  test('empties the log of a deleted one, and forgets its versions with the last entry', () => {
    const emptied = { kind: 'purge log', entries, since: start, retention, at: due.now }
    expect(purge(facts, due)).toEqual({ outcome: 'done', changes: [emptied, { kind: 'forget versions' }] })
    expect(purge({ ...facts, isLast: false }, due)).toEqual({ outcome: 'done', changes: [emptied] })
    expect(kindsOf(purge({ ...facts, entries: [] }, due))).toEqual(['forget versions'])
  })

  test('leaves alone what isn’t due, and what its log has otherwise', () => {
    const later = { ...one, at: start + 1 }
    for (const [changed, outcome] of [
      [purge(facts, { ...due, now: due.now - 1 }), 'early'],
      [purge({ ...facts, loggedDeletion: start - 1 }, due), 'disputed'],
      [purge({ ...facts, loggedDeletion: null }, due), 'disputed'],
      [purge({ ...facts, loggedDeletion: undefined }, due), 'disputed'],
      [purge({ ...facts, entries: [{ ...one, isGenuine: false }, deletion] }, due), 'disputed'],
      [purge({ ...facts, entries: [later, deletion] }, due), 'disputed'],
    ] as const)
      expect(changed).toEqual({ outcome, changes: [] })
    expect(purge({ ...facts, entries: [{ ...later, type: 'kms.denied' }, deletion] }, due).outcome).toBe('done')
  })

  test('of refusals is one a workspace, and rests on the newest of them', () => {
    const refusal: LoggedRefusal = { ...one, type: 'kms.denied', at: start - hour, workspaceId: 1 }
    const [newest, other] = [
      { ...refusal, id: 3, at: start },
      { ...refusal, id: 4, workspaceId: 2 },
    ]
    const disputed = [
      { ...refusal, id: 5, isGenuine: false },
      { ...refusal, id: 6, at: start + 1 },
      { ...refusal, id: 7, type: 'kms.put' },
    ] as const
    const basis = { retention, at: due.now }
    expect(purgeRefusals([refusal, newest, other, ...disputed], due)).toEqual({
      outcome: [5, 6, 7],
      changes: [
        { ...basis, workspaceId: 1, entries: [refusal, newest], since: start },
        { ...basis, workspaceId: 2, entries: [other], since: start - hour },
      ],
    })
  })
})
