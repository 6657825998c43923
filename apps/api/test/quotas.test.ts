/** Quotas of a workspace over HTTP. That the counts behind them are true is test/contract/usage.ts's business. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { openStore } from '../src/start.ts'
import type { Json, Reply, Sealed } from './support/sender.ts'
import { conversation, newId, seal } from './support/sender.ts'

let app: TestApp
afterEach(() => app.close())

const bearer = () => ({ Authorization: `Bearer ${app.token}` })
const create = (sealed: Sealed): Promise<Reply> => conversation(app.call).create(sealed, bearer())
const burn = ({ slug }: Sealed, query = ''): Promise<Reply> =>
  app.call('DELETE', `/api/v1/secrets/${slug}${query}`, undefined, bearer())

async function readWorkspace(): Promise<{ limits: Json; usage: Json }> {
  const { body } = await app.call('GET', '/api/v1/workspace', undefined, bearer())
  return body.data
}

const exceeded = (quota: string, maximum: number, used: number) => ({
  status: 403,
  body: { error: { code: 'QUOTA_EXCEEDED', details: { quota, maximum, used } } },
})

describe('active secrets', () => {
  test('200 creates at the same moment against a quota of 50 make exactly 50', async () => {
    app = await openApp({ HALFKEY_QUOTA_SECRETS: '50' })
    const replies = await Promise.all(Array.from({ length: 200 }, () => create(seal())))
    const refused = replies.filter(({ status }) => status !== 201)
    expect(refused).toHaveLength(150)
    for (const reply of refused) expect(reply).toMatchObject(exceeded('active_secrets', 50, 50))
    expect((await readWorkspace()).usage.active_secrets).toBe(50)
    const list = await app.call('GET', '/api/v1/secrets', undefined, bearer())
    expect(list.body.pagination.total).toBe(50)
  })

  test('what ended makes room: viewed, burned, expired', async () => {
    app = await openApp({ HALFKEY_QUOTA_SECRETS: '3' })
    const [viewed, burned, expired] = [seal(), seal(), seal({ fields: { expires_in: 60 } })]
    for (const sealed of [viewed, burned, expired]) expect((await create(sealed)).status).toBe(201)
    const full = async () => expect(await create(seal())).toMatchObject(exceeded('active_secrets', 3, 3))
    await full()
    await conversation(app.call).reveal(viewed)
    expect((await create(seal())).status).toBe(201)
    await full()
    await burn(burned)
    expect((await create(seal())).status).toBe(201)
    await full()
    app.clock.advance(60_000)
    await app.sweep()
    expect((await create(seal())).status).toBe(201)
    await full()
  })

  test('a locked secret still takes its place', async () => {
    app = await openApp({ HALFKEY_QUOTA_SECRETS: '1' })
    const sealed = seal({ password: true, fields: { max_attempts: 1 } })
    await create(sealed)
    const guess = { password_proof: seal().passwordProof }
    expect((await conversation(app.call).reveal(sealed, newId(), guess)).status).toBe(403)
    expect(await create(seal())).toMatchObject(exceeded('active_secrets', 1, 1))
  })
})

describe('stored bytes', () => {
  const size = 1104

  test('creates at the same moment never exceed the quota', async () => {
    app = await openApp({ HALFKEY_QUOTA_BYTES: String(size * 10 + size - 1) })
    const replies = await Promise.all(Array.from({ length: 40 }, () => create(seal({ size }))))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(10)
    expect(await create(seal({ size }))).toMatchObject(exceeded('stored_bytes', size * 11 - 1, size * 10))
    expect((await create(seal({ size: size - 1 }))).status).toBe(201)
  })

  test('a note counts as the ciphertext does', async () => {
    app = await openApp()
    const note = 'A'.repeat(400)
    await create(seal({ size, fields: { note } }))
    expect((await readWorkspace()).usage.stored_bytes).toBe(size + note.length)
  })

  test('so does metadata, of which more is refused that doesn’t fit, and as much or less never', async () => {
    app = await openApp({ HALFKEY_QUOTA_BYTES: String(size + 400) })
    const sealed = seal({ size, fields: { meta: 'A'.repeat(400) } })
    await create(sealed)
    expect((await readWorkspace()).usage.stored_bytes).toBe(size + 400)
    const patch = (length: number) =>
      app.call('PATCH', `/api/v1/secrets/${sealed.slug}`, { meta: 'B'.repeat(length) }, bearer())
    expect(await patch(404)).toMatchObject(exceeded('stored_bytes', size + 400, size + 400))
    const details = await app.call('GET', `/api/v1/secrets/${sealed.slug}`, undefined, bearer())
    expect(details.body.data.meta).toBe('A'.repeat(400))
    for (const length of [400, 380, 400]) {
      expect((await patch(length)).status).toBe(200)
      expect((await readWorkspace()).usage.stored_bytes).toBe(size + length)
    }
  })

  test('bytes are given back when the content is destroyed, not before, and once', async () => {
    app = await openApp({ HALFKEY_QUOTA_BYTES: String(size) })
    const sealed = seal({ size })
    await create(sealed)
    const { reveal, ack } = conversation(app.call)
    const revealId = newId()
    await reveal(sealed, revealId)
    expect((await readWorkspace()).usage).toEqual({ active_secrets: 0, stored_bytes: size })
    expect(await create(seal({ size }))).toMatchObject(exceeded('stored_bytes', size, size))
    await ack(sealed, revealId)
    expect((await readWorkspace()).usage).toEqual({ active_secrets: 0, stored_bytes: 0 })
    await burn(sealed, '?purge=true')
    expect((await readWorkspace()).usage).toEqual({ active_secrets: 0, stored_bytes: 0 })
    expect((await create(seal({ size }))).status).toBe(201)
  })
})

describe('a full quota', () => {
  test('refuses without a trace: the slug stays free', async () => {
    app = await openApp({ HALFKEY_QUOTA_SECRETS: '1' })
    const [first, refused] = [seal(), seal({ fields: { note: 'A'.repeat(400), meta: 'A'.repeat(400) } })]
    await create(first)
    expect((await create(refused)).status).toBe(403)
    expect((await conversation(app.call).status(refused)).status).toBe(404)
    await burn(first)
    expect((await create(refused)).status).toBe(201)
  })

  test('answers a repeated create as the first time, and other bytes for its slug as a conflict', async () => {
    app = await openApp({ HALFKEY_QUOTA_SECRETS: '1' })
    const sealed = seal()
    const first = await create(sealed)
    expect(await create(sealed)).toMatchObject({ status: 201, text: first.text })
    const other = { ...sealed, body: { ...sealed.body, maximum_views: 2 } }
    expect((await create(other)).status).toBe(409)
    expect((await readWorkspace()).usage.active_secrets).toBe(1)
  })

  test('binds no secret made without a token, and none of those counts', async () => {
    app = await openApp({ HALFKEY_QUOTA_SECRETS: '1', HALFKEY_QUOTA_BYTES: '1' })
    for (let n = 0; n < 3; n++) expect((await conversation(app.call).create(seal())).status).toBe(201)
    expect((await readWorkspace()).usage).toEqual({ active_secrets: 0, stored_bytes: 0 })
  })
})

describe('secrets made without a token', () => {
  const anonymous = () => conversation(app.call)
  const full = (quota: string, maximum: number) => ({
    status: 403,
    body: { error: { code: 'QUOTA_EXCEEDED', details: { quota, maximum } } },
  })

  test('are bounded in number, all together; what ended makes room, and no workspace pays', async () => {
    app = await openApp({ HALFKEY_ANONYMOUS_QUOTA_SECRETS: '5' })
    const sent = Array.from({ length: 20 }, () => seal())
    const replies = await Promise.all(sent.map((sealed) => anonymous().create(sealed)))
    const stored = sent.filter((_, index) => replies[index]?.status === 201)
    expect(stored).toHaveLength(5)
    const refused = seal()
    expect(await anonymous().create(refused)).toMatchObject(full('anonymous_active_secrets', 5))
    expect((await anonymous().create(refused)).text).not.toContain('used"')
    expect((await anonymous().status(refused)).status).toBe(404)
    expect((await create(seal())).status).toBe(201)
    const [burned, read] = stored as [Sealed, Sealed]
    await anonymous().burn(burned)
    await anonymous().reveal(read)
    for (const status of [201, 201, 403]) expect((await anonymous().create(seal())).status).toBe(status)
  })

  test('are bounded in bytes, announced files included, which are given back when they are destroyed', async () => {
    app = await openApp({ HALFKEY_ANONYMOUS_QUOTA_BYTES: '10000' })
    const files = (size: number) => seal({ size: 1000, fields: { attachments: [{ id: newId(), size }] } })
    const first = files(8000)
    expect((await anonymous().create(first)).status).toBe(201)
    expect(await anonymous().create(files(28))).toMatchObject(full('anonymous_stored_bytes', 10_000))
    await anonymous().burn(first)
    expect((await anonymous().create(files(9000))).status).toBe(201)
  })

  test('are bounded in metadata, which counts until the record is purged, whether it came at first or later', async () => {
    app = await openApp({ HALFKEY_ANONYMOUS_QUOTA_BYTES: '10000', HALFKEY_RETENTION_DAYS: '1' })
    const [first, second] = [seal(), seal({ fields: { meta: 'A'.repeat(1000) } })]
    const used = async () => (await app.store.findWorkspace(0))?.storedBytes
    const patch = (length: number) =>
      app.call(
        'PATCH',
        `/api/v1/secrets/${first.slug}`,
        { meta: 'A'.repeat(length) },
        { 'Halfkey-Manage': first.manageKey },
      )
    for (const sealed of [first, second]) expect((await anonymous().create(sealed)).status).toBe(201)
    expect(await used()).toBe(1104 * 2 + 1000)
    for (const sealed of [first, second]) await anonymous().burn(sealed)
    expect(await used()).toBe(1000)
    expect(await patch(9004)).toMatchObject(full('anonymous_stored_bytes', 10_000))
    expect((await patch(9000)).status).toBe(200)
    expect(await anonymous().create(seal())).toMatchObject(full('anonymous_stored_bytes', 10_000))
    expect((await patch(4000)).status).toBe(200)
    expect(await used()).toBe(5000)
    app.clock.advance(86_400_000)
    await app.sweep()
    expect(await used()).toBe(0)
  })

  test('are counted across a restart, and an abandoned upload gives back what it announced', async () => {
    app = await openApp({ HALFKEY_ANONYMOUS_QUOTA_SECRETS: '2' })
    await anonymous().create(seal({ fields: { attachments: [{ id: newId(), size: 5000 }], expires_in: 60 } }))
    await anonymous().create(seal())
    const used = await app.store.findWorkspace(0)
    expect(used).toMatchObject({ activeSecrets: 2, storedBytes: 1104 * 2 + 5000 })
    app.clock.advance(60_000)
    await app.sweep()
    expect(await app.store.findWorkspace(0)).toMatchObject({ activeSecrets: 1, storedBytes: 1104 })
    const { store } = await openStore(app.deps.config)
    expect(await store.findWorkspace(0)).toMatchObject({ activeSecrets: 1, storedBytes: 1104 })
    await store.close()
  })
})

test('metadata that an older version stored without counting counts once its database is upgraded', async () => {
  app = await openApp()
  const meta = 'A'.repeat(400)
  for (let n = 0; n < 3; n++) await create(seal({ fields: { meta } }))
  await conversation(app.call).create(seal({ fields: { meta } }))
  const usage = async (id: number) => (await app.store.findWorkspace(id))?.storedBytes
  const before = [await usage(0), await usage(1)]
  const database = new Sqlite(path.join(app.home.data, 'halfkey.sqlite'))
  database.exec('UPDATE workspaces SET stored_bytes = 1104 * iif(id = 0, 1, 3)')
  database.exec(readFileSync(new URL('../src/store/sqlite/migrations/0003_metadata.sql', import.meta.url), 'utf8'))
  database.close()
  expect([await usage(0), await usage(1)]).toEqual(before)
  expect(before).toEqual([1104 + 400, 3 * (1104 + 400)])
})

test('the workspace shows its limits beside what it uses', async () => {
  app = await openApp({ HALFKEY_QUOTA_SECRETS: '7', HALFKEY_QUOTA_BYTES: '70000', HALFKEY_MAX_EXPIRES_IN: '3600' })
  await create(seal({ size: 1104, fields: { expires_in: 3600 } }))
  expect(await readWorkspace()).toMatchObject({
    limits: { active_secrets: 7, stored_bytes: 70_000, expires_in: 3600 },
    usage: { active_secrets: 1, stored_bytes: 1104 },
  })
})
