/** What a workspace, and nobody else's, is shown and told of its requests: lists, the log, notices. */
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import type { Asked } from './support/asked.ts'
import { newAnswer, newAsk, requestCalls } from './support/asked.ts'
import { attachmentCalls } from './support/attached.ts'
import { newId } from './support/sender.ts'
import { addWorkspace } from './support/strangers.ts'

let app: TestApp
let calls: ReturnType<typeof requestCalls>
beforeEach(async () => {
  app = await openApp()
  calls = requestCalls(app.call, app.token)
})
afterEach(() => app.close())

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

test('another workspace’s token gets the 404 of an unknown request, and sees none', async () => {
  const asked = await calls.given()
  const stranger = bearer(addWorkspace(app.home.data).text)
  const unknown = newAsk()
  for (const call of [calls.details, calls.answers, calls.withdraw, calls.purge] as const) {
    const reply = await call(asked, stranger)
    expect(reply.status).toBe(404)
    expect(reply.text).toBe((await call(unknown, stranger)).text)
  }
  const listed = await app.call('GET', '/api/v1/requests', undefined, stranger)
  expect(listed.body).toMatchObject({ data: [], pagination: { total: 0 } })
  expect((await calls.details(asked)).body.data).toMatchObject({ status: 'open' })
})

describe('the log', () => {
  const entries = async () => {
    await app.denials.flush()
    const { body } = await app.call('GET', '/api/v1/audit?limit=1000', undefined, bearer(app.token))
    return body.data.entries as { type: string; slug: string | null; reason: string | null; basis: unknown }[]
  }
  const told = async ({ slug }: Asked) =>
    (await entries()).filter((entry) => entry.slug === slug).map(({ type, reason }) => [type, reason])

  test('has what was asked, seen, answered, refused, collected and withdrawn, and verifies', async () => {
    const asked = await calls.given({ maximum_answers: 2 })
    await calls.look(asked)
    await calls.look(asked)
    const answer = newAnswer()
    await calls.answer(asked, answer)
    await calls.look(asked, newAsk().access)
    await calls.details(asked, { 'Halfkey-Collect': newAsk().collect })
    const revealId = newId()
    await calls.reveal(asked, answer, revealId)
    await calls.reveal(asked, answer, revealId)
    await app.denials.flush()
    await calls.patch(asked, { expires_in: 3600 })
    await calls.withdraw(asked)
    await calls.answer(asked)
    expect(await told(asked)).toEqual([
      ['request.asked', null],
      ['request.answered', null],
      ['request.collected', null],
      ['request.seen', null],
      ['request.refused', 'NOT_FOUND'],
      ['request.refused', 'NOT_OWNER'],
      ['request.changed', null],
      ['request.withdrawn', null],
      ['request.refused', 'GONE'],
    ])
    expect((await entries()).filter(({ slug }) => slug === answer.slug).map(({ type }) => type)).toEqual([
      'created',
      'opened',
    ])
    const verified = await app.call('POST', '/api/v1/audit/verify', {}, bearer(app.token))
    expect(verified.body.data).toMatchObject({ valid: true })
    await calls.purge(asked)
    expect((await app.call('POST', '/api/v1/audit/verify', {}, bearer(app.token))).body.data).toMatchObject({
      valid: true,
    })
    expect(await told(asked)).toEqual([])
  })

  test('finds the record of a request that isn’t as the log has it, and no honest one', async () => {
    const abandoned = await calls.given({ maximum_answers: 1 })
    await calls.answer(abandoned, newAnswer({ files: [1000] }))
    app.clock.advance(86_400_000)
    await app.sweep()
    const shortened = await calls.given({ maximum_answers: 3 })
    await calls.answer(shortened)
    await calls.patch(shortened, { expires_in: 3600, maximum_answers: 1 })
    await calls.withdraw(await calls.given())
    const due = await calls.given({ expires_in: 60 })
    app.clock.advance(60_000)
    const problems = async () => {
      const { body } = await app.call('POST', '/api/v1/audit/verify', {}, bearer(app.token))
      return body.data.problems as unknown[]
    }
    expect(await problems()).toEqual([])
    const { body } = await app.call('GET', `/api/v1/audit?slug=${due.slug}`, undefined, bearer(app.token))
    const [first] = body.data.entries as { id: number }[]
    const tampered = [
      'expires_at = expires_at + 1',
      'maximum_answers = 2',
      'answers = 1',
      "state = 'withdrawn'",
      'created_at = created_at - 1',
    ]
    for (const change of tampered) {
      const db = new Sqlite(path.join(app.home.data, 'halfkey.sqlite'))
      const [before] = db.prepare('SELECT * FROM requests WHERE slug = ?').all(due.slug) as Record<string, unknown>[]
      const column = change.split(' ')[0] ?? ''
      db.prepare(`UPDATE requests SET ${change} WHERE slug = ?`).run(due.slug)
      await setImmediate()
      expect([change, await problems()]).toEqual([change, [{ id: first?.id, problem: 'record' }]])
      db.prepare(`UPDATE requests SET ${column} = ? WHERE slug = ?`).run(before?.[column], due.slug)
      db.close()
    }
    await setImmediate()
    expect(await problems()).toEqual([])
  })

  test('filters by a request’s type and slug', async () => {
    const [asked] = [await calls.given(), await calls.given()]
    const get = async (query: string) =>
      (await app.call('GET', `/api/v1/audit?${query}`, undefined, bearer(app.token))).body.data.entries as unknown[]
    expect(await get('type=request.asked')).toHaveLength(2)
    expect(await get(`slug=${asked.slug}`)).toMatchObject([
      { type: 'request.asked', slug: asked.slug, basis: { maximum_answers: 1 } },
    ])
  })
})

