/** Requests over HTTP (spec/protocol.md section 10): asking, looking, answering and collecting. */
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { newToken } from '../src/domain/tokens/token.ts'
import type { Asked } from './support/asked.ts'
import { newAnswer, newAsk, requestCalls } from './support/asked.ts'
import { attachmentCalls, firstFile } from './support/attached.ts'
import type { Reply } from './support/sender.ts'
import { b64, newId, seal, sha256 } from './support/sender.ts'
import { addWorkspace } from './support/strangers.ts'

const hour = 3_600_000
const day = 24 * hour

let app: TestApp
let calls: ReturnType<typeof requestCalls>
beforeEach(async () => {
  app = await openApp()
  calls = requestCalls(app.call, app.token)
})
afterEach(() => {
  vi.useRealTimers()
  return app.close()
})

const refused = (status: number, code: string, details?: unknown) => ({
  status,
  body: { error: { code, ...(details !== undefined && { details }) } },
})
const notFound = refused(404, 'NOT_FOUND')
const codeOf = ({ body }: Reply): unknown => body.error?.code

describe('asking', () => {
  test('tells where the ask link leads, until when and what answers may be; the defaults are one answer in 7 days', async () => {
    const asked = newAsk()
    const { status, body } = await calls.ask(asked)
    expect(status).toBe(201)
    expect(body.data).toEqual({
      slug: asked.slug,
      ask_url: `https://halfkey.test/ask/${asked.slug}`,
      collect_url: `https://halfkey.test/collect/${asked.slug}`,
      maximum_answers: 1,
      expiration: new Date(app.clock.now() + 7 * day).toISOString(),
      limits: { maximum_views: 1, expires_in: 604_800, maximum_bytes: 10_737_418_240, maximum_files: 100 },
      created_at: new Date(app.clock.now()).toISOString(),
    })
  })

  test('the same bytes again get the same reply, other bytes or another owner a 409', async () => {
    const asked = newAsk()
    const first = await calls.ask(asked)
    app.clock.advance(5000)
    expect((await calls.ask(asked)).text).toBe(first.text)
    await calls.withdraw(asked)
    expect((await calls.ask(asked)).text).toBe(first.text)
    const other = { ...asked, body: { ...asked.body, maximum_answers: 2 } }
    expect(await calls.ask(other)).toMatchObject(refused(409, 'CONFLICT', { request: asked.slug }))
  })

  test('needs a token by default, may be open to anyone, and can be switched off', async () => {
    expect(await calls.ask(newAsk(), {})).toMatchObject(refused(401, 'AUTHENTICATION_ERROR'))
    const open = await openApp({ HALFKEY_REQUESTS: 'anyone' })
    const anyone = requestCalls(open.call, open.token)
    const asked = newAsk()
    expect(await anyone.ask(asked, {})).toMatchObject({
      status: 201,
      body: { data: { limits: { maximum_files: 100 } } },
    })
    expect((await anyone.look(asked)).body.data).toMatchObject({ asked_by: 'anonymous' })
    expect((await anyone.details(asked)).body.data).toMatchObject({ creator: 'anonymous', status: 'open' })
    await open.close()
  })

  test('off stops asking and answering; what was answered can still be collected', async () => {
    const asked = await calls.given({ maximum_answers: 2 })
    const answer = newAnswer()
    await calls.answer(asked, answer)
    app.deps.config.HALFKEY_REQUESTS = 'off'
    const off = refused(403, 'PERMISSION_DENIED', { rule: 'requests_off' })
    expect(await calls.ask(newAsk())).toMatchObject(off)
    expect(await calls.look(asked)).toMatchObject(off)
    expect(await calls.answer(asked)).toMatchObject(off)
    expect(await calls.look(asked, newAsk().access)).toMatchObject(notFound)
    expect((await calls.answers(asked)).body.data).toHaveLength(1)
    expect((await calls.reveal(asked, answer)).status).toBe(200)
  })

  test('for more than the server allows is a 422 that names the field', async () => {
    app.deps.config.HALFKEY_MAX_EXPIRES_IN = 3600
    app.deps.config.HALFKEY_FILES = 'off'
    const { status, body } = await calls.ask(
      newAsk({
        expires_in: 3601,
        answer: { expires_in: 3601, maximum_bytes: 1_081_361, maximum_files: 1 },
        notify: { email: 'asker@example.org' },
      }),
    )
    expect(status).toBe(422)
    expect(Object.keys(body.error.details).sort()).toEqual([
      'answer.expires_in',
      'answer.maximum_bytes',
      'answer.maximum_files',
      'expires_in',
      'notify',
    ])
    const within = await calls.ask(newAsk())
    expect(within.body.data).toMatchObject({ limits: { expires_in: 3600, maximum_files: 0, maximum_bytes: 1_081_360 } })
  })

  test('counts its own bytes to the quota, and gives them back with its record', async () => {
    const used = async () => (await app.store.findWorkspace(1))?.storedBytes
    const before = await used()
    const meta = b64(randomBytes(300))
    const asked = await calls.given({ meta })
    expect(await used()).toBe((before ?? 0) + 1216 + 400 + 400)
    await calls.patch(asked, { meta: b64(randomBytes(600)) })
    expect(await used()).toBe((before ?? 0) + 1216 + 400 + 800)
    app.deps.config.HALFKEY_QUOTA_BYTES = 3000
    expect(await calls.ask(newAsk())).toMatchObject(refused(403, 'QUOTA_EXCEEDED', { quota: 'stored_bytes' }))
    expect((await calls.purge(asked)).status).toBe(200)
    expect(await used()).toBe(before)
  })
})

