/** What the access log records, and when. */
import { describe, expect, test } from 'vitest'
import { keepAddress } from '../src/domain/audit/address.ts'
import type { Store } from '../src/store/store.ts'
import { openAudited, otherToken, typesOf, wrongAccess } from './support/audited.ts'
import { newId, seal } from './support/sender.ts'

describe('what is recorded', () => {
  test('every attempt with its outcome, time, address and user agent, in order', async () => {
    const app = await openAudited()
    const sealed = await app.given({ password: true })
    await app.api.reveal(sealed)
    await app.api.reveal(sealed, newId(), { password_proof: wrongAccess() })
    const revealId = newId()
    app.clock.advance(5000)
    await app.api.reveal(sealed, revealId, { password_proof: sealed.passwordProof })
    await app.api.ack(sealed, revealId)
    await app.api.reveal(sealed, newId(), { password_proof: sealed.passwordProof })
    const [burned, expired] = [await app.given(), await app.given({ fields: { expires_in: 60 } })]
    await app.api.burn(burned)
    app.clock.advance(60_000)
    await app.sweep()

    const { entries } = await app.audit()
    expect(typesOf(entries)).toEqual([
      'created',
      'denied PASSWORD_REQUIRED',
      'denied PASSWORD_WRONG',
      'opened',
      'acked',
      'denied GONE',
      'created',
      'created',
      'burned',
      'expired',
    ])
    expect(entries[3]).toMatchObject({ slug: sealed.slug, at: '2026-01-01T00:00:05.000Z', ip: '192.0.2.1' })
    expect(entries.at(-1)).toMatchObject({ slug: expired.slug, ip: null })
  })

  test('probed without proof, opened with proof and decrypted are three things', async () => {
    const app = await openAudited()
    const sealed = await app.given()
    await app.api.status(sealed, {}, wrongAccess())
    await app.denials.flush()
    const revealId = newId()
    await app.api.reveal(sealed, revealId)
    await app.api.ack(sealed, revealId)
    expect(typesOf((await app.audit()).entries)).toEqual(['created', 'denied NOT_FOUND', 'opened', 'acked'])
  })

  test('a status call that a policy refuses', async () => {
    const app = await openAudited()
    const [elsewhere, burned] = [await app.given({ fields: { ip_whitelist: ['203.0.113.0/24'] } }), await app.given()]
    await app.api.status(elsewhere)
    await app.api.burn(burned)
    await app.api.status(burned)
    await app.denials.flush()
    expect(typesOf((await app.audit('?type=denied')).entries)).toEqual(['denied IP_DENIED', 'denied GONE'])
  })

  test('the country that the address was in', async () => {
    const app = await openAudited({}, { geo: { countryOf: () => 'FR' } })
    await app.given()
    expect((await app.audit()).entries).toMatchObject([{ country: 'FR' }])
  })

  test('the owner sees probes in the secret’s own events too, and of a flood the newest 1000', async () => {
    const app = await openAudited()
    const sealed = await app.given()
    for (let n = 0; n < 1100; n++)
      app.denials.add(sealed.slug, 'NOT_FOUND', { ip: null, userAgent: String(n), country: null })
    await app.denials.flush()
    const { body } = await app.api.events(sealed)
    expect(body.data).toHaveLength(1001)
    expect(body.data[0].type).toBe('created')
    expect(body.data[1000]).toMatchObject({ type: 'denied', reason: 'NOT_FOUND', user_agent: '1099' })
  })
})

/** Notes which of the store's methods are called. */
function watched() {
  const calls: string[] = []
  const watch = (store: Store): Store =>
    new Proxy(store, {
      get(target, name: string) {
        calls.push(name)
        return Reflect.get(target, name) as unknown
      },
    })
  return { calls, watch }
}

const ownerCalls = [
  ['GET', ''],
  ['GET', '/events'],
  ['PATCH', ''],
  ['DELETE', ''],
] as const

