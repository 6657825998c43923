/** Configuration, expiry, reminders, destruction and what is purged in the end. */
import type { WireAuditEntry, WireKmsEntry } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readDatabase } from './support/database.ts'
import { kmsCalls, revealed, sealVersion } from './support/named.ts'
import { leftOf } from './support/remains.ts'
import { iso, refused, sealedText, useApp } from './support/running-app.ts'
import { b64 } from './support/sender.ts'

const { app, call, bearer, now, later } = useApp({ HALFKEY_RETENTION_DAYS: '7' })
const { put, get, patch, remove, versions, destroy, reveal, events, list } = kmsCalls(
  (...request) => call(...request),
  bearer,
)

const [minute, day] = [60_000, 86_400_000]
const denied = refused(403, 'PERMISSION_DENIED')
const config = async (handler: string) => (await get(handler)).body.data as WireKmsEntry
const notices = () =>
  readDatabase(app().home.data, (db) =>
    db.prepare<[], string>(`SELECT notice FROM outbox ORDER BY rowid`).pluck().all(),
  ).map((text) => JSON.parse(text) as { type: string; data: unknown })

describe('the configuration', () => {
  test('is what was put, without content', async () => {
    const [meta, before] = [sealedText(), now()]
    const fields = { meta, whitelist: ['192.0.2.1', '2001:db8::/32'], expires_in: 3600, rotate_after: 1800 }
    await put('prod/db', sealVersion(1, fields))
    later(minute)
    await put('prod/db', sealVersion(2))
    expect(await config('prod/db')).toEqual({
      handler: 'prod/db',
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      meta,
      whitelist: ['192.0.2.1', '2001:db8::/32'],
      version: 2,
      versions: 2,
      created_at: iso(before),
      updated_at: iso(now()),
      expires_at: null,
      destroyed_at: null,
      rotate_after: 1800,
      rotation_due_at: iso(now() + 1_800_000),
      rotation_due: false,
    })
    expect((await list()).body.data).toEqual([await config('prod/db')])
  })

  test('lists by handler, by prefix and by page, without deleted ones', async () => {
    for (const handler of ['b', 'a/2', 'a/1', 'a-1', 'a', 'c']) await put(handler, sealVersion(1))
    await remove('c')
    const named = async (query: string) => {
      const { data, pagination } = (await list(query)).body
      return [(data as WireKmsEntry[]).map(({ handler }) => handler).join(' '), pagination.total]
    }
    expect(await named('')).toEqual(['a a-1 a/1 a/2 b', 5])
    expect(await named('?prefix=a')).toEqual(['a a-1 a/1 a/2', 4])
    expect(await named('?prefix=a/')).toEqual(['a/1 a/2', 2])
    expect(await named('?per_page=2&page=2')).toEqual(['a/1 a/2', 5])
  })

  test('changes by a patch, of which what is left out stays and null lifts', async () => {
    await put('prod/db', sealVersion(1, { whitelist: ['192.0.2.1'], rotate_after: 3600 }))
    const meta = sealedText()
    expect((await patch('prod/db', { meta, expires_in: 60 })).body.data).toMatchObject({
      meta,
      whitelist: ['192.0.2.1'],
      rotate_after: 3600,
      expires_at: iso(now() + minute),
    })
    expect((await patch('prod/db', { whitelist: [], expires_in: null, rotate_after: null })).body.data).toMatchObject({
      meta,
      whitelist: [],
      rotate_after: null,
      rotation_due_at: null,
      expires_at: null,
    })
    expect((await call('GET', '/api/v1/audit?type=kms.updated', undefined, bearer())).body.data.entries).toHaveLength(2)
    expect(await patch('prod/none', { meta })).toMatchObject(refused(404, 'NOT_FOUND'))
  })

  test('of two changes of the metadata from the same state takes one', async () => {
    const metas = Array.from({ length: 10 }, () => sealedText())
    await put('prod/db', sealVersion(1))
    const replies = await Promise.all(metas.map((meta) => patch('prod/db', { meta, previous_meta: null })))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(9)
    expect((await config('prod/db')).meta).toBe(metas[replies.findIndex(({ status }) => status === 200)])
  })

  test('isn’t changed by what was sealed under another key than the workspace has', async () => {
    await put('prod/db', sealVersion(1))
    const [mine, other] = [b64(randomBytes(32)), b64(randomBytes(32))]
    await call('PUT', '/api/v1/workspace/check', { workspace_check: mine }, bearer())
    const refusal = refused(409, 'CONFLICT', { workspace_check: mine })
    expect(await patch('prod/db', { meta: sealedText(), workspace_check: other })).toMatchObject(refusal)
    expect((await config('prod/db')).meta).toBeNull()
  })
})

