/** C3 and C7 for requests: without the right value, every slug gets the same reply for the same work, whatever there is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../src/store/store.ts'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import type { Asked } from './support/asked.ts'
import { newAnswer, newAsk, requestCalls } from './support/asked.ts'
import type { Attached } from './support/attached.ts'
import { readDatabase } from './support/database.ts'
import { newId, seal } from './support/sender.ts'

/** What the app asks of its store, in order. */
const work: string[] = []
const watch = (store: Store): Store =>
  new Proxy(store, {
    get(target, name: string) {
      work.push(name)
      return Reflect.get(target, name) as unknown
    },
  })

let app: TestApp
/** In every state that a guesser could hope to tell apart. */
let requests: Record<'open' | 'answered' | 'uploading' | 'expired' | 'withdrawn' | 'purged', Asked>
let answers: Record<'waiting' | 'collected' | 'burned' | 'uploading' | 'locked', { asked: Asked; answer: Attached }>
beforeAll(async () => {
  app = await openApp({}, { watch })
  const calls = requestCalls(app.call, app.token)
  const expired = await calls.given({ expires_in: 60 })
  app.clock.advance(60_000)
  await app.sweep()
  requests = {
    open: await calls.given({ maximum_answers: 9 }),
    answered: await calls.given(),
    uploading: await calls.given(),
    expired,
    withdrawn: await calls.given(),
    purged: await calls.given(),
  }
  const answered = async (asked: Asked, answer = newAnswer()) => {
    expect((await calls.answer(asked, answer)).status).toBe(201)
    return { asked, answer }
  }
  answers = {
    waiting: await answered(requests.answered),
    collected: await answered(requests.open),
    burned: await answered(requests.open),
    uploading: await answered(requests.uploading, newAnswer({ files: [1000] })),
    locked: await answered(requests.open, newAnswer({ password: true })),
  }
  await calls.withdraw(requests.withdrawn)
  await calls.purge(requests.purged)
  await calls.reveal(requests.open, answers.collected.answer)
  await calls.destroyAnswer(requests.open, answers.burned.answer)
  const { asked, answer } = answers.locked
  const guess = { reveal_id: newId(), password_proof: answer.access }
  const headers = { 'Halfkey-Access': answer.access, 'Halfkey-Collect': asked.collect }
  for (let n = 0; n < 10; n++) await app.call('POST', `/api/v1/links/${answer.slug}/reveal`, guess, headers)
  await app.denials.flush()
})
afterAll(() => app.close())

/** The reply as it comes, but for its id, and what it took. */
async function probe(method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<string> {
  work.length = 0
  const json = body === undefined ? {} : { body: JSON.stringify(body) }
  const all = { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) }
  const reply = await app.fetch(new Request(`https://halfkey.test${path}`, { method, headers: all, ...json }))
  const named = [...reply.headers].filter(([name]) => name !== 'x-request-id')
  const told = JSON.stringify([reply.status, named, await reply.text(), work])
  return told.replace(/"request_id":\\"[\w-]+\\"/g, '').replace(/\\"request_id\\":\\"[\w-]+\\"/g, '')
}

const snapshot = () =>
  readDatabase(app.home.data, (db) =>
    ['requests', 'request_vault', 'answers', 'secrets', 'vault', 'reveals'].map((table) =>
      db.prepare(`SELECT * FROM ${table}`).all(),
    ),
  )

/** Neither right nor well-formed values, and those that are right for something else. */
const wrong = ({ access, collect }: Asked, right: 'access' | 'collect'): (string | undefined)[] => {
  const random = newAsk().access
  const near = right === 'access' ? access : collect
  return [random, '', 'x', `${random}A`, random.slice(1), `${near.slice(1)}A`, right === 'access' ? collect : access]
}

async function expectAlike(ask: (asked: Asked) => Promise<string[]>): Promise<void> {
  const before = snapshot()
  const unknown = [newAsk(), { ...newAsk(), slug: '1'.repeat(13) }, { ...newAsk(), slug: 'nonsense' }]
  const replies = new Set<string>()
  for (const asked of [...Object.values(requests), ...unknown]) for (const reply of await ask(asked)) replies.add(reply)
  expect([...replies]).toEqual([expect.stringMatching(/^\[404,.*NOT_FOUND/)])
  await app.denials.flush()
  expect(snapshot()).toEqual(before)
}

describe('without the right access', () => {
  test.each(['status', 'answers'])('%s of an ask', async (step) => {
    const body = step === 'status' ? {} : newAnswer().body
    await expectAlike(async (asked) => {
      const replies: string[] = []
      for (const value of [undefined, ...wrong(asked, 'access')])
        replies.push(
          await probe(
            'POST',
            `/api/v1/asks/${asked.slug}/${step}`,
            value === undefined ? {} : { 'Halfkey-Access': value },
            body,
          ),
        )
      return replies
    })
  })
})

describe('without the right collect value', () => {
  test.each([
    ['GET', ''],
    ['GET', '/answers'],
    ['GET', '/answers?wait=25'],
    ['PATCH', ''],
    ['DELETE', ''],
    ['DELETE', '?purge=true'],
    ['PATCH', '/answers/ANSWER'],
    ['DELETE', '/answers/ANSWER'],
  ])('%s of a request%s', async (method, path) => {
    const { slug } = answers.waiting.answer
    await expectAlike(async (asked) => {
      const replies: string[] = []
      for (const value of wrong(asked, 'collect'))
        replies.push(
          await probe(
            method,
            `/api/v1/requests/${asked.slug}${path.replace('ANSWER', slug)}`,
            { 'Halfkey-Collect': value ?? '' },
            method === 'PATCH' ? { unlock: true } : undefined,
          ),
        )
      return replies
    })
  })

  test.each(['status', 'otp', 'reveal', 'ack'])('%s of an answer, even with its access', async (step) => {
    const before = snapshot()
    const replies = new Set<string>()
    for (const { asked, answer } of Object.values(answers))
      for (const collect of [undefined, ...wrong(asked, 'collect')]) {
        const headers = {
          'Halfkey-Access': answer.access,
          ...(collect !== undefined && { 'Halfkey-Collect': collect }),
        }
        const reply = await probe('POST', `/api/v1/links/${answer.slug}/${step}`, headers, { reveal_id: newId() })
        // Whoever has the answer's access knows already that it exists: the reply may not tell, the work may.
        replies.add(reply.slice(0, reply.lastIndexOf(',[')))
      }
    const unknown = seal()
    const reply = await probe('POST', `/api/v1/links/${unknown.slug}/${step}`, { 'Halfkey-Access': unknown.access }, {})
    replies.add(reply.slice(0, reply.lastIndexOf(',[')))
    expect([...replies]).toEqual([expect.stringMatching(/^\[404,.*NOT_FOUND/)])
    await app.denials.flush()
    expect(snapshot()).toEqual(before)
  })
})

test('with the right values, each of these answers', async () => {
  const { asked, answer } = answers.waiting
  const collect = { 'Halfkey-Collect': asked.collect }
  expect(await probe('GET', `/api/v1/requests/${asked.slug}`, collect)).toMatch(/^\[200,/)
  expect(await probe('POST', `/api/v1/asks/${asked.slug}/status`, { 'Halfkey-Access': asked.access }, {})).toMatch(
    /^\[410,/,
  )
  const both = { ...collect, 'Halfkey-Access': answer.access }
  expect(await probe('POST', `/api/v1/links/${answer.slug}/status`, both, {})).toMatch(/^\[200,/)
})
