import { describe, expect, test } from 'vitest'
import { iso, refused, sealedText, useApp } from './support/running-app.ts'
import type { Reply, Sealed } from './support/sender.ts'
import { b64, newId, seal } from './support/sender.ts'
import { addWorkspace } from './support/strangers.ts'

const hour = 3_600_000

describe('creating', () => {
  const { app, call, bearer, now, later, isKept, historyOf, ...talk } = useApp()
  const { create, details, events, reveal, burn, purge, ack } = talk

  test('answers with what the link needs and the defaults: one view, 24 hours, no fragment, no key', async () => {
    const sealed = seal()
    const { status, body } = await create(sealed)
    expect([status, body]).toEqual([
      201,
      {
        success: true,
        message: 'Secret created successfully',
        data: {
          slug: sealed.slug,
          share_url: `https://halfkey.test/${sealed.slug}`,
          maximum_views: 1,
          current_views: 0,
          expiration: iso(now() + 24 * hour),
          has_password: false,
          has_attachments: false,
          attachments_count: 0,
          created_at: iso(now()),
        },
      },
    ])
  })

  test('keeps everything that was asked for', async () => {
    const fields = { note: sealedText(), meta: sealedText(), maximum_views: 7, expires_in: 3600, max_attempts: 2 }
    const sealed = seal({ password: true, fields })
    expect(await create(sealed, bearer())).toMatchObject({ status: 201, body: { data: { has_password: true } } })
    const { data } = (await details(sealed)).body
    expect(data).toMatchObject({ note: fields.note, meta: fields.meta, maximum_views: 7, has_password: true })
    expect(data).toMatchObject({ creator: 'admin', expiration: iso(now() + hour), status: 'active' })
  })

  test.each([
    { expires_in: 60 },
    { expires_in: 3_600_000 },
    { maximum_views: 10_000 },
    { maximum_views: null },
    { max_attempts: 1 },
    { max_attempts: 100 },
    { ip_whitelist: [], geolocation: [], attachments: [], captcha: false },
  ])('takes %j, the limits included', async (fields) => {
    expect((await create(seal({ fields }), bearer())).status).toBe(201)
  })

  test('the same bytes again get the same reply, later, after views and after the end, and change nothing', async () => {
    const sealed = seal({ fields: { maximum_views: 2 } })
    const first = await create(sealed, bearer())
    const again = async () => {
      later(60_000)
      const { status, text } = await create(sealed, bearer())
      expect([status, text]).toEqual([201, first.text])
    }
    await again()
    await reveal(sealed)
    await again()
    await burn(sealed)
    await again()
    expect(isKept(sealed)).toBe(false)
    expect(await historyOf(sealed)).toEqual(['created', 'opened', 'burned'])
  })

  test('every token of the workspace is the same owner', async () => {
    const sealed = seal()
    const first = await create(sealed, bearer())
    const body = { name: 'second', scopes: ['secrets:write'] }
    const { token } = (await call('POST', '/api/v1/tokens', body, bearer())).body.data
    expect((await create(sealed, { Authorization: `Bearer ${token}` })).text).toBe(first.text)
  })

  describe('a known slug is a 409 that changes nothing', () => {
    const endings: Record<string, (sealed: Sealed) => Promise<unknown>> = {
      alive: () => Promise.resolve(),
      burned: burn,
      viewed: (sealed) => reveal(sealed),
      'viewed and acked': async (sealed) => {
        const id = newId()
        await reveal(sealed, id)
        await ack(sealed, id)
      },
      expired: () => Promise.resolve(later(24 * hour)),
      'expired and swept': async () => {
        later(24 * hour)
        await app().sweep()
      },
    }

    test.each(Object.entries(endings))('%s, with other bytes', async (_, end) => {
      const sealed = seal()
      await create(sealed)
      await end(sealed)
      const before = (await details(sealed)).text
      const content = isKept(sealed)
      const others: unknown[] = [
        { ...sealed.body, key_a: sealed.access },
        { ...sealed.body, maximum_views: 1 },
        { ...sealed.body, manage_verifier: sealed.access },
        ` ${JSON.stringify(sealed.body)}`,
      ]
      const json = { 'Content-Type': 'application/json' }
      for (const body of others)
        expect(await call('POST', '/api/v1/secrets', body, json)).toMatchObject(refused(409, 'CONFLICT'))
      expect((await details(sealed)).text).toBe(before)
      expect(isKept(sealed)).toBe(content)
    })

    test('the same bytes from another owner', async () => {
      const [anonymous, owned] = [seal(), seal()]
      const stranger = { Authorization: `Bearer ${addWorkspace(app().home.data, now()).text}` }
      await create(anonymous)
      await create(owned, bearer())
      expect(await create(anonymous, bearer())).toMatchObject(refused(409, 'CONFLICT'))
      expect(await create(owned)).toMatchObject(refused(409, 'CONFLICT'))
      expect(await create(owned, stranger)).toMatchObject(refused(409, 'CONFLICT'))
      expect((await details(owned)).body.data.creator).toBe('admin')
    })
  })

  test('a purged slug is free again', async () => {
    const sealed = seal()
    await create(sealed)
    await purge(sealed)
    expect((await create(sealed)).status).toBe(201)
    expect((await reveal(sealed)).status).toBe(200)
  })

  test('a slug that isn’t its verifier’s is refused, so nobody can take another’s slug', async () => {
    const [mine, other] = [seal(), seal()]
    for (const body of [
      { ...mine.body, slug: other.slug },
      { ...mine.body, access_verifier: other.body['access_verifier'] },
    ]) {
      const reply = await call('POST', '/api/v1/secrets', body)
      expect(reply).toMatchObject(refused(422, 'VALIDATION_ERROR'))
      expect(Object.keys(reply.body.error.details)).toEqual(['slug'])
    }
    for (const sealed of [mine, other]) expect(isKept(sealed)).toBe(false)
  })

  test('a bad token is a 401 and never an anonymous sender', async () => {
    const sealed = seal()
    for (const Authorization of [`Bearer ${app().token.replace(/^hkt_./, 'hkt_X')}`, 'Bearer hkt_nobody', 'Basic eDp5'])
      expect(await create(sealed, { Authorization })).toMatchObject(refused(401, 'AUTHENTICATION_ERROR'))
    expect((await details(sealed)).status).toBe(404)
  })

  test('no reply but the reveal’s holds keyA, ciphertext or a verifier', async () => {
    const sealed = seal({ password: true, fields: { note: sealedText(), meta: sealedText(), maximum_views: 2 } })
    const { body } = sealed
    const secret = [sealed.keyA, body.envelope.ciphertext, body['access_verifier'], body['password_verifier']]
    secret.push(body['manage_verifier'], sealed.access, sealed.manageKey, b64(sealed.keyB))
    const get = (path: string) => call('GET', path, undefined, bearer())
    const replies: Reply[] = [
      await create(sealed, bearer()),
      await reveal(sealed),
      await reveal(sealed, newId(), { password_proof: sealed.access }),
      await details(sealed),
      await events(sealed),
      await get('/api/v1/secrets'),
      await get('/api/v1/stats'),
      await get('/api/v1/workspace'),
      await get('/api/v1/tokens'),
      await get('/metrics'),
    ]
    for (const { status, text } of replies) {
      expect([200, 201, 403]).toContain(status)
      for (const value of secret) expect(text).not.toContain(value as string)
    }
  })
})

