import type { WireEvent, WireSuccess } from '@halfkey/sdk'
import { describe, expect, test } from 'vitest'
import { expectOpened, gone, iso, refused, sealedText, useApp } from './support/running-app.ts'
import { newId, seal } from './support/sender.ts'

const minute = 60_000
const graceMs = 10 * minute
const { app, call, now, later, given, isKept, historyOf, status, reveal, ack, details, events } = useApp()

describe('status', () => {
  test('tells what the reveal will need, and the note', async () => {
    const note = sealedText()
    const sealed = await given({ note, maximum_views: 3, max_attempts: 5 }, { password: true })
    expect((await status(sealed, {})).body.data).toEqual({
      password: true,
      otp: null,
      captcha: false,
      challenge: null,
      note,
      expiration: iso(now() + 24 * 60 * minute),
      views_left: 3,
      attempts_left: 5,
      files: [],
    })
    const bare = (await status(await given({ maximum_views: null }), {})).body.data
    expect(bare).toMatchObject({ password: false, note: null, views_left: null })
  })

  test('spends nothing and is not recorded, however often it is asked', async () => {
    const sealed = await given()
    for (let n = 0; n < 20; n++) expect((await status(sealed, {})).body.data.views_left).toBe(1)
    expect(await historyOf(sealed)).toEqual(['created'])
  })
})

describe('a reveal', () => {
  test('gives keyA, the envelope as it was sent, and a grant of 48 bytes that is this reveal’s own', async () => {
    const sealed = await given({ maximum_views: 2 })
    const [one, two] = [await reveal(sealed), await reveal(sealed)]
    expectOpened(one, sealed)
    expectOpened(two, sealed)
    const grants = [one, two].map(({ body }) => Buffer.from(body.data.grant as string, 'base64url'))
    expect(grants.map(({ length }) => length)).toEqual([48, 48])
    expect(grants[0]).not.toEqual(grants[1])
  })

  test('is recorded with who asked and when', async () => {
    const sealed = await given()
    later(5)
    const body = { reveal_id: newId() }
    const headers = { 'Halfkey-Access': sealed.access, 'User-Agent': `curl/8 ${'x'.repeat(600)}` }
    await call('POST', `/api/v1/links/${sealed.slug}/reveal`, body, headers)
    const { data } = (await events(sealed)).body as WireSuccess<WireEvent[]>
    const told = { ip: '192.0.2.1', country: null, reason: null, user_agent: headers['User-Agent'].slice(0, 512) }
    expect(data[1]).toEqual({ type: 'opened', at: iso(now()), ...told })
  })

  test('no reply to a recipient may be cached', async () => {
    const sealed = await given()
    const id = newId()
    for (const reply of [
      await status(sealed, {}),
      await reveal(sealed, id),
      await reveal(sealed),
      await ack(sealed, id),
    ])
      expect(reply.headers.get('Cache-Control')).toBe('no-store')
  })

  test('without a limit of views it is there for everybody until it expires', async () => {
    const sealed = await given({ maximum_views: null, expires_in: 3600 })
    for (let n = 0; n < 30; n++) expectOpened(await reveal(sealed), sealed)
    expect((await details(sealed)).body.data).toMatchObject({ current_views: 30, maximum_views: null })
    later(60 * minute)
    expect(await reveal(sealed)).toMatchObject(gone('expired', now()))
  })

  test('a rightful recipient who comes too late learns when the last view was', async () => {
    const sealed = await given()
    const at = now()
    await reveal(sealed)
    later(minute)
    expect(await status(sealed, {})).toMatchObject(gone('viewed', at))
    expect(await reveal(sealed)).toMatchObject(gone('viewed', at))
    expect(await historyOf(sealed)).toEqual(['created', 'opened', 'denied GONE'])
  })
})