describe('somebody who isn’t the owner', () => {
  test.each(ownerCalls)('and calls %s /secrets/SLUG%s is recorded', async (method, path) => {
    const app = await openAudited()
    const { slug } = await app.given()
    const other = await otherToken(app)
    for (const headers of [{ 'Halfkey-Manage': wrongAccess() }, { 'Halfkey-Manage': 'x' }, other]) {
      app.clock.advance(60_000)
      const { status } = await app.call(method, `/api/v1/secrets/${slug}${path}`, undefined, headers)
      expect(status).toBe(404)
    }
    await app.denials.flush()
    const { entries } = await app.audit('?type=denied')
    expect(typesOf(entries)).toEqual(Array.from({ length: 3 }, () => 'denied NOT_OWNER'))
    expect(entries[0]).toMatchObject({ slug, ip: '192.0.2.1' })
  })

  test('and asks to have a notice sent is recorded', async () => {
    const app = await openAudited()
    const { slug } = await app.given()
    const other = await otherToken(app)
    await app.call('POST', `/api/v1/secrets/${slug}/notice`, { email: 'them@example.com' }, other)
    await app.denials.flush()
    expect(typesOf((await app.audit('?type=denied')).entries)).toEqual(['denied NOT_OWNER'])
  })

  test('but the owner with the right manage key or token is not', async () => {
    const app = await openAudited()
    const sealed = await app.given()
    await app.api.details(sealed)
    await app.call('GET', `/api/v1/secrets/${sealed.slug}`, undefined, app.bearer)
    await app.denials.flush()
    expect(typesOf((await app.audit()).entries)).toEqual(['created'])
  })

  test.each(ownerCalls)('learns nothing from what %s /secrets/SLUG%s asks the store', async (method, path) => {
    const { calls, watch } = watched()
    const app = await openAudited({}, { watch })
    const known = await app.given()
    const attempt = async (slug: string) => {
      calls.length = 0
      const headers = { 'Halfkey-Manage': wrongAccess() }
      const { status, text } = await app.call(method, `/api/v1/secrets/${slug}${path}`, undefined, headers)
      const before = [...calls]
      await app.denials.flush()
      return { status, text, before, after: calls.slice(before.length) }
    }
    const told = await attempt(known.slug)
    expect(told).toMatchObject({ status: 404, before: ['findVerifiers'], after: ['recordDenials'] })
    expect(await attempt(seal().slug)).toEqual(told)
  })

  test('leaves one entry a minute and address, however often it calls', async () => {
    const app = await openAudited()
    const { slug } = await app.given()
    const headers = { 'Halfkey-Manage': wrongAccess() }
    for (let n = 0; n < 50; n++) await app.call('DELETE', `/api/v1/secrets/${slug}`, undefined, headers)
    app.clock.advance(60_000)
    await app.call('DELETE', `/api/v1/secrets/${slug}`, undefined, headers)
    await app.denials.flush()
    expect((await app.audit('?type=denied')).entries.map(({ at }) => at)).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:01:00.000Z',
    ])
  })
})

describe('calls over a rate limit', () => {
  const limited = { HALFKEY_RATE_LIMIT: 'on', HALFKEY_RATE_OPEN: '5' }

  test('leave one entry a minute, secret and address, whatever the calls were', async () => {
    const app = await openAudited(limited)
    const [one, other] = [await app.given({ fields: { maximum_views: 9 } }), await app.given()]
    for (let n = 0; n < 5; n++) await app.api.status(one)
    for (let n = 0; n < 30; n++)
      for (const sealed of [one, other])
        for (const call of [app.api.status, app.api.requestCode]) expect((await call(sealed)).status).toBe(429)
    expect((await app.api.reveal(one)).status).toBe(429)
    await app.denials.flush()
    const { entries } = await app.audit('?type=denied')
    expect(typesOf(entries)).toEqual(['denied RATE_LIMITED', 'denied RATE_LIMITED'])
    expect(entries.map(({ slug }) => slug)).toEqual([one.slug, other.slug])
    expect(await app.verify()).toMatchObject({ valid: true })
  })

  test('look nothing up before the reply, and are written the same whether or not the slug exists', async () => {
    const { calls, watch } = watched()
    const app = await openAudited(limited, { watch })
    const known = await app.given()
    for (let n = 0; n < 5; n++) await app.api.status(known)
    await app.denials.flush()
    const attempt = async (slug: string) => {
      calls.length = 0
      const { text } = await app.call('POST', `/api/v1/links/${slug}/status`, {})
      const before = [...calls]
      await app.denials.flush()
      return { text, before, after: calls.slice(before.length) }
    }
    const told = await attempt(known.slug)
    expect(told).toMatchObject({ before: [], after: ['recordDenials'] })
    expect(await attempt(seal().slug)).toEqual(told)
  })
})

