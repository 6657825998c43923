import type { WireAuditHead, WireAuditVerified, WireDetails, WireList, WireRevealed, WireSuccess } from '@halfkey/sdk'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { expectSound, readDatabase, slugsWithContent } from './support/database.ts'
import { times } from './support/long.ts'
import type { Random } from './support/random.ts'
import { newSeed, seeded } from './support/random.ts'
import type { Call, Reply, Sealed } from './support/sender.ts'
import { caller, newId, seal } from './support/sender.ts'
import type { ServerProcess } from './support/server.ts'
import { makeHome, startServer } from './support/server.ts'

const kills = times(12, 50)
const clients = 6
const settings = { HALFKEY_LOG: 'off' }

type Operation = { kind: 'create' | 'burn' } | { kind: 'reveal' | 'ack'; id: string }

/** One secret as its clients know it: what they were told, and what they asked without an answer. */
interface Known {
  sealed: Sealed
  maximumViews: number
  status: 'unknown' | 'active' | 'viewed' | 'burned'
  /** reveal_id → whether its ack was answered. */
  reveals: Map<string, boolean>
  unanswered: Operation | null
}

const viewsOf = ({ reveals }: Known): number => reveals.size
const isReadable = ({ status, reveals }: Known): boolean =>
  status === 'active' || (status === 'viewed' && [...reveals.values()].includes(false))

class ConnectionLost extends Error {}

let token = ''

async function request(call: Call, { sealed }: Known, operation: Operation): Promise<Reply> {
  const owner = { Authorization: `Bearer ${token}` }
  const link = `/api/v1/links/${sealed.slug}`
  const access = { 'Halfkey-Access': sealed.access }
  switch (operation.kind) {
    case 'create':
      return call('POST', '/api/v1/secrets', sealed.body, owner)
    case 'burn':
      return call('DELETE', `/api/v1/secrets/${sealed.slug}`, undefined, owner)
    case 'reveal':
    case 'ack':
      return call('POST', `${link}/${operation.kind}`, { reveal_id: operation.id }, access)
  }
}

/** Asks, and learns from the answer; without one it remembers what it asked. */
async function perform(call: Call, secret: Known, operation: Operation): Promise<void> {
  secret.unanswered = operation
  const reply = await request(call, secret, operation).catch((error: unknown) => {
    throw new ConnectionLost('the server is gone', { cause: error })
  })
  expect({ operation, status: reply.status }).toEqual({ operation, status: operation.kind === 'create' ? 201 : 200 })
  secret.unanswered = null
  if (operation.kind === 'create') secret.status = 'active'
  if (operation.kind === 'burn' && secret.status === 'active') secret.status = 'burned'
  if (operation.kind === 'burn') for (const id of secret.reveals.keys()) secret.reveals.set(id, true)
  if (operation.kind === 'ack') secret.reveals.set(operation.id, true)
  if (operation.kind === 'reveal') {
    const { data } = reply.body as WireSuccess<WireRevealed>
    expect([data.key_a, data.envelope]).toEqual([secret.sealed.keyA, secret.sealed.body.envelope])
    if (!secret.reveals.has(operation.id)) secret.reveals.set(operation.id, false)
    if (viewsOf(secret) === secret.maximumViews) secret.status = 'viewed'
  }
}

function nextOperation(random: Random, secret: Known): Operation {
  if (secret.status === 'unknown') return { kind: 'create' }
  const unacked = [...secret.reveals].find(([, acked]) => !acked)?.[0]
  if (unacked !== undefined && random.chance(0.5)) return { kind: random.pick(['ack', 'reveal']), id: unacked }
  if (random.chance(0.15)) return { kind: 'burn' }
  return secret.status === 'active' ? { kind: 'reveal', id: newId() } : { kind: 'ack', id: unacked ?? newId() }
}

/** Uses its secrets, new and old, until the server dies under it. */
async function useServer(call: Call, mine: Known[], random: Random): Promise<void> {
  for (;;) {
    const readable = mine.filter(isReadable)
    if (readable.length === 0 || random.chance(0.3)) {
      const maximumViews = 1 + random.below(3)
      const sealed = seal({ size: random.pick([272, 1104, 20_000]), fields: { maximum_views: maximumViews } })
      mine.push({ sealed, maximumViews, status: 'unknown', reveals: new Map(), unanswered: null })
    }
    const secret = random.chance(0.5) ? mine.at(-1) : random.pick(readable)
    if (secret && (secret.status === 'unknown' || isReadable(secret)))
      await perform(call, secret, nextOperation(random, secret))
  }
}