describe('notices', () => {
  const claimed = async () => {
    const now = app.clock.now()
    const messages = await app.store.claimMessages({ now, leaseUntil: now + 1, limit: 99 })
    return messages.map(({ kind, notice }) => ({ kind, ...notice }))
  }

  test('of answers, once they can be collected, and of the expiry go to webhooks and by mail, and none of openings', async () => {
    await app.close()
    app = await openApp({}, { mailer: { send: () => Promise.resolve(), close: () => undefined } as never })
    calls = requestCalls(app.call, app.token)
    await app.call('POST', '/api/v1/webhooks', { url: 'https://receiver.invalid/hook' }, bearer(app.token))
    const asked = await calls.given({ maximum_answers: 3, expires_in: 3600, notify: { email: 'asker@example.org' } })
    const [answer, attached] = [newAnswer(), newAnswer({ files: [1000] })]
    await calls.answer(asked, answer)
    const noticed = (answers_count: number, type = 'request.answered') => {
      const data = { slug: asked.slug, creator: 'admin', answers_count, maximum_answers: 3 }
      return ['email', 'webhook'].map((kind) => ({ kind, type, data }))
    }
    expect(await claimed()).toMatchObject(noticed(1))
    await calls.answer(asked, attached)
    await calls.reveal(asked, answer)
    app.clock.advance(2)
    expect((await claimed()).filter(({ type }) => type !== 'request.answered')).toEqual([])
    app.clock.advance(3_600_000)
    await app.sweep()
    expect((await claimed()).filter(({ type }) => type === 'request.expired')).toMatchObject(
      noticed(2, 'request.expired'),
    )
    const { put, complete } = attachmentCalls(app.call)
    await put(attached)
    await complete(attached)
    app.clock.advance(2)
    // Its mail too: the address is kept while an answer is being uploaded.
    const late = (await claimed()).filter(({ data }) => 'answers_count' in data && data.answers_count === 2)
    expect(late.filter(({ type }) => type === 'request.answered')).toMatchObject(noticed(2))
  })
})