describe('C6: the reply of a recorded reveal_id', () => {
  test('is had again, byte for byte, until its grace time ends, and then never', async () => {
    const sealed = await given()
    const id = newId()
    const first = await reveal(sealed, id)
    for (const wait of [0, graceMs / 2, graceMs / 2 - 1]) {
      later(wait)
      await app().sweep()
      expect((await reveal(sealed, id)).text).toBe(first.text)
    }
    later(1)
    expect(await reveal(sealed, id)).toMatchObject(refused(410, 'GONE'))
    await app().sweep()
    expect(isKept(sealed)).toBe(false)
    expect(await historyOf(sealed)).toEqual(['created', 'opened', 'denied GONE'])
  })

  test('is had again past the secret’s expiry', async () => {
    const sealed = await given({ maximum_views: 5, expires_in: 60 })
    const id = newId()
    later(minute - 1)
    const first = await reveal(sealed, id)
    later(graceMs - 1)
    await app().sweep()
    expect((await reveal(sealed, id)).text).toBe(first.text)
    expect(await reveal(sealed)).toMatchObject(refused(410, 'GONE', { cause: 'expired' }))
  })

  test('spends no second view while there are views left', async () => {
    const sealed = await given({ maximum_views: 3 })
    const id = newId()
    for (let n = 0; n < 5; n++) expectOpened(await reveal(sealed, id), sealed)
    expect((await details(sealed)).body.data.current_views).toBe(1)
    later(graceMs)
    expect(await reveal(sealed, id)).toMatchObject(refused(410, 'GONE'))
    expect((await details(sealed)).body.data).toMatchObject({ current_views: 1, status: 'active' })
  })

  test('needs the right access and the right password again', async () => {
    const sealed = await given({}, { password: true })
    const id = newId()
    const proof = { password_proof: sealed.passwordProof }
    const first = await reveal(sealed, id, proof)
    expect(await reveal(sealed, id)).toMatchObject(refused(403, 'PASSWORD_REQUIRED'))
    expect(await reveal(sealed, id, { password_proof: sealed.access })).toMatchObject(refused(403, 'PASSWORD_WRONG'))
    const stranger = { ...sealed, access: seal().access }
    expect(await reveal(stranger, id, proof)).toMatchObject(refused(404, 'NOT_FOUND'))
    expect((await reveal(sealed, id, proof)).text).toBe(first.text)
  })

  test('can’t be taken away by others who lock the secret', async () => {
    const sealed = await given({ maximum_views: 2, max_attempts: 1 }, { password: true })
    const id = newId()
    const proof = { password_proof: sealed.passwordProof }
    const first = await reveal(sealed, id, proof)
    await reveal(sealed, newId(), { password_proof: sealed.access })
    expect(await reveal(sealed, newId(), proof)).toMatchObject(refused(423, 'LOCKED'))
    expect((await reveal(sealed, id, proof)).text).toBe(first.text)
  })

  test('is gone after its ack', async () => {
    const sealed = await given({ maximum_views: 2 })
    const id = newId()
    await reveal(sealed, id)
    await ack(sealed, id)
    expect(await reveal(sealed, id)).toMatchObject(refused(410, 'GONE'))
    expect((await details(sealed)).body.data).toMatchObject({ current_views: 1, status: 'active' })
  })
})

describe('an ack', () => {
  test('of the last view destroys the content at once', async () => {
    const sealed = await given()
    const id = newId()
    await reveal(sealed, id)
    expect(isKept(sealed)).toBe(true)
    expect(await ack(sealed, id)).toMatchObject({ status: 200, body: { success: true, data: null } })
    expect(isKept(sealed)).toBe(false)
  })

  test('while views are left destroys nothing', async () => {
    const sealed = await given({ maximum_views: 2 })
    const id = newId()
    await reveal(sealed, id)
    await ack(sealed, id)
    expectOpened(await reveal(sealed), sealed)
  })

  test('sent again is a success, later and after the end too, and is recorded once', async () => {
    const sealed = await given()
    const id = newId()
    await reveal(sealed, id)
    const first = await ack(sealed, id)
    later(graceMs)
    await app().sweep()
    expect((await ack(sealed, id)).text).toBe(first.text)
    expect(await historyOf(sealed)).toEqual(['created', 'opened', 'acked'])
  })

  test('of an id that was never recorded is a 422 that destroys nothing', async () => {
    const sealed = await given()
    expect(await ack(sealed, newId())).toMatchObject(refused(422, 'VALIDATION_ERROR'))
    const id = newId()
    await reveal(sealed, id)
    expect(await ack(sealed, newId())).toMatchObject(refused(422, 'VALIDATION_ERROR'))
    expectOpened(await reveal(sealed, id), sealed)
  })

  test('of one reader never destroys what the other is still reading', async () => {
    const sealed = await given({ maximum_views: 2 })
    const [one, two] = [newId(), newId()]
    await reveal(sealed, one)
    const reply = await reveal(sealed, two)
    await ack(sealed, one)
    later(graceMs - 1)
    await app().sweep()
    expect((await reveal(sealed, two)).text).toBe(reply.text)
    await ack(sealed, two)
    expect(isKept(sealed)).toBe(false)
  })

  test('that never comes is waited for no longer than the grace time', async () => {
    const sealed = await given({ maximum_views: 2 })
    const [one, two] = [newId(), newId()]
    await reveal(sealed, one)
    later(minute)
    await reveal(sealed, two)
    await ack(sealed, two)
    later(graceMs - minute - 1)
    await app().sweep()
    expect(isKept(sealed)).toBe(true)
    later(1)
    await app().sweep()
    expect(isKept(sealed)).toBe(false)
  })
})
