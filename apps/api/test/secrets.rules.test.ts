/** Rules of a secret's life that the random walks of model.rules.test.ts meet too seldom: domain/secrets. */
import { expect, test } from 'vitest'
import type { GrantFacts } from '../src/domain/secrets/download.ts'
import { extendGrant } from '../src/domain/secrets/download.ts'
import { sweepDue } from '../src/domain/secrets/endings.ts'
import { admitNotice } from '../src/domain/notices/notice.ts'
import type { Secret } from '../src/domain/secrets/secret.ts'
import { dropPart } from '../src/domain/secrets/upload.ts'
import { bytes, graceMs, hour, newSecret, start } from './contract/fixture.ts'

const revealId = bytes(16)
const now = start + hour

test('extending one grant never takes the files from another that lasts longer', () => {
  const reveal: GrantFacts = {
    openedAt: start,
    filesUntil: now + 1,
    ackedAt: null,
    cause: 'viewed',
    endedAt: start,
    expiresAt: start + 9 * hour,
    destroyFilesAt: now + 2 * graceMs,
  }
  const extended = (othersUntil: number | null) =>
    extendGrant({ reveal, othersUntil }, { revealId, now, graceMs }).changes.at(-1)
  const later = now + 2 * graceMs
  expect(extended(later)).toEqual({ kind: 'destroy files later', at: later })
  expect(extended(now + 1)).toEqual({ kind: 'destroy files later', at: now + graceMs })
  expect(extended(null)).toEqual({ kind: 'destroy files later', at: now + graceMs })
})

test('an unopened expiry is told of what recipients could have opened, and nobody did', () => {
  const { content: _content, attachments: _files, meta: _meta, createDigest: _digest, ...fields } = newSecret()
  const toldOf = (state: Secret['state'], views: number) => {
    const secret: Secret = {
      ...fields,
      id: 1,
      maximumViews: 5,
      state,
      views,
      failedAttempts: 0,
      otpLastStep: null,
      cause: null,
      endedAt: null,
    }
    const { createdAt, expiresAt, maximumViews } = secret
    const history = { createdAt, limits: { expiresAt, maximumViews }, views, lastOpenedAt: null, ended: null }
    const facts = { secret, sealedNotify: bytes(60), held: { content: null, files: null }, history }
    return sweepDue(facts, expiresAt).changes.flatMap((change) => (change.kind === 'notify' ? change.notice.type : []))
  }
  expect(toldOf('active', 0)).toEqual(['secret.expired_unread'])
  expect(toldOf('locked', 0)).toEqual(['secret.expired_unread'])
  expect(toldOf('active', 1)).toEqual([])
  expect(toldOf('uploading', 0)).toEqual([])
})

test('a recipient is told so often, and of nothing that has ended', () => {
  const secret = { endedAt: null, expiresAt: now + 1 }
  for (const [facts, outcome] of [
    [{ secret, sent: 2 }, 'admitted'],
    [{ secret, sent: 3 }, 'limit'],
    [{ secret: { ...secret, endedAt: start }, sent: 0 }, 'ended'],
    [{ secret: { ...secret, expiresAt: now }, sent: 0 }, 'ended'],
    [{ secret: null, sent: 0 }, 'ended'],
  ] as const)
    expect(admitNotice(facts, 3, now)).toBe(outcome)
})

test('a part whose blob is lost is taken back from an upload, never from what recipients may open', () => {
  expect(dropPart({ isUploading: true }, 'blob', now)).toEqual([{ kind: 'release blob', name: 'blob', at: now }])
  expect(dropPart({ isUploading: false }, 'blob', now)).toEqual([])
})
