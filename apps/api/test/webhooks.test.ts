import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { retryForMs } from '../src/domain/notices/notice.ts'
import { fastDirectory } from './support/app.ts'
import { seal } from './support/sender.ts'
import { verifyHook } from './support/receiver.ts'
import type { Telling } from './support/telling.ts'
import { openTelling } from './support/telling.ts'

const hour = 3_600_000

let app: Telling
beforeEach(async () => {
  app = await openTelling()
})
afterEach(() => app.close())

/** A secret of the workspace, opened for the first time. */
async function opened() {
  const sealed = seal()
  await app.create(sealed)
  await app.link.reveal(sealed)
  return sealed
}

describe('what is told', () => {
  test('the first opening, once, verifiable with the Standard Webhooks library', async () => {
    const { secret } = await app.givenWebhook()
    const sealed = seal({ fields: { maximum_views: 3 } })
    await app.create(sealed)
    expect((await app.link.reveal(sealed)).status).toBe(200)
    expect((await app.link.reveal(sealed)).status).toBe(200)
    await app.deliver()

    expect(app.receiver.received).toHaveLength(1)
    const [hook] = app.receiver.received
    const at = new Date(app.clock.now()).toISOString()
    expect(hook && verifyHook(secret, hook, app.clock.now())).toEqual({
      type: 'secret.opened',
      timestamp: at,
      data: { slug: sealed.slug, at, creator: 'admin' },
    })
    expect(hook?.headers).toMatchObject({ 'content-type': 'application/json' })
  })

  test.each([
    ['lock', false],
    ['burn', true],
  ])('a lock-out whose choice is %s', async (on_lockout, burned) => {
    await app.givenWebhook()
    const sealed = seal({ password: true, fields: { max_attempts: 2, on_lockout } })
    await app.create(sealed)
    const wrong = { password_proof: sealed.keyA }
    await app.link.reveal(sealed, undefined, wrong)
    await app.deliver()
    expect(app.receiver.received).toEqual([])
    await app.link.reveal(sealed, undefined, wrong)
    await app.link.reveal(sealed, undefined, wrong)
    await app.deliver()
    const bodies = app.receiver.received.map(({ body }) => JSON.parse(body) as unknown)
    expect(bodies).toMatchObject([{ type: 'secret.locked', data: { slug: sealed.slug, burned } }])
  })

  test('an expiry, if nobody opened the secret', async () => {
    await app.givenWebhook()
    const [unread, read, burned] = [seal(), seal({ fields: { maximum_views: 2 } }), seal()]
    for (const sealed of [unread, read, burned]) await app.create(sealed)
    const expiresAt = new Date(app.clock.now() + 24 * hour).toISOString()
    await app.link.reveal(read)
    await app.admin('DELETE', `/secrets/${burned.slug}`)
    app.clock.advance(25 * hour)
    await app.sweep()
    await app.deliver()
    const told = app.receiver.received.map(({ body }) => JSON.parse(body) as unknown)
    expect(told).toHaveLength(2)
    expect(told).toContainEqual(expect.objectContaining({ type: 'secret.opened' }))
    expect(told).toContainEqual({
      type: 'secret.expired_unread',
      timestamp: expiresAt,
      data: { slug: unread.slug, at: expiresAt, creator: 'admin' },
    })
  })

  test('each webhook of the workspace gets it under an id of its own; secrets made without a token tell nobody', async () => {
    await app.givenWebhook()
    await app.givenWebhook()
    await opened()
    const anonymous = seal()
    await app.link.create(anonymous)
    await app.link.reveal(anonymous)
    await app.deliver()
    expect(app.receiver.received).toHaveLength(2)
    expect(new Set(app.receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2)
  })

  test('a reveal that is refused tells nobody', async () => {
    await app.givenWebhook()
    const sealed = seal({ password: true })
    await app.create(sealed)
    await app.link.reveal(sealed)
    await app.link.reveal(sealed, undefined, { password_proof: sealed.keyA })
    expect(await app.deliver()).toBe(0)
  })
})

describe('retries', () => {
  test('go on for 24 hours under the same id, each with a signature of its own time, and then end', async () => {
    const { secret } = await app.givenWebhook()
    await opened()
    app.receiver.answer(500)
    const start = app.clock.now()
    const tries: number[] = []
    for (; app.clock.now() <= start + 3 * retryForMs; app.clock.advance(60_000))
      if ((await app.deliver()) > 0) tries.push(app.clock.now() - start)

    expect(tries.slice(0, 5)).toEqual([0, 60_000, 240_000, 780_000, 2_400_000])
    expect(tries.at(-1)).toBe(retryForMs)
    expect(app.receiver.received).toHaveLength(tries.length)
    expect(new Set(app.receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(app.receiver.received.map(({ body }) => body)).size).toBe(1)
    app.receiver.received.forEach((hook, index) => verifyHook(secret, hook, start + (tries[index] ?? 0)))
    expect(await app.deliveries()).toMatchObject([
      { status: 'failed', attempts: tries.length, next_at: null, last_error: 'the receiver responded with 500' },
    ])
  })

  test('end with the first 2xx', async () => {
    await app.givenWebhook()
    await opened()
    app.receiver.answer(503)
    await app.deliver()
    app.receiver.answer(202)
    app.clock.advance(60_000)
    await app.deliver()
    app.clock.advance(24 * hour)
    expect(await app.deliver()).toBe(0)
    expect(await app.deliveries()).toMatchObject([{ status: 'delivered', attempts: 2, last_error: null }])
  })

  test('a redirect is not followed', async () => {
    await app.givenWebhook()
    await opened()
    app.receiver.answer(307, { Location: app.receiver.url })
    await app.deliver()
    expect(app.receiver.received).toHaveLength(1)
    expect(await app.deliveries()).toMatchObject([{ status: 'pending', last_error: 'the receiver responded with 307' }])
  })
})

describe('rotation', () => {
  test('for 24 hours both secrets verify, then the new one alone', async () => {
    const { id, secret: before } = await app.givenWebhook()
    const { body } = await app.admin('POST', `/webhooks/${id}/rotate`)
    const after = body.data.secret as string
    expect(after).not.toBe(before)
    expect(body.data.previous_until).toBe(new Date(app.clock.now() + 24 * hour).toISOString())

    await opened()
    await app.deliver()
    const [during] = app.receiver.received
    expect(String(during?.headers['webhook-signature']).split(' ')).toHaveLength(2)
    if (during) for (const secret of [before, after]) verifyHook(secret, during, app.clock.now())

    app.clock.advance(24 * hour)
    await opened()
    await app.deliver()
    const later = app.receiver.received[1]
    expect(later && verifyHook(after, later, app.clock.now())).toBeTruthy()
    expect(() => later && verifyHook(before, later, app.clock.now())).toThrow('No matching signature')
    expect((await app.admin('GET', '/webhooks')).body.data).toMatchObject([{ id, previous_until: null }])
  })
})

describe('the calls', () => {
  test('a secret is shown at creation and rotation alone, and lies sealed in the database', async () => {
    const { id, secret } = await app.givenWebhook()
    const { text } = await app.admin('GET', '/webhooks')
    expect(text).toContain(id)
    expect(text).not.toContain('whsec_')
    const stored = JSON.stringify(await app.store.findWebhook(id))
    expect(stored).not.toContain(JSON.stringify([...Buffer.from(secret)]).slice(1, -1))
  })

  test('a test message arrives and says what it is', async () => {
    const { id, secret } = await app.givenWebhook()
    const { status, body } = await app.admin('POST', `/webhooks/${id}/test`)
    expect(status).toBe(201)
    expect(body.data).toMatchObject({ kind: 'webhook', webhook_id: id, type: 'webhook.test', status: 'pending' })
    await app.deliver()
    const [hook] = app.receiver.received
    expect(hook?.headers['webhook-id']).toBe(body.data.id)
    expect(hook && verifyHook(secret, hook, app.clock.now())).toMatchObject({ data: { webhook_id: id } })
  })

  test('deliveries are listed newest first, by page and status', async () => {
    await app.givenWebhook()
    await opened()
    await app.deliver()
    app.clock.advance(1)
    const { slug } = await opened()
    expect(await app.deliveries()).toMatchObject([{ slug, status: 'pending' }, { status: 'delivered' }])
    expect(await app.deliveries('?status=pending')).toMatchObject([{ slug }])
    expect(await app.deliveries('?status=failed')).toEqual([])
    const { body } = await app.admin('GET', '/deliveries?per_page=1&page=2')
    expect(body).toMatchObject({ data: [{ status: 'delivered' }], pagination: { total: 2, last_page: 2 } })
    expect((await app.admin('GET', '/deliveries?status=lost')).status).toBe(422)
  })

  test('what was delivered or given up is delivered again on request, under its id', async () => {
    await app.givenWebhook()
    await opened()
    await app.deliver()
    const [delivered] = await app.deliveries()
    app.clock.advance(48 * hour)
    const again = await app.admin('POST', `/deliveries/${delivered.id}/redeliver`)
    expect(again.body.data).toMatchObject({ id: delivered.id, status: 'pending' })
    app.receiver.answer(500)
    await app.deliver()
    expect(await app.deliveries()).toMatchObject([{ status: 'failed', attempts: 2 }])
    await app.admin('POST', `/deliveries/${delivered.id}/redeliver`)
    app.receiver.answer(200)
    await app.deliver()
    expect(await app.deliveries()).toMatchObject([{ status: 'delivered', attempts: 3 }])
    const ids = app.receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual([delivered.id, delivered.id, delivered.id])
  })

  test('a deleted webhook is called no more, and what waited for it is given up', async () => {
    const { id } = await app.givenWebhook()
    await opened()
    expect((await app.admin('DELETE', `/webhooks/${id}`)).status).toBe(200)
    expect(await app.deliver()).toBe(0)
    const [given] = await app.deliveries()
    expect(given).toMatchObject({ status: 'failed', last_error: 'the webhook was deleted' })
    expect((await app.admin('POST', `/deliveries/${given.id}/redeliver`)).status).toBe(422)
    expect((await app.admin('DELETE', `/webhooks/${id}`)).status).toBe(404)
  })

  test('a workspace has at most 10 webhooks, however many calls come at once', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await app.admin('POST', '/webhooks', { url: app.receiver.url })).status),
    )
    expect(statuses.filter((status) => status === 201)).toHaveLength(10)
    expect(statuses.filter((status) => status === 403)).toHaveLength(10)
  })

  test('need an admin token', async () => {
    const { id } = await app.givenWebhook()
    const { body } = await app.admin('POST', '/tokens', { name: 'sender', scopes: ['secrets:write', 'secrets:read'] })
    const bearer = { Authorization: `Bearer ${body.data.token}` }
    for (const [method, path] of [
      ['GET', '/webhooks'],
      ['POST', '/webhooks'],
      ['DELETE', `/webhooks/${id}`],
      ['POST', `/webhooks/${id}/rotate`],
      ['POST', `/webhooks/${id}/test`],
      ['GET', '/deliveries'],
      ['POST', '/deliveries/msg_x/redeliver'],
    ] as const) {
      expect((await app.call(method, `/api/v1${path}`, undefined, bearer)).status, path).toBe(403)
      expect((await app.call(method, `/api/v1${path}`)).status, path).toBe(401)
    }
  })

  test('an unknown webhook or delivery is a 404', async () => {
    for (const path of ['/webhooks/wh_x/rotate', '/webhooks/wh_x/test', '/deliveries/msg_x/redeliver'])
      expect((await app.admin('POST', path)).status).toBe(404)
  })
})

