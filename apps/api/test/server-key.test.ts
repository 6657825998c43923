/** The server key derives one key for each use; what version 0.1 sealed with the key itself still opens. */
import { createDecipheriv, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { createServerKey } from '../src/adapters/server-key.ts'
import { makeHome } from './support/server.ts'

const raw = randomBytes(32)
const key = createServerKey(raw)

function openWith(bytes: Buffer, aad: string, box: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', bytes, box.subarray(0, 12))
  decipher.setAAD(Buffer.from(aad)).setAuthTag(box.subarray(-16))
  return Buffer.concat([decipher.update(box.subarray(12, -16)), decipher.final()])
}

test('nothing is sealed under the key of the file, which only derives others', () => {
  const keyA = randomBytes(32)
  const sealed = key.seal('slug', keyA)
  expect(key.unseal('slug', sealed)).toEqual(keyA)
  expect(() => openWith(raw, 'slug', sealed)).toThrow()
  expect(() => openWith(raw, 'box notify slug', key.sealBox('notify slug', keyA))).toThrow()
})

test('a box opens for its own purpose alone, unchanged, and under its own key', () => {
  const sealed = key.seal('slug', randomBytes(32))
  expect(() => key.unseal('other', sealed)).toThrow()
  expect(() => key.unsealBox('slug', sealed)).toThrow()
  expect(() => createServerKey(randomBytes(32)).unseal('slug', sealed)).toThrow()
  const changed = Buffer.from(sealed)
  changed.writeUInt8(changed.readUInt8(20) ^ 1, 20)
  expect(() => key.unseal('slug', changed)).toThrow()
})

test('every keyA that version 0.1 kept opens', () => {
  const folder = new URL('./fixtures/0.1/', import.meta.url)
  const made = JSON.parse(readFileSync(new URL('made.json', folder), 'utf8')) as { serverKey: string }
  const home = makeHome()
  mkdirSync(home.data)
  const file = path.join(home.data, 'halfkey.sqlite')
  writeFileSync(file, gunzipSync(readFileSync(new URL('halfkey.sqlite.gz', folder))))
  const db = new Sqlite(file, { readonly: true })
  const query = 'SELECT slug, sealed_key_a AS sealed FROM secrets JOIN vault USING (id) WHERE sealed_key_a IS NOT NULL'
  const kept = db.prepare(query).all() as { slug: string; sealed: Buffer }[]
  db.close()
  home.remove()
  const old = createServerKey(Buffer.from(made.serverKey, 'base64url'))
  expect(kept.map(({ slug, sealed }) => old.unseal(slug, sealed).length)).toEqual([32, 32, 32])
})
