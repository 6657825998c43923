/** The rules of a named secret's life, without a store: domain/kms. */
import { describe, expect, test } from 'vitest'
import { deleteAll, destroyVersion, expired, retentionOver, rotationDue } from '../src/domain/kms/endings.ts'
import type { KmsRecord } from '../src/domain/kms/entry.ts'
import { patch } from '../src/domain/kms/patch.ts'
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
