/** The access log shows when it was touched. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as commands from '../src/commands.ts'
import { configOf, openAudited, otherToken, tenEntries, typesOf } from './support/audited.ts'
import { seal } from './support/sender.ts'

describe('verifying', () => {
  test.each([
    ['type', `type = 'expired'`],
    ['reason', `reason = 'operator'`],
    ['time', 'at = at + 1'],
    ['time, to none', `at = 'never'`],
    ['address', `ip = '203.0.113.1'`],
    ['user agent', `user_agent = 'somebody else'`],
    ['country', `country = 'FR'`],
    ['secret', 'secret_id = secret_id + 1'],
    ['secret, to none', 'secret_id = NULL'],
    ['nonce', `nonce = 'x'`],
    ['hash', `entry_hash = zeroblob(32)`],
    ['content, emptied as if purged', 'secret_id = NULL, nonce = NULL, ip = NULL, user_agent = NULL'],
    [
      'content, with another’s mark of a purge',
      'secret_id = NULL, nonce = NULL, ip = NULL, user_agent = NULL, purge_mark = zeroblob(32)',
    ],
  ])('names an entry whose %s was changed', async (_what, change) => {
    const app = await tenEntries()
    app.sql(`UPDATE events SET ${change} WHERE id = 7`)
    const { valid, problems } = await app.verify()
    expect(valid).toBe(false)
    expect(problems).toContainEqual({ id: 7, problem: 'changed' })
  })

  test('names the entries whose secret was given another slug', async () => {
    const app = await tenEntries()
    app.sql(`UPDATE secrets SET slug = '1111111111111' WHERE id = 2`)
    const changed = (id: number) => ({ id, problem: 'changed' })
    expect(await app.verify()).toMatchObject({ valid: false, problems: [changed(2), changed(7)] })
  })

  test('names the place of an entry that was removed, the first one included', async () => {
    const app = await tenEntries()
    app.sql('DELETE FROM events WHERE id IN (1, 6)')
    const misplaced = (id: number) => ({ id, problem: 'misplaced' })
    expect(await app.verify()).toMatchObject({ valid: false, problems: [misplaced(2), misplaced(7)] })
  })

  test('names entries that changed places', async () => {
    const app = await tenEntries()
    app.sql(
      'UPDATE events SET id = -3 WHERE id = 3; UPDATE events SET id = 3 WHERE id = 4; UPDATE events SET id = 4 WHERE id = -3',
    )
    const ids = (await app.verify()).problems.map(({ id }) => id)
    expect(ids).toContain(3)
    expect(ids).toContain(4)
  })

  test('names an entry that was renumbered though its place stayed the same', async () => {
    const app = await tenEntries()
    app.sql('UPDATE events SET id = 1000 WHERE id = 10')
    expect(await app.verify()).toMatchObject({ valid: false, problems: [{ id: 1000, problem: 'changed' }] })
  })

  test('names an entry that was inserted or copied', async () => {
    const app = await tenEntries()
    app.sql(`INSERT INTO events (id, workspace_id, secret_id, type, at, entry_hash, chain, nonce)
      SELECT 11, workspace_id, secret_id, type, at, entry_hash, chain, nonce FROM events WHERE id = 10`)
    expect(await app.verify()).toMatchObject({ valid: false, problems: [{ id: 11 }, { id: 11 }] })
  })

  test('names an entry that was moved into this log from another', async () => {
    const app = await tenEntries()
    const other = await otherToken(app)
    await app.api.create(seal(), other)
    app.sql('UPDATE events SET workspace_id = 1 WHERE id = 11')
    expect((await app.verify()).problems).toContainEqual({ id: 11, problem: 'misplaced' })
  })

  test('finds a cut end with any head saved before, and names it; without one only the records show it', async () => {
    const app = await tenEntries()
    const { head } = await app.audit()
    expect(await app.verify(head)).toMatchObject({ valid: true, head })
    app.sql('DELETE FROM events WHERE id > 8')
    expect(await app.verify()).toMatchObject({ valid: false, entries: 8, problems: [], records: [4, 5] })
    expect(await app.verify(head)).toMatchObject({ valid: false, problems: [{ id: 10, problem: 'missing' }] })
    await app.given()
    await app.given()
    expect(await app.verify(head)).toMatchObject({
      valid: false,
      entries: 10,
      problems: [{ id: 10, problem: 'missing' }],
    })
  })

  test('any entry of an export serves as the saved head', async () => {
    const app = await tenEntries()
    const [, , , , { id, chain } = { id: 0, chain: '' }] = (await app.audit()).entries
    expect(await app.verify({ id, chain })).toMatchObject({ valid: true })
    expect(await app.verify({ id: 4, chain })).toMatchObject({
      valid: false,
      problems: [{ id: 4, problem: 'missing' }],
    })
  })

  test('a purge takes what the entries say, leaves their hashes and the chain valid', async () => {
    const app = await tenEntries()
    const before = (await app.audit()).entries
    app.clock.advance(31 * 86_400_000)
    await app.sweep()
    const { entries } = await app.audit()
    const said = { slug: null, nonce: null, reason: null, ip: null, user_agent: null, country: null, basis: null }
    const gone = { ...said, purged: true, purged_by: expect.any(Number) as number }
    expect(entries.slice(0, 10)).toEqual(before.map((entry) => ({ ...entry, ...gone })))
    expect(typesOf(entries.slice(10))).toEqual(Array(5).fill('purged retention'))
    await app.given()
    expect(await app.verify()).toMatchObject({ valid: true, entries: 16 })
    app.sql(`UPDATE events SET at = at + 1 WHERE id = 3; UPDATE events SET ip = '192.0.2.1' WHERE id = 4`)
    const changed = (id: number) => ({ id, problem: 'changed' })
    expect(await app.verify()).toMatchObject({ valid: false, problems: [changed(3), changed(4)] })
  })

  test('a log written in parallel is one valid chain with nothing missing', async () => {
    const app = await openAudited()
    const sealed = await Promise.all(Array.from({ length: 100 }, () => app.given()))
    await Promise.all(sealed.map((secret) => app.api.reveal(secret)))
    expect(await app.verify()).toMatchObject({ valid: true, entries: 200 })
  })

  test('writes that fail beside others leave no gap in the chain', async () => {
    const app = await openAudited()
    const token = await app.store.findToken(app.token.split('_')[1] ?? '')
    if (!token) throw new Error('the admin token is not found')
    const made = await Promise.all(Array.from({ length: 6 }, () => app.given()))
    const ids = await Promise.all(made.map(async ({ slug }) => (await app.store.findSecret(slug))?.id ?? 0))
    const caller = { ip: null, userAgent: null, country: null }
    const burn = (id: number) => app.store.burn(id, app.clock.now(), caller)
    const failing = () => expect(app.store.createToken(token)).rejects.toThrow()
    await Promise.all(ids.flatMap((id) => [burn(id), failing()])) // at once, so that they share a transaction
    expect(await app.verify()).toMatchObject({ valid: true, entries: 12, head: { id: 12 } })
  })

  test('a log written by several processes is one valid chain with nothing missing', async () => {
    const app = await openAudited()
    const program = fileURLToPath(new URL('./support/audit-writer.ts', import.meta.url))
    const writers = Array.from({ length: 2 }, () =>
      spawn(process.execPath, [program, app.home.data, app.home.serverKey, '40'], { stdio: 'inherit' }),
    )
    onTestFinished(() => writers.forEach((writer) => void writer.kill()))
    const ended = writers.map((writer) => once(writer, 'exit'))
    for (let n = 0; n < 20; n++) {
      const sealed = seal()
      await app.api.create(sealed)
      await app.api.burn(sealed)
    }
    expect(await Promise.all(ended)).toEqual([
      [0, null],
      [0, null],
    ])
    const { lines } = await commands.verifyAuditLog(configOf(app))
    expect(lines[0]).toMatch(/^anonymous secrets: 200 entries, head 200:/)
    expect(lines.at(-1)).toBe('The log is intact.')
  })
})

describe('the operator', () => {
  test('takes a secret down beside the running server; reader and owner learn of it', async () => {
    const app = await openAudited()
    const sealed = await app.given()
    expect((await commands.burn(configOf(app), app.clock, app.deps.log, sealed.slug)).failed).toBeUndefined()
    expect(await app.api.reveal(sealed)).toMatchObject({
      status: 410,
      body: { error: { details: { cause: 'burned' } } },
    })
    expect(typesOf((await app.audit()).entries)).toEqual(['created', 'burned operator', 'denied GONE'])
    expect(await app.verify()).toMatchObject({ valid: true })
  })

  test('is told of a slug that doesn’t exist', async () => {
    const app = await openAudited()
    expect(await commands.burn(configOf(app), app.clock, app.deps.log, '1111111111111')).toMatchObject({ failed: true })
  })

  test('verifies every chain, with a head that any of them holds', async () => {
    const app = await tenEntries()
    await app.api.create(seal())
    const { head } = await app.audit()
    const config = configOf(app)
    const saved = `${head?.id}:${head?.chain}`
    const { lines, failed } = await commands.verifyAuditLog(config, saved)
    expect(failed).toBe(false)
    expect(lines).toContain(`workspace 1: 10 entries, head ${saved}`)
    app.sql('DELETE FROM events WHERE id = 10; UPDATE events SET at = 0 WHERE id = 4')
    const cut = await commands.verifyAuditLog(config, saved)
    expect(cut.failed).toBe(true)
    expect(cut.lines.join('\n')).toMatch(/entry 4 was modified[^]*Entry 10 doesn’t match the given head/)
    await expect(commands.verifyAuditLog(config, 'nonsense')).rejects.toThrow('--head must be ID:CHAIN')
  })
})