test('the example in docs/webhooks.md takes what is signed by either secret, and nothing else', async () => {
  const docs = readFileSync(new URL('../../../docs/webhooks.md', import.meta.url), 'utf8')
  const directory = mkdtempSync(path.join(fastDirectory, 'halfkey-docs-'))
  const file = path.join(directory, 'verify.mjs')
  writeFileSync(file, /```js\n(.*?)```/s.exec(docs)?.[1] ?? '')
  type Verify = (secret: string, headers: object, body: string, now: number) => unknown
  const { verify } = (await import(file)) as { verify: Verify }
  rmSync(directory, { recursive: true })

  const { id, secret: before } = await app.givenWebhook()
  const after = (await app.admin('POST', `/webhooks/${id}/rotate`)).body.data.secret as string
  await opened()
  await app.deliver()
  const [hook] = app.receiver.received
  if (!hook) throw new Error('nothing was delivered')
  const { headers, body } = hook
  const now = app.clock.now()
  for (const secret of [before, after]) expect(verify(secret, headers, body, now)).toEqual(JSON.parse(body))
  expect(() => verify(after, headers, `${body} `, now)).toThrow('wrong signature')
  expect(() => verify(after, { ...headers, 'webhook-id': 'msg_other' }, body, now)).toThrow('wrong signature')
  expect(() => verify(after, { ...headers, 'webhook-signature': 'v1,' }, body, now)).toThrow('wrong signature')
  expect(() => verify(after, headers, body, now + 301_000)).toThrow('too old')
})
