import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Message, Notice } from '../src/domain/notices/notice.ts'
import { newMessageId } from '../src/domain/notices/notice.ts'
import { createServerKey } from '../src/adapters/server-key.ts'
import type { Secret } from '../src/domain/secrets/secret.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import type { Store } from '../src/store/store.ts'
import { bytes, caller, newSecret, start } from './contract/fixture.ts'
import { fastDirectory } from './support/app.ts'
import { readDatabase } from './support/database.ts'
import { newSeed, seeded } from './support/random.ts'
import { leftOf } from './support/remains.ts'
import type { Home } from './support/server.ts'
import { makeHome } from './support/server.ts'

const random = seeded(newSeed())

let home: Home
let store: Store
let secrets: Secret[]
beforeEach(async () => {
  home = makeHome(fastDirectory)
  const { mac } = createServerKey(Buffer.alloc(32, 7))
  store = openSqliteStore(home.data, { mac, keepAddress: (address) => address })
  await store.firstWorkspace('default', start)
  secrets = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const sent = newSecret()
      await store.createSecret(sent, caller)
      const secret = await store.findSecret(sent.slug)
      if (!secret) throw new Error('a created secret is not found')
      return secret
    }),
  )
})
afterEach(async () => {
  await store.close()
  home.remove()
})

const noticeOf = (slug: string, type: 'secret.shared' | 'secret.opened'): Notice =>
  type === 'secret.shared'
    ? { type, timestamp: 'now', data: { slug, sender: 'laptop', expires_at: 'then' } }
    : { type, timestamp: 'now', data: { slug, at: 'now', creator: 'laptop' } }

/** A message by mail to an address of any length that is allowed. */
const add = ({ id: secretId, slug }: Secret, type: 'secret.shared' | 'secret.opened', workspaceId: number | null = 1) =>
  store.addMessage({
    id: newMessageId(),
    workspaceId,
    secretId,
    kind: 'email',
    webhookId: null,
    sealedTo: bytes(35 + random.below(250)),
    notice: noticeOf(slug, type),
    createdAt: start,
  })

const addressesOf = (messages: Message[]): Map<string, Buffer> =>
  new Map(messages.map(({ id, sealedTo }) => [id, sealedTo ?? Buffer.alloc(0)]))

const messageCount = 5000
const rows = () => readDatabase(home.data, (db) => db.prepare('SELECT count(*) FROM addressees').pluck().get())

/** What becomes of a message. */
const fates = ['delivered', 'given up for nobody', 'withdrawn', 'kept for another try'] as const
type Fate = (typeof fates)[number]

/**
 * SQLite moves rows when pages split or merge, and secure_delete doesn't overwrite where they were: an address in the
 * row of its message, which goes in random order, leaves copies.
 */
test('of addresses that nobody needs any more no page of any file holds a copy, those still needed are whole', async () => {
  const messages: Record<Fate, Message[]> = Object.fromEntries(fates.map((fate) => [fate, []])) as never
  const addOne: Record<Fate, (secret: Secret) => Promise<Message>> = {
    delivered: (secret) => add(secret, 'secret.opened'),
    'given up for nobody': (secret) => add(secret, 'secret.opened', null),
    withdrawn: (secret) => add(secret, 'secret.shared'),
    'kept for another try': (secret) => add(secret, 'secret.opened'),
  }
  for (let n = 0; n < messageCount; n++) {
    const fate = random.weighted({ delivered: 6, 'given up for nobody': 1, withdrawn: 1, 'kept for another try': 1 })
    messages[fate].push(await addOne[fate](random.pick(secrets)))
  }
  await store.scrub()
  const all = Object.values(messages).flat()
  expect(leftOf(home.data, addressesOf(all)), 'what the search finds before').toHaveLength(messageCount)

  const claimed = await store.claimMessages({ now: start, leaseUntil: start + 60_000, limit: messageCount })
  while (claimed.length > 0) {
    const [message] = claimed.splice(random.below(claimed.length), 1) as [Message]
    const { id } = message
    if (messages.delivered.some((one) => one.id === id)) await store.settleMessage(message, { deliveredAt: start })
    else await store.settleMessage(message, { error: 'refused', nextAt: null })
  }
  for (const { id } of secrets) await store.burn(id, start, caller)
  await store.sweep(start, 0)
  await store.scrub()
  const { 'kept for another try': kept, ...forgotten } = messages
  expect(leftOf(home.data, addressesOf(Object.values(forgotten).flat()))).toEqual([])
  expect(leftOf(home.data, addressesOf(kept))).toHaveLength(kept.length)

  for (const { id } of secrets) await store.purge(id, Date.now())
  await store.scrub()
  expect(leftOf(home.data, addressesOf(all))).toEqual([])
  expect(rows(), 'of an append-only table').toBe(messageCount)
  await store.compact()
  expect(rows()).toBe(0)
  expect(leftOf(home.data, addressesOf(all))).toEqual([])
})
