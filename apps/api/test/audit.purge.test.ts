/** What somebody who can write the database, but not the server's memory or key, can't make the running server purge. */
import { gunzipSync } from 'node:zlib'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import * as commands from '../src/commands.ts'
import { readConfig } from '../src/config.ts'
import { openStore } from '../src/start.ts'
import { verifyAudit } from '../src/domain/audit/verify.ts'
import type { Given } from './support/audited.ts'
import { configOf, openAudited, typesOf } from './support/audited.ts'
import { fastDirectory } from './support/app.ts'
import { kmsCalls, sealVersion } from './support/named.ts'
import { makeHome } from './support/server.ts'

const day = 86_400_000

/** The database as it is, to be put back row by row. */
function copyOf({ home, sql }: Given) {
  const file = path.join(home.root, `${randomUUID()}.sqlite`)
  sql(`VACUUM INTO '${file}'`)
  return {
    putBack: (...tables: string[]) =>
      sql(
        `ATTACH '${file}' AS copy; ${tables.map((table) => `INSERT OR REPLACE INTO main.${table} SELECT * FROM copy.${table};`).join('')}`,
      ),
  }
}

const end = `state = 'expired', cause = 'expired', ended_at = 1, destroy_at = NULL, destroy_files_at = NULL`

/** A secret of five views that was opened once, 32 days after it was made; the thief's entry is the second. */
async function opened(fields: Record<string, unknown> = {}): Promise<Given> {
  const app = await openAudited()
  const sealed = await app.given({ fields: { maximum_views: 5, expires_in: 3_600_000, ...fields } })
  app.clock.advance(32 * day)
  expect((await app.api.reveal(sealed)).status).toBe(200)
  return app
}

