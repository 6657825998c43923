import { cpSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Halfkey, openLink } from '@halfkey/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findLeaks } from '../../../packages/sdk/test/leaks.ts'
import { retryForMs } from '../src/domain/notices/notice.ts'
import { makeToken, openStore } from '../src/start.ts'
import { openApp } from './support/app.ts'
import type { SealOptions, Sealed } from './support/sender.ts'
import { seal } from './support/sender.ts'
import type { Telling } from './support/telling.ts'
import { readMail } from './support/smtp.ts'
import { openTelling } from './support/telling.ts'

const hour = 3_600_000
const owner = 'owner@sender-company.example'

let app: Telling
beforeEach(async () => {
  app = await openTelling()
})
afterEach(() => app.close())

/** A secret of the workspace whose owner is told by mail. */
async function given({ fields, ...options }: SealOptions = {}): Promise<Sealed> {
  const sealed = seal({ ...options, fields: { notify: { email: owner }, ...fields } })
  expect((await app.create(sealed)).status).toBe(201)
  return sealed
}

const mails = () => app.smtp.received.map(({ raw }) => readMail(raw))

const filesHold = (directory: string, needle: Buffer): boolean =>
  readdirSync(directory).some((name) => readFileSync(path.join(directory, name)).includes(needle))

describe('the owner is told by mail', () => {
  test('of the first opening, once, without a link and without a word about the reader', async () => {
    const { slug, ...sealed } = await given({ fields: { maximum_views: 2 } })
    await app.link.reveal({ slug, ...sealed })
    await app.link.reveal({ slug, ...sealed })
    await app.deliver()
    expect(app.smtp.received).toMatchObject([{ from: 'halfkey@sender.example', to: [owner] }])
    const [mail] = mails()
    expect(mail).toContain('Subject: Your secret was opened\n')
    expect(mail).toContain(
      `The secret ${slug} on https://halfkey.test was opened for the first time on 2026-01-01 at 00:00 UTC.`,
    )
    expect(mail).not.toContain(`/${slug}`)
    expect(mail).not.toContain('192.0.2.1')
  })

  test.each([
    ['lock', 'Nobody can open it until you unlock it.'],
    ['burn', 'It was destroyed, as you chose'],
  ])('of a lock-out whose choice is %s', async (on_lockout, sentence) => {
    const sealed = await given({ password: true, fields: { max_attempts: 1, on_lockout } })
    await app.link.reveal(sealed, undefined, { password_proof: sealed.keyA })
    await app.deliver()
    expect(mails()).toEqual([expect.stringContaining(sentence)])
  })

  test('of an expiry, if nobody opened the secret', async () => {
    await given()
    app.clock.advance(25 * hour)
    await app.sweep()
    await app.deliver()
    expect(mails()).toEqual([expect.stringContaining('expired on 2026-01-02 at 00:00 UTC. Nobody opened it')])
  })

  test('without a token only where the server allows it', async () => {
    const sealed = seal({ fields: { notify: { email: owner } } })
    const refused = await app.link.create(sealed)
    expect(refused.body.error.details).toEqual({ notify: [expect.stringContaining('token')] })

    const open = await openTelling({ HALFKEY_ANONYMOUS_OTP: 'allow' })
    await open.link.create(sealed)
    await open.link.reveal(sealed)
    await open.deliver()
    expect(open.smtp.received).toHaveLength(1)
    await open.close()
  })

  test('a server without mail refuses to promise it', async () => {
    const silent = await openApp()
    const bearer = { Authorization: `Bearer ${silent.token}` }
    const { status, body } = await silent.call(
      'POST',
      '/api/v1/secrets',
      seal({ fields: { notify: { email: owner } } }).body,
      bearer,
    )
    expect([status, body.error.details]).toEqual([422, { notify: ['This server can’t send e-mail.'] }])
    await silent.close()
  })
})

