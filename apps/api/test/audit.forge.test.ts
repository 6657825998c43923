/** What somebody who can write the database, but doesn't hold the server key, can't make the access log say. */
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { AuditEntry, Mac } from '../src/domain/audit/entry.ts'
import { chainStart, hashEntry, linkEntry, markPurged } from '../src/domain/audit/entry.ts'
import { createServerKey } from '../src/adapters/server-key.ts'
import type { Given } from './support/audited.ts'
import { otherToken, tenEntries } from './support/audited.ts'

const { mac: strangersMac } = createServerKey(Buffer.alloc(32, 1))

/** Makes the hashes and links of the first workspace's entries anew, from `first` on, with whatever key `mac` has. */
async function forgeChain({ store, home }: Given, mac: Mac, first = 1): Promise<void> {
  await nextTurn()
  const entries = await store.readAudit({ workspaceId: 1, after: 0, limit: 1000 })
  const database = new Sqlite(path.join(home.data, 'halfkey.sqlite'))
  const update = database.prepare('UPDATE events SET entry_hash = ?, chain = ?, purge_mark = ? WHERE id = ?')
  let previous = chainStart(1)
  for (const entry of entries) {
    const forged = entry.id < first ? entry : forgeEntry(mac, previous, entry)
    update.run(forged.entryHash, forged.chain, forged.purgeMark, forged.id)
    previous = forged.chain
  }
  database.close()
}

function forgeEntry(mac: Mac, previous: Buffer, entry: AuditEntry): AuditEntry {
  const entryHash = entry.purgeMark ? entry.entryHash : hashEntry(entry)
  const chain = linkEntry(mac, previous, entryHash)
  return { ...entry, entryHash, chain, purgeMark: entry.purgeMark && markPurged(mac, { ...entry, chain }) }
}

const idsOf = (problems: { id: number }[]) => [...new Set(problems.map(({ id }) => id))]
const emptied = 'secret_id = NULL, nonce = NULL, reason = NULL, ip = NULL, user_agent = NULL, country = NULL'

describe('without the server key', () => {
  test('an entry with a right hash that is added at the end is found', async () => {
    const app = await tenEntries()
    app.sql(`INSERT INTO events (id, workspace_id, secret_id, type, at, entry_hash, chain, nonce)
      SELECT 11, workspace_id, secret_id, 'acked', at, entry_hash, chain, 'forged' FROM events WHERE id = 10`)
    await forgeChain(app, strangersMac, 11)
    expect(await app.verify()).toMatchObject({ valid: false, problems: [{ id: 11, problem: 'misplaced' }] })
    await app.given()
    expect(await app.verify(), 'though the server goes on from it').toMatchObject({ problems: [{ id: 11 }] })
  })

  test('an entry with a right hash that is put between two others is found', async () => {
    const app = await tenEntries()
    app.sql('UPDATE events SET id = -id WHERE id > 5; UPDATE events SET id = 1 - id WHERE id < 0')
    app.sql(`INSERT INTO events (id, workspace_id, secret_id, type, at, entry_hash, chain, nonce)
      SELECT 6, workspace_id, secret_id, 'acked', at, entry_hash, chain, 'forged' FROM events WHERE id = 5`)
    await forgeChain(app, strangersMac, 6)
    const { valid, problems } = await app.verify()
    expect([valid, idsOf(problems)[0]]).toEqual([false, 6])
  })

  test('a chain that was made anew from a changed entry on is found from there on', async () => {
    const app = await tenEntries()
    app.sql(`UPDATE events SET ip = '203.0.113.1' WHERE id = 4`)
    await forgeChain(app, strangersMac, 4)
    const { valid, problems } = await app.verify()
    expect(valid).toBe(false)
    expect(problems).toEqual([4, 5, 6, 7, 8, 9, 10].map((id) => ({ id, problem: 'misplaced' })))
  })

  test('a chain that was made anew as a whole is found, entry by entry', async () => {
    const app = await tenEntries()
    await forgeChain(app, strangersMac)
    expect(idsOf((await app.verify()).problems)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('an entry that was emptied under a mark of its own making is found', async () => {
    const app = await tenEntries()
    app.sql(`UPDATE events SET ${emptied}, purge_mark = x'00' WHERE id = 4`)
    const [entry] = await app.store.readAudit({ workspaceId: 1, after: 3, limit: 1 })
    const mark = entry && markPurged(strangersMac, entry)
    app.sql(`UPDATE events SET purge_mark = x'${mark?.toString('hex')}' WHERE id = 4`)
    expect(await app.verify()).toMatchObject({ valid: false, problems: [{ id: 4, problem: 'changed' }] })
  })

  test.each([
    ['type', `type = 'opened'`],
    ['time', 'at = at + 1'],
    ['mark, to another’s', 'purge_mark = (SELECT purge_mark FROM events WHERE id = 5)'],
    ['mark, by a bit', `purge_mark = x'01' || substr(purge_mark, 2)`],
    ['mark, to none', 'purge_mark = NULL'],
    ['emptiness, by a reason', `reason = 'operator'`],
    ['emptiness, by a nonce', `nonce = 'x'`],
    ['emptiness, by a secret', 'secret_id = (SELECT max(id) FROM secrets)'],
  ])('an entry that was purged, and whose %s was changed then, is found', async (_, change) => {
    const app = await tenEntries()
    app.clock.advance(31 * 86_400_000)
    await app.sweep()
    await app.given()
    app.sql(`UPDATE events SET ${change} WHERE id = 4`)
    expect(await app.verify()).toMatchObject({ valid: false, problems: [{ id: 4, problem: 'changed' }] })
  })

  test('a whole log that is passed off as another workspace’s is found', async () => {
    const app = await tenEntries()
    const other = await otherToken(app)
    app.sql('UPDATE events SET workspace_id = 2')
    const { body } = await app.call('POST', '/api/v1/audit/verify', {}, other)
    expect(body.data).toMatchObject({ valid: false, entries: 10 })
    expect(body.data.problems).toContainEqual({ id: 1, problem: 'misplaced' })
  })

  test('a log that was emptied, or put back to an older state, is found with a head saved before', async () => {
    const app = await tenEntries()
    const { head } = await app.audit()
    for (const left of [6, 0]) {
      app.sql(`DELETE FROM events WHERE id > ${left}`)
      expect(await app.verify()).toMatchObject({ entries: left, problems: [] })
      expect(await app.verify(head)).toMatchObject({ valid: false, problems: [{ id: 10, problem: 'missing' }] })
    }
  })
})

test('with the server key a chain can be forged, and only a head saved before shows it', async () => {
  const app = await tenEntries()
  const { head, entries } = await app.audit()
  app.sql(`UPDATE events SET ip = '203.0.113.1' WHERE id = 4`)
  await forgeChain(app, app.deps.serverKey.mac)
  expect(await app.verify()).toMatchObject({ valid: true })
  expect(await app.verify(head)).toMatchObject({ valid: false, problems: [{ id: 10, problem: 'missing' }] })
  const before = entries[2] && { id: entries[2].id, chain: entries[2].chain }
  expect(await app.verify(before), 'what came before it holds').toMatchObject({ valid: true })
})