describe('without a token', () => {
  const limits = { HALFKEY_ANONYMOUS_MAX_BYTES: '1000', HALFKEY_ANONYMOUS_MAX_EXPIRES_IN: '3600' }
  const { bearer, create, details } = useApp(limits)

  test('ciphertext up to the limit is taken, more is a 413 that names it; a token lifts it', async () => {
    const fields = { expires_in: 3600 }
    expect((await create(seal({ size: 1000, fields }))).status).toBe(201)
    const large = seal({ size: 1001, fields })
    const details413 = { limit: 'anonymous_ciphertext', maximum_bytes: 1000 }
    expect(await create(large)).toMatchObject({ status: 413, body: { error: { details: details413 } } })
    expect((await details(large)).status).toBe(404)
    expect((await create(large, bearer())).status).toBe(201)
  })

  test('expiry up to the limit is taken, later is a 422 that names the field; a token lifts it', async () => {
    const late = seal({ size: 300, fields: { expires_in: 3601 } })
    const reply = await create(late)
    expect(reply).toMatchObject(refused(422, 'VALIDATION_ERROR'))
    expect(Object.keys(reply.body.error.details)).toEqual(['expires_in'])
    expect((await details(late)).status).toBe(404)
    expect((await create(late, bearer())).status).toBe(201)
  })
})

describe('where anonymous senders are denied', () => {
  const { bearer, create, details, status, reveal } = useApp({ HALFKEY_ANONYMOUS: 'deny' })

  test('creating needs a token; recipients and manage keys still need none', async () => {
    const sealed = seal()
    expect(await create(sealed)).toMatchObject(refused(401, 'AUTHENTICATION_ERROR'))
    expect((await details(sealed)).status).toBe(404)
    expect((await create(sealed, bearer())).status).toBe(201)
    expect((await details(sealed)).status).toBe(200)
    expect((await status(sealed, {})).status).toBe(200)
    expect((await reveal(sealed)).status).toBe(200)
  })
})