describe('the check value of the workspace key', () => {
  const [old, next, other] = [1, 2, 3].map(() => b64(randomBytes(32))) as [string, string, string]
  const set = (fields: Record<string, string>, headers: Record<string, string> = bearer()) =>
    call('PUT', '/api/v1/workspace/check', fields, headers)

  test('is replaced only by a call that names the one there is; again it is a success', async () => {
    await set({ workspace_check: old })
    expect(await set({ workspace_check: next, previous: other })).toMatchObject(refused(409, 'CONFLICT'))
    const replaced = await set({ workspace_check: next, previous: old })
    expect(replaced).toMatchObject({ status: 200, body: { data: { workspace_check: next } } })
    expect((await set({ workspace_check: next, previous: old })).text).toBe(replaced.text)
    expect(await set({ workspace_check: other, previous: old })).toMatchObject(refused(409, 'CONFLICT'))
  })

  test('is set and replaced only with the scope tokens:admin: it says which key everybody takes for right', async () => {
    const made = await call('POST', '/api/v1/tokens', { name: 'w', scopes: ['secrets:write'] }, bearer())
    const headers = { Authorization: `Bearer ${made.body.data.token as string}` }
    const refusal = refused(403, 'PERMISSION_DENIED', { scope: 'tokens:admin' })
    expect(await set({ workspace_check: old }, headers)).toMatchObject(refusal)
    expect((await set({ workspace_check: old })).status).toBe(200)
    expect(await set({ workspace_check: next, previous: old }, headers)).toMatchObject(refusal)
    expect(await set({ workspace_check: old }, headers)).toMatchObject(refusal)
  })
})

describe('expiry', () => {
  test('ends reveals exactly at its moment, of that version alone', async () => {
    const [first, second] = [sealVersion(1), sealVersion(2, { expires_in: 60 })]
    await put('prod/db', first)
    await put('prod/db', second)
    later(minute - 1)
    expect(await reveal('prod/db')).toMatchObject(revealed(second))
    later(1)
    expect(await reveal('prod/db')).toMatchObject(denied)
    expect(await reveal('prod/db', 1)).toMatchObject(revealed(first))
  })

  test('can be put off until the retention time is over; then the content is destroyed', async () => {
    const [first, second] = [sealVersion(1, { expires_in: 60 }), sealVersion(1, { expires_in: 60 })]
    await put('a', first)
    await put('b', second)
    later(minute + 7 * day - 1)
    await app().sweep()
    expect(await reveal('a')).toMatchObject(denied)
    await patch('a', { expires_in: 60 })
    later(1)
    await app().sweep()
    expect(await reveal('a')).toMatchObject(revealed(first))
    expect((await config('b')).destroyed_at).toBe(iso(now()))
    await patch('b', { expires_in: null })
    expect(await reveal('b')).toMatchObject(denied)
  })
})