describe('looking', () => {
  test('shows note, key, places, limits and who asks, to holders of the ask link alone', async () => {
    const asked = await calls.given({ maximum_answers: 3, answer: { maximum_views: 2, maximum_files: 0 } })
    const { status, body } = await calls.look(asked)
    expect(status).toBe(200)
    expect(body.data).toEqual({
      note: asked.body['note'],
      public_key: asked.body['public_key'],
      answers_left: 3,
      expiration: new Date(app.clock.now() + 7 * day).toISOString(),
      limits: { maximum_views: 2, expires_in: 604_800, maximum_bytes: 10_737_418_240, maximum_files: 0 },
      asked_by: 'default',
    })
  })

  test('a wrong access, none, a collect link’s and an unknown slug get the same 404, byte for byte', async () => {
    const asked = await calls.given()
    const replies = [
      await calls.look(asked, newAsk().access),
      await calls.look(asked, ''),
      await calls.look(asked, asked.collect),
      await calls.look(newAsk()),
      // The lookup finds the next request's row for an unknown slug.
      await calls.look({ ...asked, slug: newAsk().slug }),
      await calls.details({ ...asked, slug: newAsk().slug }),
      await calls.answer(asked, newAnswer(), newAsk().access),
      await calls.answer(newAsk()),
    ]
    expect(new Set(replies.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(replies[0]).toMatchObject(notFound)
  })

  test('at a request that ended is a 410 with its cause and time', async () => {
    const ended = async (cause: string, end: (asked: ReturnType<typeof newAsk>) => Promise<unknown>) => {
      const asked = await calls.given()
      await end(asked)
      const gone = refused(410, 'GONE', { cause, at: new Date(app.clock.now()).toISOString() })
      expect(await calls.look(asked)).toMatchObject(gone)
      expect(await calls.answer(asked)).toMatchObject(gone)
      expect((await calls.details(asked)).body.data).toMatchObject({ status: cause, answers_left: 0 })
    }
    await ended('answered', (asked) => calls.answer(asked))
    await ended('withdrawn', (asked) => calls.withdraw(asked))
    await ended('expired', () => Promise.resolve(app.clock.advance(7 * day)))
  })

  test('a secret’s slug is no request’s, nor a request’s a secret’s', async () => {
    const asked = await calls.given()
    const sealed = seal()
    await app.call('POST', '/api/v1/secrets', sealed.body)
    const at = (path: string, access: string) => app.call('POST', path, undefined, { 'Halfkey-Access': access })
    expect(await at(`/api/v1/asks/${sealed.slug}/status`, sealed.access)).toMatchObject(notFound)
    expect(await at(`/api/v1/links/${asked.slug}/status`, asked.access)).toMatchObject(notFound)
    const twin = {
      ...asked.body,
      envelope: sealed.body.envelope,
      key_a: sealed.keyA,
      manage_verifier: b64(sha256(Buffer.alloc(32))),
    }
    const { collect_verifier: _c, public_key: _p, ...secret } = twin as Record<string, unknown>
    expect((await app.call('POST', '/api/v1/secrets', secret)).status).toBe(201)
  })
})

describe('answering', () => {
  test('creates a secret with the request’s views and expiry, without a token even where senders need one', async () => {
    app.deps.config.HALFKEY_ANONYMOUS = 'deny'
    app.deps.config.HALFKEY_REQUIRE_PASSWORD = 'on'
    const asked = await calls.given({ answer: { maximum_views: 3, expires_in: 3600 } })
    const answer = newAnswer()
    const { status, body } = await calls.answer(asked, answer)
    expect(status).toBe(201)
    expect(body.data).toEqual({
      slug: answer.slug,
      expiration: new Date(app.clock.now() + hour).toISOString(),
      attachments_count: 0,
      created_at: new Date(app.clock.now()).toISOString(),
    })
    expect((await calls.status(asked, answer)).body.data).toMatchObject({ views_left: 3 })
  })

  test('the same bytes again get the same reply, whatever has happened to the request since', async () => {
    const [asked, other] = [await calls.given(), await calls.given()]
    const answer = newAnswer()
    const first = await calls.answer(asked, answer)
    const again = async () => expect((await calls.answer(asked, answer)).text).toBe(first.text)
    app.clock.advance(1000)
    await again()
    expect(await calls.answer(other, answer)).toMatchObject(refused(409, 'CONFLICT', { slug: answer.slug }))
    expect((await calls.look(other)).body.data).toMatchObject({ answers_left: 1 })
    const revealId = newId()
    await calls.reveal(asked, answer, revealId)
    await calls.ack(asked, answer, revealId)
    await again()
    await calls.withdraw(asked)
    app.clock.advance(8 * day)
    await app.sweep()
    await again()
    expect((await calls.answers(asked)).body.data).toHaveLength(1)
  })

  test('with other bytes for a known slug is a 409 that takes no place', async () => {
    const asked = await calls.given({ maximum_answers: 2 })
    const answer = newAnswer()
    await calls.answer(asked, answer)
    const other = { ...answer, body: { ...answer.body, key_a: b64(randomBytes(32)) } }
    expect(await calls.answer(asked, other)).toMatchObject(refused(409, 'CONFLICT'))
    expect((await calls.look(asked)).body.data).toMatchObject({ answers_left: 1 })
  })

  test('with more than the request allows is refused, and takes no place', async () => {
    const asked = await calls.given({ answer: { maximum_bytes: 2000, maximum_files: 1 } })
    expect(await calls.answer(asked, newAnswer({ files: [100, 100] }))).toMatchObject(refused(422, 'VALIDATION_ERROR'))
    expect(await calls.answer(asked, newAnswer({ size: 1104, files: [1000] }))).toMatchObject(
      refused(413, 'PAYLOAD_TOO_LARGE', { limit: 'answer', maximum_bytes: 2000, bytes: 2104 }),
    )
    expect((await calls.look(asked)).body.data).toMatchObject({ answers_left: 1 })
    expect((await calls.answer(asked, newAnswer({ size: 1104, files: [896] }))).status).toBe(201)
  })

  test('takes no field but those of section 10', async () => {
    const asked = await calls.given()
    for (const field of ['maximum_views', 'expires_in', 'meta', 'notify', 'ip_whitelist', 'captcha', 'otp']) {
      const answer = newAnswer()
      const reply = await calls.answer(asked, { ...answer, body: { ...answer.body, [field]: 1 } })
      expect(reply).toMatchObject(refused(422, 'VALIDATION_ERROR', { [field]: ['Unknown field.'] }))
    }
  })

  test('counts to the quota of the asker’s workspace, without telling how much that uses', async () => {
    const asked = await calls.given({ maximum_answers: 2 })
    const usage = async () => (await app.store.findWorkspace(1))?.activeSecrets
    await calls.answer(asked)
    expect(await usage()).toBe(1)
    app.deps.config.HALFKEY_QUOTA_SECRETS = 1
    const reply = await calls.answer(asked)
    expect(reply).toMatchObject(refused(403, 'QUOTA_EXCEEDED'))
    expect(reply.body.error.details).toEqual({ quota: 'active_secrets' })
    expect((await calls.look(asked)).body.data).toMatchObject({ answers_left: 1 })
  })

  test('500 at once to a request for one make one', async () => {
    const asked = await calls.given()
    const replies = await Promise.all(Array.from({ length: 500 }, () => calls.answer(asked)))
    const statuses = replies.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
    expect(statuses.filter((status) => status === 410)).toHaveLength(499)
    expect((await calls.answers(asked)).body.data).toHaveLength(1)
    expect((await calls.stats()).body.data).toMatchObject({ total_answers: 1, answered_requests: 1 })
  })

  test('a request that ends between looking and answering refuses, and creates nothing', async () => {
    const asked = await calls.given()
    expect((await calls.look(asked)).status).toBe(200)
    await calls.withdraw(asked)
    const answer = newAnswer()
    expect(await calls.answer(asked, answer)).toMatchObject(refused(410, 'GONE'))
    expect(await calls.receipt(answer)).toMatchObject(notFound)
  })
})

describe('an answer with files', () => {
  const uploads = () => attachmentCalls(app.call)

  test('takes its place from its create on, and appears once its upload is complete, even after the request’s end', async () => {
    const asked = await calls.given()
    const answer = newAnswer({ files: [1000] })
    expect((await calls.answer(asked, answer)).body.data).toMatchObject({ attachments_count: 1 })
    expect(codeOf(await calls.look(asked))).toBe('GONE')
    expect((await calls.answers(asked)).body.data).toEqual([])
    expect(await calls.status(asked, answer)).toMatchObject(notFound)
    expect((await calls.receipt(answer)).body.data).toMatchObject({ status: 'uploading' })
    await calls.withdraw(asked)
    expect((await uploads().put(answer)).status).toBe(200)
    expect((await uploads().complete(answer)).status).toBe(200)
    expect((await calls.answers(asked)).body.data).toEqual([
      {
        slug: answer.slug,
        sealed_key_b: answer.body['sealed_key_b'],
        status: 'active',
        created_at: new Date(app.clock.now()).toISOString(),
        attachments_count: 1,
        size: 2104,
      },
    ])
  })

  test('gives its place back when it isn’t complete after 24 hours, and the request is open again', async () => {
    const asked = await calls.given()
    await calls.answer(asked, newAnswer({ files: [1000] }))
    app.clock.advance(day - 1)
    await app.sweep()
    expect((await calls.details(asked)).body.data).toMatchObject({ status: 'answered', answers_count: 1 })
    app.clock.advance(1)
    await app.sweep()
    expect((await calls.details(asked)).body.data).toMatchObject({
      status: 'open',
      answers_count: 0,
      answers_left: 1,
      ended_at: null,
      note: asked.body['note'],
    })
    expect((await calls.look(asked)).status).toBe(200)
    expect((await calls.answer(asked)).status).toBe(201)
    expect((await calls.stats()).body.data).toMatchObject({ total_answers: 1, answered_requests: 1, open_requests: 0 })
  })

  test('that is abandoned after the request’s time leaves it expired', async () => {
    const asked = await calls.given({ expires_in: 3600 })
    const until = new Date(app.clock.now() + hour).toISOString()
    await calls.answer(asked, newAnswer({ files: [1000] }))
    app.clock.advance(day)
    await app.sweep()
    expect((await calls.details(asked)).body.data).toMatchObject({ status: 'expired', ended_at: until })
    expect((await calls.stats()).body.data).toMatchObject({
      expired_requests: 1,
      answered_requests: 0,
      total_answers: 0,
    })
  })

  test('that its sender burned gives no place back, and so is listed', async () => {
    const asked = await calls.given()
    const answer = newAnswer({ files: [1000] })
    await calls.answer(asked, answer)
    const endedAt = new Date(app.clock.now()).toISOString()
    expect((await calls.takeBack(answer)).status).toBe(200)
    app.clock.advance(2 * day)
    await app.sweep()
    expect((await calls.details(asked)).body.data).toMatchObject({ status: 'answered', answers_count: 1 })
    expect((await calls.answers(asked)).body.data).toMatchObject([
      { slug: answer.slug, status: 'burned', ended_at: endedAt },
    ])
  })

  test('is withdrawn from a request that could be open again', async () => {
    const asked = await calls.given()
    await calls.answer(asked, newAnswer({ files: [1000] }))
    await calls.withdraw(asked)
    app.clock.advance(day)
    await app.sweep()
    expect((await calls.details(asked)).body.data).toMatchObject({ status: 'withdrawn', answers_count: 0 })
    expect(await calls.answer(asked)).toMatchObject(refused(410, 'GONE'))
  })

  test('is fetched with Halfkey-Collect, and without it is a 404', async () => {
    const asked = await calls.given()
    const answer = newAnswer({ files: [1000] })
    await calls.answer(asked, answer)
    await uploads().put(answer)
    await uploads().complete(answer)
    const { grant } = (await calls.reveal(asked, answer)).body.data as { grant: string }
    expect(await uploads().fetchFile(answer, grant)).toMatchObject(notFound)
    const fetched = await uploads().fetchFile(answer, grant, { 'Halfkey-Collect': asked.collect })
    expect(fetched.bytes.equals(firstFile(answer).bytes)).toBe(true)
  })
})

describe('the receipt', () => {
  test('tells the state, and since when it is collected', async () => {
    const asked = await calls.given({ answer: { maximum_views: 2 } })
    const answer = newAnswer()
    await calls.answer(asked, answer)
    const waiting = (await calls.receipt(answer)).body.data
    expect(waiting).toMatchObject({ status: 'active', current_views: 0, creator: 'anonymous', meta: null })
    expect(waiting).not.toHaveProperty('collected_at')
    app.clock.advance(1000)
    const at = new Date(app.clock.now()).toISOString()
    await calls.reveal(asked, answer)
    app.clock.advance(1000)
    await calls.reveal(asked, answer)
    expect((await calls.receipt(answer)).body.data).toMatchObject({ status: 'viewed', collected_at: at })
    expect((await calls.answers(asked)).body.data).toMatchObject([{ status: 'viewed', collected_at: at }])
  })

  test('burns until the first recorded reveal, again with the same reply, and is a 409 after it', async () => {
    const asked = await calls.given({ maximum_answers: 2, answer: { maximum_views: 2 } })
    const [burned, opened] = [newAnswer(), newAnswer()]
    await calls.answer(asked, burned)
    await calls.answer(asked, opened)
    expect((await calls.takeBack(burned)).status).toBe(200)
    expect((await calls.takeBack(burned)).status).toBe(200)
    expect(await calls.reveal(asked, burned)).toMatchObject(refused(410, 'GONE'))
    await calls.reveal(asked, opened)
    expect(await calls.takeBack(opened)).toMatchObject(refused(409, 'CONFLICT'))
    expect((await calls.status(asked, opened)).status).toBe(200)
  })

  test('does nothing else', async () => {
    const asked = await calls.given()
    const answer = newAnswer()
    await calls.answer(asked, answer)
    const manage = { 'Halfkey-Manage': answer.manageKey }
    const path = `/api/v1/secrets/${answer.slug}`
    expect(await app.call('GET', `${path}/events`, undefined, manage)).toMatchObject(notFound)
    expect(await app.call('PATCH', path, { expires_in: 60 }, manage)).toMatchObject(notFound)
    expect(await calls.takeBack(answer, '?purge=true')).toMatchObject(notFound)
    expect((await calls.receipt(answer)).body.data).toMatchObject({ status: 'active' })
    const reveal = { reveal_id: newId() }
    expect(await app.call('POST', `/api/v1/links/${answer.slug}/reveal`, reveal, manage)).toMatchObject(notFound)
  })
})

describe('collecting', () => {
  test('every call on an answer without Halfkey-Collect, or with a wrong one, is the 404 of an unknown slug, repeats too', async () => {
    const [asked, other] = [await calls.given(), await calls.given()]
    const answer = newAnswer()
    await calls.answer(asked, answer)
    const unknown = newAnswer()
    const revealId = newId()
    const wrong = [
      {},
      { 'Halfkey-Collect': other.collect },
      { 'Halfkey-Collect': asked.access },
      { 'Halfkey-Collect': 'x' },
    ]
    const probe = async (headers: Record<string, string>, of = answer) => [
      await calls.status(asked, of, undefined, headers),
      await calls.otp(asked, of, {}, headers),
      await calls.reveal(asked, of, revealId, headers),
      await calls.ack(asked, of, revealId, headers),
    ]
    const texts = new Set<string>()
    const collectReplies = async () => {
      for (const headers of wrong) for (const { status, text } of await probe(headers)) texts.add(`${status} ${text}`)
    }
    await collectReplies()
    expect((await calls.reveal(asked, answer, revealId)).body.data).toMatchObject({ key_a: answer.keyA })
    await collectReplies()
    for (const { status, text } of await probe({}, unknown)) texts.add(`${status} ${text}`)
    expect(texts.size).toBe(1)
    expect([...texts][0]).toMatch(/^404 /)
    expect((await calls.reveal(asked, answer, revealId)).body.data).toMatchObject({ key_a: answer.keyA })
    expect((await calls.ack(asked, answer, revealId)).status).toBe(200)
  })

  test('a password of the answerer’s is asked for like any other, and repeats need it', async () => {
    const asked = await calls.given()
    const answer = newAnswer({ password: true })
    await calls.answer(asked, answer)
    expect((await calls.status(asked, answer)).body.data).toMatchObject({ password: true })
    expect(await calls.reveal(asked, answer)).toMatchObject(refused(403, 'PASSWORD_REQUIRED'))
    const reveal = { reveal_id: newId(), password_proof: answer.passwordProof }
    const headers = { 'Halfkey-Access': answer.access, 'Halfkey-Collect': asked.collect }
    expect((await app.call('POST', `/api/v1/links/${answer.slug}/reveal`, reveal, headers)).status).toBe(200)
  })

  test('sealed_key_b is destroyed with keyA', async () => {
    const asked = await calls.given()
    const answer = newAnswer()
    await calls.answer(asked, answer)
    const revealId = newId()
    await calls.reveal(asked, answer, revealId)
    expect((await calls.answers(asked)).body.data).toMatchObject([{ sealed_key_b: answer.body['sealed_key_b'] }])
    await calls.ack(asked, answer, revealId)
    const [left] = (await calls.answers(asked)).body.data as object[]
    expect(left).not.toHaveProperty('sealed_key_b')
    expect(left).toMatchObject({ status: 'viewed', size: 1104 })
  })

  test('an answer that expires is listed as expired, without its key', async () => {
    const asked = await calls.given({ answer: { expires_in: 60 } })
    await calls.answer(asked)
    app.clock.advance(60_000)
    expect((await calls.answers(asked)).body.data).toMatchObject([{ status: 'expired' }])
    await app.sweep()
    expect((await calls.answers(asked)).body.data[0]).not.toHaveProperty('sealed_key_b')
  })

  test('answers aren’t among the workspace’s secrets, their calls or their figures', async () => {
    const asked = await calls.given()
    const answer = newAnswer()
    await calls.answer(asked, answer)
    await calls.reveal(asked, answer)
    const bearer = { Authorization: `Bearer ${app.token}` }
    const get = (path: string) => app.call('GET', `/api/v1${path}`, undefined, bearer)
    expect((await get('/secrets')).body).toMatchObject({ data: [], pagination: { total: 0 } })
    expect((await get('/secrets?status=expired')).body).toMatchObject({ data: [], pagination: { total: 0 } })
    expect((await get('/stats')).body.data).toMatchObject({ total_secrets: 0, total_views: 0 })
    expect(await get(`/secrets/${answer.slug}`)).toMatchObject(notFound)
    expect(await get(`/secrets/${answer.slug}/events`)).toMatchObject(notFound)
    expect(await app.call('DELETE', `/api/v1/secrets/${answer.slug}`, undefined, bearer)).toMatchObject(notFound)
  })
})

describe('whoever asked', () => {
  const wrong = async (asked: Asked) => {
    const other = await calls.given()
    return [{}, { 'Halfkey-Collect': other.collect }, { 'Halfkey-Access': asked.access }]
  }

  test('destroys an answer whatever its views, again with the same reply, and whoever sent it learns so', async () => {
    const asked = await calls.given({ maximum_answers: 3, answer: { maximum_views: 3 } })
    const [opened, unread, withFile] = [newAnswer(), newAnswer(), newAnswer({ files: [1000] })]
    for (const answer of [opened, unread, withFile]) await calls.answer(asked, answer)
    const { put, complete } = attachmentCalls(app.call)
    await put(withFile)
    await complete(withFile)
    await calls.reveal(asked, opened)
    const endedAt = new Date(app.clock.now()).toISOString()
    for (const answer of [opened, unread, withFile]) {
      expect((await calls.destroyAnswer(asked, answer)).status).toBe(200)
      app.clock.advance(1000)
      expect((await calls.destroyAnswer(asked, answer, { Authorization: `Bearer ${app.token}` })).status).toBe(200)
      expect(await calls.reveal(asked, answer)).toMatchObject(refused(410, 'GONE', { cause: 'burned' }))
      expect((await calls.receipt(answer)).body.data).toMatchObject({ status: 'burned' })
    }
    const answers = (await calls.answers(asked)).body.data as Record<string, unknown>[]
    expect(answers.map((answer) => [answer['status'], 'sealed_key_b' in answer])).toEqual(
      Array(3).fill(['burned', false]),
    )
    expect(answers[0]).toMatchObject({ ended_at: endedAt, collected_at: endedAt })
    expect(app.blobs.kept.size).toBe(0)
    expect((await calls.details(asked)).body.data).toMatchObject({ status: 'answered', answers_count: 3 })
  })

  test('unlocks an answer that wrong passwords locked', async () => {
    const asked = await calls.given()
    const answer = newAnswer({ password: true })
    await calls.answer(asked, answer)
    const reveal = (proof: string) =>
      app.call(
        'POST',
        `/api/v1/links/${answer.slug}/reveal`,
        { reveal_id: newId(), password_proof: proof },
        { 'Halfkey-Access': answer.access, 'Halfkey-Collect': asked.collect },
      )
    for (let n = 0; n < 10; n++) await reveal(answer.access)
    expect(codeOf(await reveal(answer.passwordProof))).toBe('LOCKED')
    expect((await calls.unlockAnswer(asked, answer)).body.data).toMatchObject({ slug: answer.slug, status: 'active' })
    expect((await reveal(answer.passwordProof)).status).toBe(200)
    expect(await calls.unlockAnswer(asked, answer)).toMatchObject(
      refused(410, 'GONE', { cause: 'viewed', at: new Date(app.clock.now()).toISOString() }),
    )
  })

  test('alone does either: others, and of another request’s answers, get the 404 of an unknown one', async () => {
    const asked = await calls.given()
    const answer = newAnswer()
    await calls.answer(asked, answer)
    const other = await calls.given()
    for (const act of [calls.destroyAnswer, calls.unlockAnswer]) {
      for (const headers of await wrong(asked)) {
        const status = 'Halfkey-Collect' in headers ? 404 : 401
        expect(await act(asked, answer, headers)).toMatchObject({ status })
      }
      expect(await act(other, answer)).toMatchObject(notFound)
      expect((await act(asked, newAnswer())).text).toBe((await act(newAsk(), answer)).text)
    }
    const { text } = addWorkspace(app.home.data)
    await setImmediate()
    expect(await calls.destroyAnswer(asked, answer, { Authorization: `Bearer ${text}` })).toMatchObject(notFound)
    expect((await calls.status(asked, answer)).status).toBe(200)
  })

  test('neither sees nor ends an answer that is being uploaded', async () => {
    const asked = await calls.given()
    const answer = newAnswer({ files: [1000] })
    await calls.answer(asked, answer)
    expect(await calls.destroyAnswer(asked, answer)).toMatchObject(notFound)
    expect((await calls.receipt(answer)).body.data).toMatchObject({ status: 'uploading' })
  })
})

describe('waiting for answers', () => {
  // So that no call ends because its time is over: only what a test does ends it.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }))

  /** Until so many calls wait. */
  const until = async (count: number) => {
    for (let turn = 0; app.deps.awaited.count < count; turn++) {
      if (turn > 10_000) throw new Error('too few calls wait')
      await setImmediate()
    }
  }
  const slugs = ({ body }: Reply) => (body.data as { slug: string }[]).map(({ slug }) => slug)

  test('ends at once with a new answer, or with one whose files are there', async () => {
    const asked = await calls.given({ maximum_answers: 3 })
    const [text, files] = [newAnswer(), newAnswer({ files: [1000] })]
    const first = calls.waitForAnswers(asked, 25)
    await until(1)
    await calls.answer(asked, text)
    expect(slugs(await first)).toEqual([text.slug])
    const second = calls.waitForAnswers(asked, 25, 1)
    await until(1)
    await calls.answer(asked, files)
    const { put, complete } = attachmentCalls(app.call)
    await put(files)
    expect(app.deps.awaited.count).toBe(1)
    await complete(files)
    expect(slugs(await second)).toEqual([text.slug, files.slug])
  })

  test('doesn’t begin when there are more than the caller knows, or can be no more', async () => {
    const asked = await calls.given({ maximum_answers: 2 })
    await calls.answer(asked)
    expect(slugs(await calls.waitForAnswers(asked, 25))).toHaveLength(1)
    await calls.answer(asked)
    expect(slugs(await calls.waitForAnswers(asked, 25, 2))).toHaveLength(2)
  })

  test('ends with the request, withdrawn or expired', async () => {
    const [withdrawn, expired] = [await calls.given(), await calls.given({ expires_in: 60 })]
    const waiting = [calls.waitForAnswers(withdrawn, 25), calls.waitForAnswers(expired, 25)]
    await until(2)
    await calls.withdraw(withdrawn)
    expect(slugs((await waiting[0]) as Reply)).toEqual([])
    app.clock.advance(60_000)
    await vi.advanceTimersByTimeAsync(1000)
    expect(app.deps.awaited.count).toBe(0)
    expect(slugs((await waiting[1]) as Reply)).toEqual([])
  })

  test('ends when its time is over', async () => {
    const asked = await calls.given()
    const waiting = calls.waitForAnswers(asked, 3)
    await until(1)
    await vi.advanceTimersByTimeAsync(2999)
    expect(app.deps.awaited.count).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(slugs(await waiting)).toEqual([])
  })

  test('goes on for ten at a request, and for nobody once the server stops', async () => {
    const asked = await calls.given()
    const waiting = Array.from({ length: 10 }, () => calls.waitForAnswers(asked, 25))
    await until(10)
    expect((await calls.waitForAnswers(asked, 25)).status).toBe(200)
    app.deps.awaited.stop()
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(app.deps.awaited.count).toBe(0)
    expect((await calls.waitForAnswers(asked, 25)).status).toBe(200)
  })

  test('gives its place back when the caller goes away', async () => {
    const asked = await calls.given()
    const gone = new AbortController()
    const waiting = app.fetch(
      new Request(`https://halfkey.test/api/v1/requests/${asked.slug}/answers?wait=25`, {
        headers: { 'Halfkey-Collect': asked.collect },
        signal: gone.signal,
      }),
    )
    await until(1)
    gone.abort()
    await waiting
    expect(app.deps.awaited.count).toBe(0)
  })

  test('shows nothing to a token that was revoked meanwhile', async () => {
    const asked = await calls.given()
    const { token, text } = newToken({
      workspaceId: 1,
      name: 'x',
      scopes: ['requests:read'],
      createdAt: 0,
      expiresAt: null,
    })
    await app.store.createToken(token)
    const waiting = app.call('GET', `/api/v1/requests/${asked.slug}/answers?wait=25`, undefined, {
      Authorization: `Bearer ${text}`,
    })
    await until(1)
    await app.store.revokeToken(1, token.id, app.clock.now())
    await calls.answer(asked)
    expect(await waiting).toMatchObject(refused(401, 'AUTHENTICATION_ERROR'))
  })
})

describe('an owner', () => {
  test('with the collect link does for one request what a token of the workspace does, and a wrong one is the 404', async () => {
    const asked = await calls.given({ maximum_answers: 3 })
    const bearer = { Authorization: `Bearer ${app.token}` }
    for (const headers of [undefined, bearer]) {
      expect((await calls.details(asked, headers)).body.data).toMatchObject({ slug: asked.slug, creator: 'admin' })
      expect((await calls.answers(asked, headers)).body.data).toEqual([])
      expect((await calls.patch(asked, { meta: b64(randomBytes(300)) }, headers)).status).toBe(200)
      expect((await calls.withdraw(asked, headers)).status).toBe(200)
    }
    for (const headers of [{ 'Halfkey-Collect': newAsk().collect }, { 'Halfkey-Collect': asked.access }]) {
      expect(await calls.details(asked, headers)).toMatchObject(notFound)
      expect(await calls.answers(asked, headers)).toMatchObject(notFound)
      expect(await calls.patch(asked, {}, headers)).toMatchObject(notFound)
      expect(await calls.withdraw(asked, headers)).toMatchObject(notFound)
    }
    expect(await calls.details(asked, {})).toMatchObject(refused(401, 'AUTHENTICATION_ERROR'))
  })

  test('shortens, asks for fewer and replaces the metadata, and loosens nothing', async () => {
    const asked = await calls.given({ maximum_answers: 3, expires_in: 7200 })
    await calls.answer(asked)
    const meta = b64(randomBytes(300))
    const until = new Date(app.clock.now() + hour).toISOString()
    expect((await calls.patch(asked, { expires_in: 3600, maximum_answers: 2, meta })).body.data).toMatchObject({
      expiration: until,
      maximum_answers: 2,
      answers_left: 1,
      meta,
    })
    const loosened = await calls.patch(asked, { expires_in: 7200, maximum_answers: 3 })
    expect(loosened).toMatchObject(refused(422, 'VALIDATION_ERROR'))
    expect(Object.keys(loosened.body.error.details).sort()).toEqual(['expires_in', 'maximum_answers'])
    expect((await calls.patch(asked, { maximum_answers: 1 })).body.data).toMatchObject({ status: 'answered' })
    expect(await calls.patch(asked, { expires_in: 60 })).toMatchObject(refused(410, 'GONE', { cause: 'answered' }))
    expect((await calls.patch(asked, { meta: b64(randomBytes(300)) })).status).toBe(200)
  })

  test('lists requests newest first, by state and page, with totals, and reads figures that agree', async () => {
    const [open, answered, withdrawn] = [await calls.given(), await calls.given(), await calls.given()]
    const answer = newAnswer()
    await calls.answer(answered, answer)
    await calls.reveal(answered, answer)
    await calls.withdraw(withdrawn)
    const expired = await calls.given({ expires_in: 60 })
    app.clock.advance(60_000)
    await app.sweep()
    const listed = async (query: string) => {
      const { data, pagination } = (await calls.list(query)).body as { data: { slug: string }[]; pagination: object }
      return [data.map(({ slug }) => slug), pagination]
    }
    const slugs = [expired, withdrawn, answered, open].map(({ slug }) => slug)
    expect(await listed('?per_page=3')).toEqual([
      slugs.slice(0, 3),
      { current_page: 1, per_page: 3, total: 4, last_page: 2 },
    ])
    expect(await listed('?per_page=3&page=2')).toMatchObject([slugs.slice(3), { total: 4 }])
    for (const [status, slug] of Object.entries({ expired, withdrawn, answered, open }))
      expect(await listed(`?status=${status}`)).toMatchObject([[slug.slug], { total: 1 }])
    const stats = {
      total_requests: 4,
      open_requests: 1,
      answered_requests: 1,
      expired_requests: 1,
      withdrawn_requests: 1,
      total_answers: 1,
      collected_answers: 1,
    }
    expect((await calls.stats()).body.data).toEqual(stats)
    await calls.purge(withdrawn)
    expect((await calls.stats()).body.data).toEqual(stats)
    expect(await listed('')).toMatchObject([[expired.slug, answered.slug, open.slug], { total: 3 }])
  })

  test('ends no answer with the request, and purges neither while an answer lives', async () => {
    const asked = await calls.given()
    const answer = newAnswer()
    await calls.answer(asked, answer)
    expect(await calls.purge(asked)).toMatchObject(refused(409, 'CONFLICT', { answers: 1 }))
    const revealId = newId()
    expect((await calls.reveal(asked, answer, revealId)).status).toBe(200)
    await calls.ack(asked, answer, revealId)
    expect((await calls.purge(asked)).status).toBe(200)
    expect(await calls.details(asked)).toMatchObject(notFound)
    expect(await calls.receipt(answer)).toMatchObject(notFound)
    expect((await calls.ask(asked)).status).toBe(201)
  })

  test('keeps the record for the retention time after the last answer’s end', async () => {
    const asked = await calls.given({ answer: { expires_in: 864_000 } })
    await calls.answer(asked)
    app.clock.advance(10 * day)
    await app.sweep()
    app.clock.advance(30 * day - 1)
    await app.sweep()
    expect((await calls.answers(asked)).body.data).toMatchObject([{ status: 'expired' }])
    app.clock.advance(1)
    expect(await app.sweep()).toMatchObject({ purged: 1 })
    expect(await calls.details(asked)).toMatchObject(notFound)
  })
})
