import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { readDatabase } from './support/database.ts'
import { attachmentCalls, firstFile, sealWithFiles } from './support/attached.ts'
import { newSeed, seeded } from './support/random.ts'
import { expectDestroyed, leftOf, storedOf } from './support/remains.ts'
import { useServer } from './support/running.ts'
import type { Sealed, SealOptions } from './support/sender.ts'
import { newId, seal } from './support/sender.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'halfkey-shift-'))
const shift = path.join(folder, 'shift')
writeFileSync(shift, '0')
afterAll(() => rmSync(folder, { recursive: true }))

const server = useServer({
  HALFKEY_SWEEP_SECONDS: '1',
  HALFKEY_GRACE_SECONDS: '1',
  HALFKEY_LOG: 'off',
  NODE_OPTIONS: `--import ${new URL('./support/shifted-clock.ts', import.meta.url).href}`,
  SHIFT_FILE: shift,
})
const { home, create, status, reveal, ack, burn, purge, patch, events } = server
const { upload, complete } = attachmentCalls(server.call)
const right = (sealed: Sealed) => ({ password_proof: sealed.passwordProof })

async function given(options: SealOptions = {}): Promise<Sealed> {
  const sealed = seal(options)
  expect((await create(sealed)).status).toBe(201)
  return sealed
}

/** The shortest time that a secret may have left. */
const shorten = async (sealed: Sealed): Promise<unknown> =>
  expect((await patch(sealed, { expires_in: 60 })).status).toBe(200)

let ahead = 0

/** Moves the server's clock, so that what was shortened has expired. */
async function letExpire(shortened: Sealed[]): Promise<void> {
  ahead += 61_000
  writeFileSync(shift, String(ahead))
  for (const sealed of shortened)
    await vi.waitFor(async () => expect((await status(sealed, {})).body.error.details.cause).toBe('expired'))
}

const endings: Record<string, (sealed: Sealed) => Promise<unknown>> = {
  'its last view was acked': async (sealed) => {
    const id = newId()
    expect((await reveal(sealed, id, right(sealed))).status).toBe(200)
    expect((await ack(sealed, id)).status).toBe(200)
  },
  'its last reader’s grace time ended': async (sealed) =>
    expect((await reveal(sealed, newId(), right(sealed))).status).toBe(200),
  'it expired': (sealed) => shorten(sealed).then(() => letExpire([sealed])),
  'its owner burned it': burn,
  'its owner purged it': purge,
  'wrong passwords burned it': async (sealed) =>
    expect((await reveal(sealed, newId(), { password_proof: sealed.manageKey })).status).toBe(403),
}

describe('in no file, the database’s free pages and WAL and the attachments’ blobs included, is any of a secret left once', () => {
  const columns = ['sealed_key_a', 'salt', 'iv', 'commitment', 'ciphertext', 'note', 'password_verifier']

  test.each(Object.entries(endings))('%s', async (_, end) => {
    const note = seal({ size: 300 }).body.envelope.ciphertext
    const sealed = sealWithFiles([40_000], { password: true, fields: { note, max_attempts: 1, on_lockout: 'burn' } })
    await upload(sealed)
    expect((await complete(sealed)).status).toBe(200)
    const stored = storedOf(home.data, [sealed]).set(`${sealed.slug} file`, firstFile(sealed).bytes)
    const names = [...stored.keys()].sort()
    expect(names).toEqual([...columns, 'file'].map((column) => `${sealed.slug} ${column}`).sort())
    expect(leftOf(home.data, stored), 'what the search finds while the secret lives').toEqual(names)
    await end(sealed)
    await expectDestroyed(home.data, stored)
  })

  test('it ended among others of every size, in any order; those that live stay readable', async () => {
    const random = seeded(newSeed())
    const sizes = [272, 272, 272, 300, 1000, 2000, 5000, 20_000, 60_000]
    const make = () => given({ size: random.pick(sizes), password: random.chance(0.2), fields: { note: undefined } })
    const living = await Promise.all(Array.from({ length: 800 }, make))
    const stored = new Map<string, Buffer>()
    const ends = [burn, purge, shorten, endings['its last view was acked']]
    for (let round = 0; round < 10; round++) {
      const ending = Array.from({ length: 60 }, () => living.splice(random.below(living.length), 1)[0] as Sealed)
      for (const [name, bytes] of storedOf(home.data, ending)) stored.set(name, bytes)
      await Promise.all(ending.map(async (sealed, n) => ends[n % ends.length]?.(sealed)))
      await letExpire(ending.filter((_, n) => ends[n % ends.length] === shorten))
      living.push(...(await Promise.all(Array.from({ length: 10 }, make))))
    }
    await expectDestroyed(home.data, stored)
    for (const sealed of living) {
      const opened = { key_a: sealed.keyA, envelope: sealed.body.envelope }
      expect((await reveal(sealed, newId(), right(sealed))).body).toMatchObject({ success: true, data: opened })
    }
  })
})

test('purging removes the record, its reveals and its events', async () => {
  const sealed = await given()
  await reveal(sealed)
  const tables = { secrets: 'id', reveals: 'secret_id', events: 'secret_id' }
  const rowsOf = (id: unknown) =>
    readDatabase(home.data, (db) =>
      Object.entries(tables).map(([table, key]) =>
        db.prepare(`SELECT count(*) FROM ${table} WHERE ${key} = ?`).pluck().get(id),
      ),
    )
  const id = readDatabase(home.data, (db) =>
    db.prepare('SELECT id FROM secrets WHERE slug = ?').pluck().get(sealed.slug),
  )
  expect(rowsOf(id)).toEqual([1, 1, 2])
  await purge(sealed)
  expect(rowsOf(id)).toEqual([0, 0, 0])
  expect((await events(sealed)).status).toBe(404)
})