describe('a record that the database alone changed is neither expired nor purged, and verifying names it', () => {
  test.each([
    ['an end that never was', end],
    [
      'an end at the time of its opening',
      `state = 'viewed', cause = 'viewed', ended_at = (SELECT at FROM events WHERE type = 'opened')`,
    ],
    ['an earlier expiry', 'expires_at = created_at + 60000'],
    ['an expiry before its creation', 'expires_at = 1'],
    ['a burn that never was', `state = 'burned', cause = 'burned', ended_at = 1`],
    ['all views spent', `${end}, views = 5, state = 'viewed', cause = 'viewed'`],
    ['fewer views', `maximum_views = 1, ${end.replaceAll('expired', 'viewed')}`],
    ['an upload given up', `state = 'uploading', created_at = 1`],
    ['another workspace', `workspace_id = NULL, ${end}`],
    ['another slug', `slug = '1111111111111', ${end}`],
  ])('%s', async (_, change) => {
    const app = await opened()
    const { head, entries } = await app.audit()
    app.sql(`UPDATE secrets SET ${change}`)
    app.clock.advance(31 * day)
    expect(await app.sweep()).toMatchObject({ expired: 0, purged: 0, disputed: 1 })
    expect(await app.sweep(), 'counted once').toMatchObject({ disputed: 0 })
    const left = await app.audit()
    expect(left.entries.map(({ id, type, ip, purged }) => [id, type, ip, purged])).toEqual(
      entries.map(({ id, type, ip, purged }) => [id, type, ip, purged]),
    )
    const { lines, failed } = await commands.verifyAuditLog(configOf(app))
    expect([failed, lines.some((line) => /entry [01] .*(database record|was modified)/.test(line))]).toEqual([
      true,
      true,
    ])
    if (!change.includes('workspace_id')) expect(await app.verify(head)).toMatchObject({ valid: false })
  })

  test('somebody’s entry that is filed under a secret that is due keeps that from being purged', async () => {
    const app = await opened()
    const due = await app.given()
    await app.api.burn(due)
    app.sql(`UPDATE events SET secret_id = (SELECT max(id) FROM secrets) WHERE id = 2`)
    app.clock.advance(31 * day)
    expect(await app.sweep()).toMatchObject({ purged: 0 })
    expect((await app.audit()).entries.every(({ purged }) => !purged)).toBe(true)
  })

  test('somebody’s refusal that is filed under a secret that is due keeps that from being purged', async () => {
    const app = await openAudited()
    const due = await app.given()
    const living = await app.given({ password: true, fields: { expires_in: 3_600_000 } })
    await app.api.burn(due)
    expect((await app.api.reveal(living)).status).toBe(403)
    app.sql(`UPDATE events SET secret_id = 1 WHERE type = 'denied'`)
    app.clock.advance(31 * day)
    expect(await app.sweep()).toMatchObject({ purged: 0, disputed: 1 })
    expect((await app.audit()).entries.every(({ purged }) => !purged)).toBe(true)
  })

  test('a named secret: deleted according to its row alone', async () => {
    const app = await openAudited()
    const kms = kmsCalls(app.call, () => app.bearer)
    await kms.put('prod/x', sealVersion(1))
    await kms.reveal('prod/x')
    app.clock.advance(40 * day)
    app.sql('UPDATE kms_entries SET deleted_at = 1')
    expect(await app.sweep()).toMatchObject({ purged: 0, disputed: 1 })
    expect(typesOf((await app.audit()).entries)).toEqual(['kms.put', 'kms.revealed'])
    expect(await app.verify()).toMatchObject({ valid: false, records: [1] })
    app.sql('UPDATE kms_entries SET deleted_at = NULL')
    expect(await app.verify()).toMatchObject({ valid: true })
    expect((await kms.reveal('prod/x')).status).toBe(200)
  })

  test('a named secret: entries made out to be of no handler are kept, but for refusals', async () => {
    const app = await openAudited()
    const kms = kmsCalls(app.call, () => app.bearer)
    await kms.put('prod/x', sealVersion(1))
    await kms.reveal('prod/x')
    await kms.reveal('prod/x', 9)
    app.clock.advance(40 * day)
    app.sql('UPDATE events SET kms_id = NULL')
    await app.sweep()
    expect(typesOf((await app.audit()).entries)).toEqual(['kms.put', 'kms.revealed', 'kms.denied', 'purged retention'])
  })

  test('refusals for handlers that there were none of: one entry tells of them all', async () => {
    const app = await openAudited()
    const kms = kmsCalls(app.call, () => app.bearer)
    for (const handler of ['prod/a', 'prod/b', 'prod/c']) await kms.reveal(handler)
    app.clock.advance(40 * day)
    await app.sweep()
    const { entries } = await app.audit()
    expect(typesOf(entries)).toEqual(['kms.denied', 'kms.denied', 'kms.denied', 'purged retention'])
    expect(entries.map(({ purged }) => purged)).toEqual([true, true, true, false])
    expect(await app.verify()).toMatchObject({ valid: true })
  })

  test('nor when its owner asks for it', async () => {
    const app = await openAudited()
    const sealed = await app.given({ fields: { maximum_views: 1 } })
    await app.api.reveal(sealed)
    app.sql(`UPDATE secrets SET ${end}`)
    const reply = await app.call('DELETE', `/api/v1/secrets/${sealed.slug}?purge=true`, undefined, app.bearer)
    expect(reply).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } })
    expect((await app.audit()).entries.every(({ purged }) => !purged)).toBe(true)
  })

  test('others are purged beside it', async () => {
    const app = await opened()
    const due = await app.given()
    await app.api.burn(due)
    app.sql(`UPDATE secrets SET ${end} WHERE id = 1`)
    app.clock.advance(31 * day)
    expect(await app.sweep()).toMatchObject({ purged: 1, disputed: 1 })
  })
})

describe('a purge', () => {
  async function purged() {
    const app = await openAudited()
    const sealed = await app.given({ fields: { maximum_views: 1 } })
    await app.api.reveal(sealed)
    const endedAt = app.clock.now()
    const copy = copyOf(app)
    app.clock.advance(31 * day)
    expect(await app.sweep()).toMatchObject({ purged: 1 })
    return { app, sealed, endedAt, copy }
  }

  test('is an entry of the chain, with its cause, the time that it rests on and how many entries it emptied', async () => {
    const { app, endedAt } = await purged()
    const { entries } = await app.audit()
    const basis = { since: new Date(endedAt).toISOString(), retention: 30 * 86_400, entries: 2 }
    expect(entries.at(-1)).toMatchObject({ type: 'purged', reason: 'retention', slug: null, basis, purged: false })
    expect(entries.map((entry) => entry.purged_by)).toEqual([3, 3, null])
    expect(await app.verify()).toMatchObject({ valid: true, entries: 3 })
  })

  test('on request says so', async () => {
    const app = await openAudited()
    const { slug } = await app.given()
    await app.call('DELETE', `/api/v1/secrets/${slug}?purge=true`, undefined, app.bearer)
    expect((await app.audit()).entries.at(-1)).toMatchObject({
      reason: 'request',
      basis: { retention: null, entries: 2 },
    })
    expect(await app.verify()).toMatchObject({ valid: true })
  })

  test('whose record is put back is found, with its entries and without', async () => {
    const { app, copy } = await purged()
    copy.putBack('secrets')
    expect(await app.verify()).toMatchObject({ valid: false, records: [0] })
    app.sql('UPDATE events SET secret_id = 1 WHERE id = 1')
    expect((await app.verify()).valid).toBe(false)
    copy.putBack('events')
    expect(await app.verify()).toMatchObject({ valid: false, problems: [{ id: 3, problem: 'purge' }] })
  })

  test('whose entry is changed, moved or removed is found', async () => {
    const { app } = await purged()
    const problems = async (change: string) => {
      const copy = copyOf(app)
      app.sql(change)
      const found = (await app.verify()).problems
      copy.putBack('events')
      app.sql(`DELETE FROM events WHERE id > 3`)
      expect(await app.verify()).toMatchObject({ valid: true })
      return found
    }
    expect(await problems(`UPDATE events SET basis = json_set(basis, '$.entries', 1) WHERE id = 3`)).toContainEqual({
      id: 3,
      problem: 'changed',
    })
    expect(await problems('UPDATE events SET purged_by = NULL WHERE id = 1')).toContainEqual({
      id: 1,
      problem: 'changed',
    })
    expect(await problems('DELETE FROM events WHERE id = 3')).toEqual([])
  })
})