describe('reminders', () => {
  const withWebhook = () =>
    app().store.createWebhook(
      {
        id: 'wh_1',
        workspaceId: 1,
        url: 'https://receiver.invalid/',
        sealedSecret: randomBytes(40),
        previousSealedSecret: null,
        previousUntil: null,
        createdAt: now(),
      },
      10,
    )
  const sweepFor = async (ms: number) => {
    for (let n = 0; n < 3; n++) {
      later(ms / 3)
      await app().sweep()
      await app().sweep()
    }
  }

  test('of a rotation that is due come once a version, and the list says it until there is a newer one', async () => {
    await withWebhook()
    const start = now()
    await put('prod/db', sealVersion(1, { rotate_after: 3600 }))
    await sweepFor(3_600_000 - 3)
    expect([notices(), (await config('prod/db')).rotation_due]).toEqual([[], false])
    await sweepFor(3 * day)
    const due = (version: number, at: number) => ({
      type: 'kms.rotation_due',
      timestamp: iso(at),
      data: { handler: 'prod/db', version, at: iso(at) },
    })
    expect(notices()).toEqual([due(1, start + 3_600_000)])
    expect((await config('prod/db')).rotation_due).toBe(true)
    const second = now()
    await put('prod/db', sealVersion(2))
    expect((await config('prod/db')).rotation_due).toBe(false)
    await sweepFor(3 * day)
    expect(notices()).toEqual([due(1, start + 3_600_000), due(2, second + 3_600_000)])
  })

  test('of an expiry come once a version, and are in the log', async () => {
    await withWebhook()
    const at = iso(now() + minute)
    await put('prod/db', sealVersion(1, { expires_in: 60 }))
    await sweepFor(3 * minute)
    await sweepFor(day)
    expect(notices()).toEqual([{ type: 'kms.expired', timestamp: at, data: { handler: 'prod/db', version: 1, at } }])
    const { data } = (await events('prod/db')).body
    expect(data.events[0]).toMatchObject({ type: 'kms.expired', version: 1, at, token: null, ip: null })
    const deliveries = (await call('GET', '/api/v1/deliveries', undefined, bearer())).body.data
    expect(deliveries).toMatchObject([{ type: 'kms.expired', handler: 'prod/db', slug: null, status: 'pending' }])
  })

  test('don’t come for what was destroyed or deleted before', async () => {
    await withWebhook()
    for (const handler of ['a', 'b']) await put(handler, sealVersion(1, { expires_in: 60, rotate_after: 60 }))
    await destroy('a', 1)
    await patch('a', { rotate_after: null })
    await remove('b')
    await sweepFor(day)
    expect(notices()).toEqual([])
  })

  test('stay as they were when the same value is sealed anew', async () => {
    await withWebhook()
    const start = now()
    await put('prod/db', sealVersion(1, { expires_in: 7200, rotate_after: 3600 }))
    later(1_800_000)
    await put('prod/db', sealVersion(2, { same_value: true }))
    const times = { expires_at: iso(start + 7_200_000), rotation_due_at: iso(start + 3_600_000) }
    expect(await config('prod/db')).toMatchObject(times)
    later(1_800_000)
    await app().sweep()
    await put('prod/db', sealVersion(3, { same_value: true }))
    await app().sweep()
    expect(notices().map(({ type }) => type)).toEqual(['kms.rotation_due'])
    expect(await config('prod/db')).toMatchObject({ ...times, rotation_due: true })
  })
})

/** What is stored of every version and of the metadata, by table and column. */
function storedBytes(): Map<string, Buffer> {
  const rows = readDatabase(app().home.data, (db) => [
    ...db.prepare<[], Record<string, unknown>>(`SELECT 'version' AS kind, * FROM kms_vault`).all(),
    ...db.prepare<[], Record<string, unknown>>(`SELECT 'meta' AS kind, * FROM kms_metas`).all(),
  ])
  const columns = rows.flatMap((row) =>
    Object.entries(row)
      .filter((column): column is [string, Buffer] => Buffer.isBuffer(column[1]))
      .map(([name, bytes]): [string, Buffer] => [`${row['kind'] as string} ${row['id'] as number} ${name}`, bytes]),
  )
  return new Map(columns)
}

