import { expect, test } from 'vitest'
import { createServerKey } from '../src/adapters/server-key.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import { bytes, caller, never, newSecret, start, text } from './contract/fixture.ts'
import { fastDirectory } from './support/app.ts'
import { newSeed, seeded } from './support/random.ts'
import { leftOf } from './support/remains.ts'
import { makeHome } from './support/server.ts'

const { mac } = createServerKey(Buffer.alloc(32, 7))

/**
 * SQLite moves rows when pages split or merge, and secure_delete doesn't overwrite where they were. Of 4,000 small rows
 * of different sizes, deleted in random order, it leaves copies of a few; of rows nulled in place, of none.
 */
test('of thousands of small secrets that ended in random order no page holds a copy, and the living are whole', async () => {
  const random = seeded(newSeed())
  const home = makeHome(fastDirectory)
  const store = openSqliteStore(home.data, { mac, keepAddress: (address) => address })
  const living = await Promise.all(
    Array.from({ length: 4000 }, async () => {
      const { content, ...secret } = newSecret()
      const envelope = { ...content.envelope, ciphertext: text(272 + random.below(600)) }
      const sent = { ...secret, content: { ...content, envelope, note: null, sealedKeyA: bytes(60) } }
      await store.createSecret(sent, caller)
      return { id: (await store.findSecret(sent.slug))?.id ?? 0, content: sent.content }
    }),
  )

  const ended = new Map<string, Buffer>()
  for (let n = 0; n < 100; n++) {
    const ending = Array.from({ length: 32 }, () => living.splice(random.below(living.length), 1)).flat()
    for (const { id, content } of ending) {
      ended.set(`ciphertext ${id}`, Buffer.from(content.envelope.ciphertext, 'base64url'))
      ended.set(`keyA ${id}`, content.sealedKeyA)
    }
    await Promise.all(ending.map(({ id }) => store.burn(id, start, caller)))
  }
  await store.sweep(start, never)
  await store.scrub()
  expect(leftOf(home.data, ended)).toEqual([])

  const alive = new Map(living.map(({ id, content }) => [`keyA ${id}`, content.sealedKeyA]))
  expect(leftOf(home.data, alive)).toHaveLength(800)
  await store.close()
  expect(leftOf(home.data, ended)).toEqual([])
  home.remove()
})