describe('nothing is lost', () => {
  test('mail that the server refuses is tried again, and given up after 24 hours', async () => {
    await app.link.reveal(await given())
    await app.smtp.close()
    const start = app.clock.now()
    for (; app.clock.now() <= start + 2 * retryForMs; app.clock.advance(hour)) await app.deliver()
    const [failed] = await app.deliveries()
    expect(failed).toMatchObject({ kind: 'email', status: 'failed', next_at: null })
    expect(failed.last_error).toContain('the mail server')
    expect(failed.last_error).not.toContain(owner)
  })

  test('a crash between the commit and the delivery: the next start delivers, under the same id', async () => {
    await app.givenWebhook()
    await app.link.reveal(await given())
    const [one, other] = await app.deliveries()
    const crashed = path.join(app.home.root, 'crashed')
    cpSync(app.home.data, crashed, { recursive: true })

    const { store } = await openStore({ ...app.deps.config, HALFKEY_DATA_DIR: crashed })
    expect(await app.deliver({ store })).toBe(2)
    await store.close()
    expect(app.smtp.received).toHaveLength(1)
    expect([one.id, other.id]).toContain(app.receiver.received[0]?.headers['webhook-id'])
  })

  test('a crash in the middle of a delivery: it is tried again once the lease is over', async () => {
    await app.link.reveal(await given())
    const now = app.clock.now()
    await app.store.claimMessages({ now, leaseUntil: now + 60_000, limit: 10 })
    const crashed = path.join(app.home.root, 'crashed')
    cpSync(app.home.data, crashed, { recursive: true })

    const { store } = await openStore({ ...app.deps.config, HALFKEY_DATA_DIR: crashed })
    expect(await app.deliver({ store })).toBe(0)
    app.clock.advance(60_000)
    expect(await app.deliver({ store })).toBe(1)
    await store.close()
    expect(app.smtp.received).toHaveLength(1)
  })
})

describe('addresses', () => {
  const sealedAddress = async (): Promise<Buffer> => {
    const { deliveries } = await app.store.listDeliveries({ workspaceId: 1, page: 1, perPage: 1 })
    const sealed = deliveries[0]?.sealedTo
    if (!sealed) throw new Error('no message has an address')
    return sealed
  }

  test('are never in the database’s files in clear, and after the delivery not sealed either', async () => {
    const sealed = await given()
    const revealId = 'AAAAAAAAAAAAAAAAAAAAAA'
    await app.link.reveal(sealed, revealId)
    await app.link.ack(sealed, revealId)
    await app.sweep()
    const box = await sealedAddress()
    expect(filesHold(app.home.data, box)).toBe(true)
    await app.deliver()
    await app.sweep()
    expect(filesHold(app.home.data, box)).toBe(false)
    expect(filesHold(app.home.data, Buffer.from(owner))).toBe(false)
    expect(JSON.stringify(await app.deliveries())).not.toContain(owner)
  })

  test('of mail that was given up stay for a redelivery, and go with the secret’s record', async () => {
    const sealed = await given()
    await app.link.reveal(sealed)
    const failing = { mailer: { send: () => Promise.reject(new Error('a fault of ours')) } }
    app.clock.advance(retryForMs)
    await app.deliver(failing)
    const [failed] = await app.deliveries()
    expect(failed).toMatchObject({ status: 'failed', last_error: 'internal server error' })
    const box = await sealedAddress()

    expect((await app.admin('POST', `/deliveries/${failed.id}/redeliver`)).status).toBe(200)
    await app.deliver(failing)
    await app.admin('DELETE', `/secrets/${sealed.slug}?purge=true`)
    await app.sweep()
    expect(filesHold(app.home.data, box)).toBe(false)
    expect(await app.deliveries()).toEqual([])
  })

  test('of mail that arrived are gone, so it can’t be sent again', async () => {
    await app.link.reveal(await given())
    await app.deliver()
    const [delivered] = await app.deliveries()
    const { status, body } = await app.admin('POST', `/deliveries/${delivered.id}/redeliver`)
    expect([status, Object.keys(body.error.details)]).toEqual([422, ['id']])
    expect(await app.deliver()).toBe(0)
  })
})