describe('destroying', () => {
  test('a version leaves no byte of it in any file, and the others as they were', async () => {
    const all = Array.from({ length: 30 }, (_, index) => sealVersion(index + 1, {}, 272 + index * 400))
    for (const one of all) await put('prod/db', one)
    const stored = [...storedBytes()]
    const gone = new Map(stored.filter(([name]) => Number(name.split(' ')[1]) % 3 === 0))
    expect(leftOf(app().home.data, gone)).toEqual([...gone.keys()].sort())
    for (const { version } of all.filter((one) => one.version % 3 === 0)) {
      const first = await destroy('prod/db', version)
      expect(first).toMatchObject({ status: 200, body: { data: null } })
      expect((await destroy('prod/db', version)).text).toBe(first.text)
    }
    await app().sweep()
    expect(leftOf(app().home.data, gone)).toEqual([])
    for (const one of all)
      expect(await reveal('prod/db', one.version)).toMatchObject(one.version % 3 === 0 ? denied : revealed(one))
    expect((await config('prod/db')).versions).toBe(20)
  })

  test('all of a named secret leaves no byte of content and metadata, replaced metadata included', async () => {
    await put('prod/db', sealVersion(1, { meta: sealedText() }))
    const replaced = storedBytes()
    await patch('prod/db', { meta: sealedText() })
    await put('prod/db', sealVersion(2, { meta: sealedText() }))
    const stored = new Map([...replaced, ...storedBytes()])
    expect(stored.size).toBe(12)
    await remove('prod/db')
    await app().sweep()
    expect(leftOf(app().home.data, stored)).toEqual([])
    await app().store.compact()
    expect(storedBytes().size).toBe(0)
    expect((await put('prod/db', sealVersion(3))).status).toBe(201)
  })

  test('the newest never lets an older one pass for it', async () => {
    await put('prod/db', sealVersion(1))
    await put('prod/db', sealVersion(2))
    await destroy('prod/db', 2)
    expect(await reveal('prod/db')).toMatchObject(denied)
    expect((await config('prod/db')).destroyed_at).toBe(iso(now()))
  })

  test('an unknown version or handler is a 404', async () => {
    await put('prod/db', sealVersion(1))
    for (const version of [2, 0, -1, '1.0', '01', 'x', '9007199254740993'])
      expect(await destroy('prod/db', version)).toMatchObject(refused(404, 'NOT_FOUND'))
    for (const reply of [await destroy('none', 1), await remove('none'), await versions('none'), await events('none')])
      expect(reply).toMatchObject(refused(404, 'NOT_FOUND'))
  })
})

test('a purge takes what the log says of a deleted one, keeps the chain valid, and the number', async () => {
  await put('prod/db', sealVersion(1))
  await reveal('prod/db')
  await reveal('prod/none')
  await put('other', sealVersion(1))
  await remove('prod/db')
  const log = async () =>
    (await call('GET', '/api/v1/audit', undefined, bearer())).body.data.entries as WireAuditEntry[]
  const before = await log()
  later(7 * day - 1)
  await app().sweep()
  expect(await log()).toEqual(before)
  later(1)
  await app().sweep()
  await app().sweep()
  const nothing = { handler: null, version: null, token_id: null, token: null, nonce: null, ip: null, user_agent: null }
  const gone = { ...nothing, reason: null, country: null, purged: true, purged_by: expect.any(Number) as number }
  const after = await log()
  expect(after.slice(0, 5)).toEqual(before.map((entry) => (entry.handler === 'other' ? entry : { ...entry, ...gone })))
  const told = { type: 'purged', reason: 'retention', handler: null }
  expect(after.slice(5)).toMatchObject([
    { ...told, basis: { entries: 1 } },
    { ...told, basis: { entries: 3 } },
  ])
  const verified = (await call('POST', '/api/v1/audit/verify', {}, bearer())).body.data
  expect(verified).toMatchObject({ valid: true, entries: 7 })
  expect(await put('prod/db', sealVersion(1))).toMatchObject(refused(409, 'CONFLICT', { newest: 1 }))
  expect((await put('prod/db', sealVersion(2))).status).toBe(201)
})
