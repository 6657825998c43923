/**
 * C1 for requests: of what every call of a conversation bears, the server keeps and logs nothing that opens an answer or
 * stands for its bearer, while it runs and after. (What clients never send, the SDK's tests look for on the wire.)
 */
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Asked } from './support/asked.ts'
import { newAnswer, requestCalls } from './support/asked.ts'
import type { Attached } from './support/attached.ts'
import { attachmentCalls } from './support/attached.ts'
import { readFiles } from './support/files.ts'
import { addKey, addText } from './support/needles.ts'
import { Patterns } from './support/search.ts'
import { caller, newId } from './support/sender.ts'
import { makeHome, startServer } from './support/server.ts'

const home = makeHome()
const hidden = new Patterns()
const destroyed = new Patterns()
const rounds = 12
let running: Map<string, Buffer>
let stopped: Map<string, Buffer>
let output: string
const conversations: { asked: Asked; answer: Attached; ended: boolean }[] = []

const bytes = (text: unknown): Buffer => Buffer.from(String(text), 'base64url')

beforeAll(async () => {
  const server = await startServer(home, { HALFKEY_RETENTION_DAYS: '30', HALFKEY_REQUESTS: 'anyone' })
  const closed = once(server.child, 'close')
  const call = caller(server.url)
  const calls = requestCalls(call, server.token)
  const { put, complete, fetchFile } = attachmentCalls(call)
  for (let n = 0; n < rounds; n++) {
    const asked = await calls.given({ maximum_answers: 2 }, n % 3 === 0 ? {} : undefined)
    const withFile = n % 2 === 0
    const answer = newAnswer({ password: false, files: withFile ? [1000] : [] })
    expect((await calls.look(asked)).status).toBe(200)
    expect((await calls.look(asked, answer.access)).status).toBe(404)
    expect((await calls.answer(asked, answer)).status).toBe(201)
    if (withFile) {
      await put(answer)
      expect((await complete(answer)).status).toBe(200)
    }
    expect((await calls.receipt(answer)).status).toBe(200)
    expect((await calls.answers(asked)).body.data).toHaveLength(1)
    expect((await calls.reveal(asked, answer, newId(), {})).status).toBe(404)
    const revealId = newId()
    const revealed = await calls.reveal(asked, answer, revealId)
    expect(revealed.body.data.key_a).toBe(answer.keyA)
    if (withFile)
      expect(
        (await fetchFile(answer, revealed.body.data.grant as string, { 'Halfkey-Collect': asked.collect })).status,
      ).toBe(200)
    const ended = n % 4 !== 3
    if (ended) expect((await calls.ack(asked, answer, revealId)).status).toBe(200)
    await calls.patch(asked, { expires_in: 3600 })
    if (n % 4 === 0) expect((await calls.purge(asked)).status).toBe(200)
    else await calls.withdraw(asked)
    await calls.details(asked, { 'Halfkey-Collect': `${asked.collect}x` })
    conversations.push({ asked, answer, ended })
  }
  // The sweeper scrubs within a second.
  await new Promise((resolve) => setTimeout(resolve, 2500))
  running = readFiles(home.root)
  await server.stop()
  await closed
  stopped = readFiles(home.root)
  output = server.output()
  for (const [n, { asked, answer, ended }] of conversations.entries()) {
    addKey(hidden, `the ask link’s access ${n}`, bytes(asked.access))
    addKey(hidden, `collect ${n}`, bytes(asked.collect))
    addKey(hidden, `the answer’s access ${n}`, bytes(answer.access))
    addKey(hidden, `the manage key ${n}`, bytes(answer.manageKey))
    addKey(hidden, `keyA ${n}`, bytes(answer.keyA))
    if (!ended) continue
    addKey(destroyed, `sealed_key_b ${n}`, bytes(answer.body['sealed_key_b']).subarray(0, 64))
    addKey(destroyed, `ciphertext ${n}`, bytes(answer.body.envelope.ciphertext).subarray(0, 64))
    addKey(destroyed, `the note ${n}`, bytes(asked.body['note']).subarray(0, 64))
    addText(destroyed, `the text of the note ${n}`, String(asked.body['note']).slice(0, 64))
  }
}, 60_000)
afterAll(() => home.remove())

test('nothing that stands for a bearer, and no keyA, is in the server’s files', () => {
  for (const [name, content] of [...running, ...stopped])
    expect([name, hidden.findIn(content)]).toEqual([name, new Set()])
})

test('nothing of it, and no slug, is in what the server prints and logs', () => {
  expect(hidden.findIn(Buffer.from(output))).toEqual(new Set())
  for (const { asked, answer } of conversations) {
    expect(output).not.toContain(asked.slug)
    expect(output).not.toContain(answer.slug)
  }
  expect(output).toContain('/api/v1/asks/:slug/answers')
})

test('of an answer that was collected, and of a request that ended, nothing sealed is left in any file', () => {
  for (const [name, content] of [...running, ...stopped])
    expect([name, destroyed.findIn(content)]).toEqual([name, new Set()])
})

test('the search sees what the server does keep', () => {
  const kept = new Patterns()
  const { asked, answer } = conversations.find(({ ended }) => !ended) ?? expect.unreachable('all have ended')
  kept.add('slug', Buffer.from(asked.slug))
  kept.add('sealed_key_b', bytes(answer.body['sealed_key_b']).subarray(0, 64))
  const found = new Set([...stopped.values()].flatMap((content) => [...kept.findIn(content)]))
  expect(found).toEqual(new Set(['slug', 'sealed_key_b']))
})