test('what a patch sets is recorded, and the expiry rests on it', async () => {
  const app = await openAudited()
  const sealed = await app.given({ fields: { maximum_views: 5 } })
  const path = `/api/v1/secrets/${sealed.slug}`
  await app.call('PATCH', path, { expires_in: 60, maximum_views: 2 }, app.bearer)
  const basis = { expires_at: new Date(app.clock.now() + 60_000).toISOString(), maximum_views: 2 }
  expect((await app.audit()).entries.at(-1)).toMatchObject({ type: 'changed', slug: sealed.slug, basis })
  expect(await app.verify()).toMatchObject({ valid: true })
  app.clock.advance(61_000)
  expect(await app.sweep()).toMatchObject({ expired: 1, disputed: 0 })
  expect(await app.verify()).toMatchObject({ valid: true })
})

/** Made by version 0.1, commit 9874eb0: purged, ended, living and named secrets, 21 entries in two chains. */
test('a data directory of 0.1 opens, its log verifies with its head, and goes on; its logs are kept long enough', async () => {
  const folder = new URL('./fixtures/0.1/', import.meta.url)
  const made = JSON.parse(readFileSync(new URL('made.json', folder), 'utf8')) as {
    serverKey: string
    now: number
    head: { id: number; chain: string }
  }
  const home = makeHome(fastDirectory)
  mkdirSync(home.data)
  writeFileSync(path.join(home.data, 'halfkey.sqlite'), gunzipSync(readFileSync(new URL('halfkey.sqlite.gz', folder))))
  writeFileSync(home.serverKey, made.serverKey)
  const { config } = readConfig({ HALFKEY_DATA_DIR: home.data, HALFKEY_SERVER_KEY_FILE: home.serverKey })
  const { store, serverKey } = await openStore(config)
  try {
    const saved = { id: made.head.id, chain: Buffer.from(made.head.chain, 'base64url') }
    const verify = async () => [
      await verifyAudit(store, serverKey.mac, 1, saved),
      await verifyAudit(store, serverKey.mac, null),
    ]
    const intact = [{ problems: [], holdsSaved: true }, { problems: [] }]
    expect(await verify()).toMatchObject(intact)

    const sweep = (days: number) => store.sweep(made.now + days * day, made.now + (days - 30) * day)
    expect(await sweep(31)).toMatchObject({ disputed: 0, purged: 3 }) // prod/old, whose deletion its log proves
    expect(await sweep(42)).toMatchObject({ disputed: 0 })
    const kept = (await store.readAudit({ workspaceId: 1, after: 0, limit: 100 })).filter(({ slug }) => slug !== null)
    expect(kept.length).toBeGreaterThan(5)
    expect(await verify()).toMatchObject(intact)
    expect(await sweep(42 + 31)).toMatchObject({ disputed: 0 })
    expect(await verify()).toMatchObject(intact)
    const left = new Sqlite(path.join(home.data, 'halfkey.sqlite'), { readonly: true })
    expect(left.prepare(`SELECT count(*) FROM secrets WHERE state <> 'expired'`).pluck().get()).toBe(0)
    left.close()
  } finally {
    await store.close()
    home.remove()
  }
})
