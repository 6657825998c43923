/** What was destroyed is nowhere in the database's files: not in free pages, not in the write-ahead log. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sealed } from './support/sender.ts'
import { caller, conversation, newId, seal } from './support/sender.ts'
import type { Home, ServerProcess } from './support/server.ts'
import { makeHome, startServer } from './support/server.ts'

let home: Home
let server: ServerProcess
let talk: ReturnType<typeof conversation>

beforeAll(async () => {
  home = makeHome()
  server = await startServer(home, { HALFKEY_SWEEP_SECONDS: '1', HALFKEY_GRACE_SECONDS: '1' })
  talk = conversation(caller(server.url))
})

afterAll(async () => {
  await server.stop()
  home.remove()
})

const window = 16

/** All bytes of the data directory. */
const stored = (): Buffer =>
  Buffer.concat(readdirSync(home.data).map((name) => readFileSync(path.join(home.data, name))))

const unb64 = (text: unknown): Buffer => Buffer.from(String(text), 'base64url')

/** What must go with a secret, as the database holds it. */
function secretsOf(sealed: Sealed): Buffer[] {
  const database = new Sqlite(path.join(home.data, 'halfkey.sqlite'), { readonly: true })
  const row = database
    .prepare('SELECT v.sealed_key_a AS key FROM vault v JOIN secrets s ON s.id = v.id WHERE s.slug = ?')
    .get(sealed.slug) as { key: Buffer }
  database.close()
  const { envelope, password_verifier: verifier } = sealed.body
  const fields = [envelope.ciphertext, envelope['salt'], envelope['commitment'], sealed.body['note'], verifier]
  return [row.key, ...fields.filter((field) => field !== undefined).map(unb64)]
}

/** Nothing expires within the minute that a create has to give it. */
async function bringExpiryForward(sealed: Sealed): Promise<void> {
  const database = new Sqlite(path.join(home.data, 'halfkey.sqlite'), { timeout: 10_000 })
  database.prepare('UPDATE secrets SET expires_at = ? WHERE slug = ?').run(Date.now(), sealed.slug)
  database.close()
  expect((await talk.status(sealed, {})).body.error.details.cause).toBe('expired')
}

/** How many of the parts' windows are in the database's files, at any offset; no 31 bytes in a row go unseen. */
function foundAny(parts: Buffer[]): number {
  const windows = new Map<number, Buffer[]>()
  for (const part of parts)
    for (let at = 0; at + window <= part.length; at += window) {
      const bytes = part.subarray(at, at + window)
      const start = bytes.readUInt32LE(0)
      windows.set(start, [...(windows.get(start) ?? []), bytes])
    }
  const haystack = stored()
  let count = 0
  for (let at = 0; at + window <= haystack.length; at++) {
    const candidates = windows.get(haystack.readUInt32LE(at))
    if (candidates?.some((bytes) => haystack.compare(bytes, 0, window, at, at + window) === 0)) count++
  }
  return count
}

/** Waits for a sweep after which nothing is found; what is still found after ten of them. */
async function leftAfterSweeps(parts: Buffer[]): Promise<number> {
  for (let sweeps = 0; sweeps < 10; sweeps++) {
    await sleep(1000)
    if (foundAny(parts) === 0) return 0
  }
  return foundAny(parts)
}

const note = (): string => seal({ size: 300 }).body.envelope.ciphertext

describe('of a secret that ended no byte of ciphertext, keyA, note or verifier is left', () => {
  it.each([
    [
      'its last view was acked',
      async (sealed: Sealed) => {
        const id = newId()
        await talk.reveal(sealed, id, { password_proof: sealed.passwordProof })
        await talk.ack(sealed, id)
      },
    ],
    [
      'its last reader never acked',
      (sealed: Sealed) => talk.reveal(sealed, newId(), { password_proof: sealed.passwordProof }),
    ],
    ['it expired', bringExpiryForward],
    ['its owner burned it', (sealed: Sealed) => talk.burn(sealed)],
    ['its owner purged it', (sealed: Sealed) => talk.purge(sealed)],
    [
      'a wrong password burned it',
      (sealed: Sealed) => talk.reveal(sealed, newId(), { password_proof: sealed.manageKey }),
    ],
  ])('%s', async (_, end) => {
    const sealed = seal({ password: true, fields: { note: note(), max_attempts: 1, on_lockout: 'burn' } })
    await talk.create(sealed)
    const parts = secretsOf(sealed)
    expect(foundAny(parts), 'the search finds what is still there').toBeGreaterThan(parts.length)
    await end(sealed)
    expect(await leftAfterSweeps(parts)).toBe(0)
  })
})

it('neighbours of every size leave no copies behind, and those that live stay readable', async () => {
  const sizes = [272, 300, 1000, 1104, 2000, 4000, 5000, 20_000, 60_000]
  const many = Array.from({ length: 300 }, (_, i) =>
    seal({ size: sizes[i % sizes.length] ?? 272, fields: { note: note() } }),
  )
  for (const sealed of many) await talk.create(sealed)
  const [kept, gone] = [many.filter((_, i) => i % 3 === 0), many.filter((_, i) => i % 3 !== 0)]
  const parts = gone.map(secretsOf)
  for (const sealed of gone.toReversed())
    await (gone.indexOf(sealed) % 2 === 0 ? talk.burn(sealed) : talk.purge(sealed))
  // More creates, so that what was freed is used again.
  for (let i = 0; i < 100; i++) await talk.create(seal({ size: sizes[i % sizes.length] ?? 272 }))
  expect(await leftAfterSweeps(parts.flat())).toBe(0)
  for (const sealed of kept) {
    const { body } = await talk.reveal(sealed)
    expect([body.data.key_a, body.data.envelope]).toEqual([sealed.keyA, sealed.body.envelope])
  }
})

it('metadata that was replaced, or purged with its secret, is gone', async () => {
  const [first, second] = [note(), seal({ size: 4000 }).body.envelope.ciphertext]
  const sealed = seal({ fields: { meta: first } })
  await talk.create(sealed)
  await talk.patch(sealed, { meta: second })
  expect(await leftAfterSweeps([unb64(first)])).toBe(0)
  expect((await talk.details(sealed)).body.data.meta).toBe(second)
  await talk.purge(sealed)
  expect(await leftAfterSweeps([unb64(second)])).toBe(0)
})