describe('a probe', () => {
  test.each(['status', 'reveal', 'ack', 'otp'])(
    'of %s asks the store the same whether or not the slug exists',
    async (name) => {
      const { calls, watch } = watched()
      const app = await openAudited({}, { watch })
      const sealed = await app.given()
      const probe = async (slug: string, headers = { 'Halfkey-Access': wrongAccess() }) => {
        calls.length = 0
        const { status, text } = await app.call('POST', `/api/v1/links/${slug}/${name}`, {}, headers)
        return { status, text, calls: [...calls] }
      }
      const known = await probe(sealed.slug)
      expect(known).toEqual(await probe(seal().slug))
      expect(known).toMatchObject({ status: 404, calls: ['findVerifiers'] })
    },
  )

  test('is recorded after the reply, by the same write whether or not the slug exists', async () => {
    const { calls, watch } = watched()
    const app = await openAudited({}, { watch })
    const sealed = await app.given()
    const probe = async (slug: string) => {
      await app.call('POST', `/api/v1/links/${slug}/status`, {})
      calls.length = 0
      await app.denials.flush()
      return [...calls]
    }
    expect(await probe(sealed.slug)).toEqual(['recordDenials'])
    expect(await probe(seal().slug)).toEqual(['recordDenials'])
    expect(typesOf((await app.audit()).entries)).toEqual(['created', 'denied NOT_FOUND'])
  })

  test('is written without anybody asking for it', async () => {
    const app = await openAudited()
    await app.api.status(await app.given(), {}, wrongAccess())
    await expect.poll(async () => (await app.audit()).entries.length).toBe(2)
  })
})

describe('addresses', () => {
  test.each([
    ['full', '192.0.2.77', '192.0.2.77'],
    ['truncated', '192.0.2.77', '192.0.2.0/24'],
    ['truncated', '2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['truncated', '2001:db8::1', '2001:db8::/48'],
    ['truncated', '1::2:3:4:5:6', '1::/48'],
    ['truncated', '1::2:3:4:5:6:7', '1:0:2::/48'],
    ['truncated', '::1', '::/48'],
    ['truncated', '64:ff9b::192.0.2.77', '64:ff9b::/48'],
    ['off', '192.0.2.77', null],
  ] as const)('kept %s: %s becomes %s', (mode, address, kept) => {
    expect(keepAddress(mode, address)).toBe(kept)
    expect(keepAddress(mode, null)).toBeNull()
  })

  test.each(['truncated', 'off'])(
    'kept %s never reach the database’s files, and policies still see them',
    async (mode) => {
      const app = await openAudited({ HALFKEY_LOG_ADDRESSES: mode }, { peer: '192.0.2.77' })
      const sealed = await app.given({ fields: { ip_whitelist: ['192.0.2.77'], maximum_views: 2 } })
      expect(await app.api.reveal(sealed)).toMatchObject({ status: 200 })
      await app.api.status(sealed, {}, wrongAccess())
      await app.denials.flush()
      const { entries } = await app.audit()
      expect(entries).toHaveLength(3)
      for (const { ip } of entries) expect(ip).toBe(mode === 'off' ? null : '192.0.2.0/24')
    },
  )
})