describe('a notice to the recipient', () => {
  const recipient = 'recipient@other-company.example'
  const notice = ({ slug }: Sealed, email = recipient) => app.admin('POST', `/secrets/${slug}/notice`, { email })

  test('names the sender’s token and the expiry, and says that the link comes separately', async () => {
    const sealed = seal()
    await app.create(sealed)
    const { status, body } = await notice(sealed)
    expect([status, body.data.type, body.data.status]).toEqual([201, 'secret.shared', 'pending'])
    await app.deliver()
    expect(app.smtp.received).toMatchObject([{ to: [recipient] }])
    const [mail] = mails()
    expect(mail).toContain('“admin” has shared a secret with you on https://halfkey.test.')
    expect(mail).toContain('They will send you the link themselves')
    expect(mail).toContain('until 2026-01-02 at 00:00 UTC')
    expect(mail).not.toContain(sealed.slug)
  })

  test('shows a token’s name on one line, whatever is in it', async () => {
    // Made on the server's own command line, which takes names that the API refuses.
    const token = await makeToken(app.store, app.clock, 'Bank\r\n\r\nSubject: pay\u2028now')
    const bearer = { Authorization: `Bearer ${token}` }
    const sealed = seal()
    await app.create(sealed)
    await app.call('POST', `/api/v1/secrets/${sealed.slug}/notice`, { email: recipient }, bearer)
    await app.deliver()
    expect(mails()[0]).toContain('“Bank Subject: pay now” has shared a secret')
  })

  test('goes out at most 5 times a secret, however many calls come at once', async () => {
    const sealed = seal()
    await app.create(sealed)
    const replies = await Promise.all(Array.from({ length: 12 }, () => notice(sealed)))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(5)
    const refused = replies.find(({ status }) => status === 429)
    expect(refused?.body.error.details).toEqual({ limit: 'notices', maximum: 5 })
    expect(refused?.headers.get('Retry-After')).toBe('86400')
    await app.deliver()
    expect((await notice(sealed)).status).toBe(429)
    expect(app.smtp.received).toHaveLength(5)
  })

  test('is refused for what has ended, for strangers, and without an address', async () => {
    const [alive, burned, expired] = [seal(), seal(), seal({ fields: { expires_in: 60 } })]
    for (const sealed of [alive, burned, expired]) await app.create(sealed)
    await app.admin('DELETE', `/secrets/${burned.slug}`)
    app.clock.advance(60_000)
    expect((await notice(burned)).body.error).toMatchObject({ code: 'GONE', details: { cause: 'burned' } })
    expect((await notice(expired)).body.error).toMatchObject({ code: 'GONE', details: { cause: 'expired' } })
    expect((await notice(alive, 'nobody')).status).toBe(422)
    expect((await notice(seal())).status).toBe(404)

    const path = `/api/v1/secrets/${alive.slug}/notice`
    expect((await app.call('POST', path, { email: recipient }, { 'Halfkey-Manage': alive.manageKey })).status).toBe(401)
    const anonymous = seal()
    await app.link.create(anonymous)
    expect((await notice(anonymous)).status).toBe(404)
    expect(await app.deliver()).toBe(0)
  })
})

test('mail and webhooks carry nothing of content, keys, password, proofs, notes or the reader', async () => {
  await app.givenWebhook()
  const bodies: string[] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (typeof init?.body === 'string') bodies.push(init.body)
    const { pathname, search } = new URL(url as string)
    const { status, text } = await app.call(
      init?.method ?? 'GET',
      pathname + search,
      init?.body ?? undefined,
      init?.headers as Record<string, string>,
    )
    return new Response(text, { status, headers: { 'Content-Type': 'application/json' } })
  }
  const workspaceKey = Buffer.alloc(32, 7).toString('base64url')
  const needles: Record<string, string> = {
    content: 'the content itself',
    password: 'correct horse battery staple',
    message: 'a note for the reader',
    description: 'what it is about',
    reader: '192.0.2.1',
    workspaceKey,
    token: app.token,
  }
  const { content = '', password, message, description } = needles
  const client = new Halfkey({ baseUrl: 'https://halfkey.test', token: app.token, workspaceKey, fetch })
  const secret = await client.createSecret(content, {
    password,
    message,
    description,
    notify: owner,
    views: 2,
    maxAttempts: 1,
  })
  const other = await client.createSecret(content, { password, message, description, notify: owner })
  await app.admin('POST', `/secrets/${secret.slug}/notice`, { email: 'recipient@other-company.example' })
  await app.deliver()

  const link = await openLink(secret.shareUrl, { fetch })
  expect((await link.reveal({ password })).text).toBe(content)
  const again = await openLink(secret.shareUrl, { fetch })
  await expect(again.reveal({ password: 'wrong' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' })
  app.clock.advance(25 * hour)
  await app.sweep()
  await app.deliver()

  expect(app.smtp.received).toHaveLength(4)
  expect(app.receiver.received).toHaveLength(3)
  for (const { shareUrl, manageKey, slug } of [secret, other])
    Object.assign(needles, { [`fragment ${slug}`]: new URL(shareUrl).hash.slice(2), [`manage key ${slug}`]: manageKey })
  for (const [index, body] of bodies.entries())
    for (const [name, value] of Object.entries(JSON.parse(body) as Record<string, unknown>))
      if (typeof value === 'string' && name !== 'slug') needles[`${name} of request ${index}`] = value
  const traffic = [
    ...mails(),
    ...app.receiver.received.map((hook) => JSON.stringify(hook)),
    JSON.stringify(await app.deliveries()),
  ]
  expect(findLeaks(traffic, needles)).toEqual([])
  expect(findLeaks([...traffic, password], needles)).toEqual(['password'])
})