async function listAll(call: Call): Promise<Map<string, WireDetails>> {
  const listed = new Map<string, WireDetails>()
  for (let page = 1, last = 1; page <= last; page++) {
    const reply = await call('GET', `/api/v1/secrets?per_page=100&page=${page}`, undefined, {
      Authorization: `Bearer ${token}`,
    })
    const { data, pagination } = reply.body as WireList<WireDetails>
    last = pagination.last_page
    for (const details of data) listed.set(details.slug, details)
  }
  return listed
}

/** What a restarted server may say of a secret, an unanswered request having happened or not. */
function expectRemembered(secret: Known, listed: WireDetails | undefined): void {
  const { status, maximumViews, unanswered } = secret
  const told = listed && { status: listed.status, views: listed.current_views }
  const views = viewsOf(secret)
  const allowed: unknown[] = [status === 'unknown' ? undefined : { status, views }]
  if (unanswered?.kind === 'create') allowed.push({ status: 'active', views })
  if (unanswered?.kind === 'burn' && status === 'active') allowed.push({ status: 'burned', views })
  if (unanswered?.kind === 'reveal' && !secret.reveals.has(unanswered.id))
    allowed.push({ status: views + 1 === maximumViews ? 'viewed' : 'active', views: views + 1 })
  expect(allowed, `${secret.sealed.slug} after ${unanswered?.kind ?? 'nothing unanswered'}`).toContainEqual(told)
}

/** Asks again what got no answer, and once more what got one: nothing is lost, nothing spent twice. */
async function settle(call: Call, secret: Known): Promise<void> {
  if (secret.unanswered) await perform(call, secret, secret.unanswered)
  if (!isReadable(secret)) return
  for (const [id, acked] of secret.reveals) if (!acked) await perform(call, secret, { kind: 'reveal', id })
}

/** What the log held before the kill it holds still, unbroken; its head. */
async function verifyLog(call: Call, head: WireAuditHead | null): Promise<WireAuditHead | null> {
  const owner = { Authorization: `Bearer ${token}` }
  const reply = await call('POST', '/api/v1/audit/verify', head === null ? {} : { head }, owner)
  const { data } = reply.body as WireSuccess<WireAuditVerified>
  expect(data).toMatchObject({ valid: true, problems: [] })
  return data.head
}

async function expectGone(call: Call, secret: Known): Promise<void> {
  const reply = await request(call, secret, { kind: 'reveal', id: newId() })
  expect(reply.status).toBe(410)
}

const home = makeHome()
let server: ServerProcess | undefined
afterAll(async () => {
  await server?.stop('SIGKILL')
  home.remove()
})

const seed = newSeed()

test(`killed ${kills} times under load: what was acknowledged is kept, what ended stays ended, no view is spent twice or lost, the log is intact (seed ${seed})`, async () => {
  const random = seeded(seed)
  let cut = 0
  let head: WireAuditHead | null = null
  const books: Known[][] = Array.from({ length: clients }, () => [])
  for (let kill = 0; kill <= kills; kill++) {
    server = await startServer(home, settings)
    token ||= server.token
    const call = caller(server.url)

    const known = books.flat()
    const listed = await listAll(call)
    for (const secret of known) expectRemembered(secret, listed.get(secret.sealed.slug))
    const slugs = new Set(known.map(({ sealed }) => sealed.slug))
    expect([...listed.keys()].filter((slug) => !slugs.has(slug))).toEqual([])
    const asked = known.filter(({ unanswered }) => unanswered)
    cut += asked.length
    await Promise.all([...asked, ...known.filter(() => random.chance(0.02))].map((secret) => settle(call, secret)))
    const ended = known.filter((secret) => secret.status === 'viewed' || secret.status === 'burned')
    for (let n = 0; n < 5 && ended.length > 0; n++) await expectGone(call, random.pick(ended))
    readDatabase(home.data, expectSound)
    head = await verifyLog(call, head)
    if (kill === kills) break

    const using = Promise.allSettled(books.map((mine) => useServer(call, mine, random)))
    await sleep(random.below(400))
    await server.stop('SIGKILL')
    for (const outcome of await using)
      if (outcome.status === 'rejected' && !(outcome.reason instanceof ConnectionLost)) throw outcome.reason
  }

  expect(cut, 'requests that a kill left unanswered').toBeGreaterThan(kills)
  const all = books.flat()
  const last = await listAll(caller(server?.url ?? ''))
  for (const secret of all) expectRemembered(secret, last.get(secret.sealed.slug))
  expect(await server?.stop()).toBe(0)
  readDatabase(home.data, (db) => {
    expectSound(db)
    expect(slugsWithContent(db)).toEqual(
      all
        .filter(isReadable)
        .map(({ sealed }) => sealed.slug)
        .sort(),
    )
  })
}, 180_000)
