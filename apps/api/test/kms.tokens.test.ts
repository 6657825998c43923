/** Tokens with limits: which handlers, from where, until when; and when they were last used. */
import { describe, expect, test, vi } from 'vitest'
import { allowsHandler, matchesHandler } from '../src/domain/policies/handlers.ts'
import { coversNetwork, isWithin } from '../src/domain/addresses.ts'
import { StoreUnavailable } from '../src/store/store.ts'
import { kmsCalls, sealVersion } from './support/named.ts'
import { newSeed, seeded } from './support/random.ts'
import { iso, refused, sealedText, useApp } from './support/running-app.ts'

const { app, call, bearer, now, later } = useApp()
const { put, get, patch, remove, versions, destroy, reveal, events, list } = kmsCalls(
  (...request) => call(...request),
  bearer,
)

const all = ['kms:read', 'kms:write', 'kms:reveal']

async function token(fields: Record<string, unknown> = {}, maker: Record<string, string> = bearer()) {
  const reply = await call('POST', '/api/v1/tokens', { name: 'made', scopes: all, ...fields }, maker)
  return { reply, headers: { Authorization: `Bearer ${reply.body.data?.token as string}` } }
}

describe('patterns of handlers', () => {
  test.each([
    ['aws-*', 'aws-s3', true],
    ['aws-*', 'aws-', true],
    ['aws-*', 'aws-s3/prod', true],
    ['aws-*', 'aws', false],
    ['aws-*', 'x-aws-s3', false],
    ['aws', 'aws', true],
    ['aws', 'aws-s3', false],
    ['*', 'anything/at.all', true],
    ['prod/*', 'prod/db', true],
    ['prod/*', 'prod', false],
    ['prod/*', 'production/db', false],
    ['*/db', 'prod/db', true],
    ['*/db', 'db', false],
    ['prod/*/db', 'prod/eu/db', true],
    ['prod/*/db', 'prod/db', false],
    ['a.b', 'axb', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
  ])('%s and %s: %s, on every call', async (pattern, handler, allowed) => {
    await put(handler, sealVersion(1))
    const { headers } = await token({ handlers: [pattern] })
    const status = allowed ? 200 : 403
    expect((await get(handler, headers)).status).toBe(status)
    expect((await versions(handler, '', headers)).status).toBe(status)
    expect((await events(handler, '', headers)).status).toBe(status)
    expect((await reveal(handler, undefined, headers)).status).toBe(status)
    expect((await patch(handler, { rotate_after: 3600 }, headers)).status).toBe(status)
    expect((await destroy(handler, 1, headers)).status).toBe(status)
    expect((await remove(handler, headers)).status).toBe(status)
    expect((await put(handler, sealVersion(2), headers)).status).toBe(allowed ? 201 : 403)
    const listed = (await list('', headers)).body
    expect([listed.data.length, listed.pagination.total]).toEqual(allowed ? [1, 1] : [0, 0])
  })

  test('a call for another handler doesn’t tell whether there is one', async () => {
    await put('prod/db', sealVersion(1))
    const { headers } = await token({ handlers: ['aws-*'] })
    for (const handler of ['prod/db', 'prod/no'])
      expect(await get(handler, headers)).toMatchObject(refused(403, 'PERMISSION_DENIED', { handler }))
  })

  test.each([newSeed()])('the list shows what the policy allows, whatever the pattern (seed %i)', async (seed) => {
    const random = seeded(seed)
    const text = (letters: string[], most: number) =>
      Array.from({ length: 1 + random.below(most) }, () => random.pick(letters)).join('')
    const letters = ['a', 'b', '-', '.', '_']
    const handlers = [...new Set(Array.from({ length: 60 }, () => `a${text(letters, 4)}`))]
    for (const handler of handlers) await put(handler, sealVersion(1))
    for (let n = 0; n < 40; n++) {
      const patterns = Array.from({ length: 1 + random.below(3) }, () => `a${text([...letters, '*'], 4)}`)
      const { headers } = await token({ handlers: patterns })
      const listed = (await list('?per_page=100', headers)).body.data as { handler: string }[]
      const expected = handlers.filter((handler) => allowsHandler(patterns, handler)).sort()
      expect(listed.map(({ handler }) => handler)).toEqual(expected)
    }
  })

  test('a pattern covers another exactly if it matches all that the other does', () => {
    const [letters, patterns] = [
      ['a', 'b'],
      ['a', 'b', '*'],
    ]
    const texts = (alphabet: string[]): string[] => {
      const shorter = alphabet.flatMap((x) => ['', ...alphabet].map((y) => x + y))
      return [...shorter, ...shorter.flatMap((x) => alphabet.map((y) => x + y))]
    }
    const names = texts(letters)
    for (const outer of texts(patterns))
      for (const inner of texts(patterns)) {
        if (!matchesHandler(outer, inner)) continue
        const escaping = names.filter((name) => matchesHandler(inner, name) && !matchesHandler(outer, name))
        expect({ outer, inner, escaping }).toEqual({ outer, inner, escaping: [] })
      }
  })
})

test('one that may only put reads the configuration, whose metadata it must open first, and nothing else', async () => {
  const meta = sealedText()
  await put('prod/db', sealVersion(1, { meta }))
  const { headers } = await token({ scopes: ['kms:write'], handlers: ['prod/*'] })
  expect((await get('prod/db', headers)).body.data).toMatchObject({ handler: 'prod/db', version: 1, meta })
  expect((await get('prod/none', headers)).status).toBe(404)
  const lacks = (scope: string) => refused(403, 'PERMISSION_DENIED', { scope })
  expect(await list('', headers)).toMatchObject(lacks('kms:read'))
  expect(await versions('prod/db', '', headers)).toMatchObject(lacks('kms:read'))
  expect(await events('prod/db', '', headers)).toMatchObject(lacks('kms:read'))
  expect(await reveal('prod/db', undefined, headers)).toMatchObject(lacks('kms:reveal'))
  const revealing = (await token({ scopes: ['kms:reveal'] })).headers
  expect(await get('prod/db', revealing)).toMatchObject(
    refused(403, 'PERMISSION_DENIED', { scope: 'kms:read', scopes: ['kms:read', 'kms:write'] }),
  )
  const reading = (await token({ scopes: ['kms:read'] })).headers
  expect((await get('prod/db', reading)).status).toBe(200)
})

describe('a token can’t make one that may more than itself', () => {
  const limited = { scopes: [...all, 'tokens:admin'], handlers: ['aws-*'], ips: ['192.0.2.0/24'], expires_in: 3600 }

  test.each([
    ['handlers', { handlers: ['*'] }],
    ['handlers', { handlers: ['aws-s3', 'prod/db'] }],
    ['handlers', { handlers: ['aws*'] }],
    ['addresses', { ips: ['192.0.0.0/16'] }],
    ['addresses', { ips: ['192.0.2.7', '198.51.100.1'] }],
    ['addresses', { ips: ['::/0'] }],
    ['time', { expires_in: 3601 }],
    ['scopes', { scopes: ['secrets:read'] }],
  ])('of %s: %j', async (_, fields) => {
    const { headers } = await token(limited)
    expect((await token(fields, headers)).reply).toMatchObject(refused(403, 'PERMISSION_DENIED'))
  })

  test('less it may, and what isn’t asked for is as with itself', async () => {
    const { headers } = await token(limited)
    const less = { handlers: ['aws-s3-*'], ips: ['192.0.2.128/25'], expires_in: 60 }
    expect((await token(less, headers)).reply.body.data).toMatchObject({
      handlers: ['aws-s3-*'],
      ips: ['192.0.2.128/25'],
      expires_at: iso(now() + 60_000),
    })
    expect((await token({}, headers)).reply.body.data).toMatchObject({
      handlers: ['aws-*'],
      ips: ['192.0.2.0/24'],
      expires_at: iso(now() + 3_600_000),
    })
  })

  test('a network covers another exactly if it holds all of its addresses', () => {
    const networks = [
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.1.2.3/32',
      '0.0.0.0/0',
      '::/0',
      '2001:db8::/32',
      '2001:db8::1/128',
    ]
    const addresses = [
      '10.0.0.1',
      '10.1.0.1',
      '10.1.2.3',
      '192.0.2.1',
      '2001:db8::1',
      '2001:db8:ffff::1',
      '2001:db9::1',
    ]
    for (const outer of networks)
      for (const inner of networks) {
        const held = addresses.filter((address) => isWithin([inner], address))
        expect({ outer, inner, covers: coversNetwork(outer, inner) }).toEqual({
          outer,
          inner,
          covers: held.every((address) => isWithin([outer], address)),
        })
      }
  })
})

describe('the time of a token’s last use', () => {
  const lastUsed = async (id: string) => {
    const tokens = (await call('GET', '/api/v1/tokens', undefined, bearer())).body.data as {
      id: string
      last_used_at: string | null
    }[]
    return tokens.find((one) => one.id === id)?.last_used_at
  }

  test('is that of its last accepted call, and null before it', async () => {
    const { reply, headers } = await token({ expires_in: 3600 })
    const id = reply.body.data.id as string
    expect(await lastUsed(id)).toBeNull()
    await list('', headers)
    later(1000)
    await call('GET', '/api/v1/audit', undefined, headers)
    const at = iso(now())
    later(3_600_000)
    expect((await list('', headers)).status).toBe(401)
    expect(await lastUsed(id)).toBe(at)
  })

  test('costs no write of its own, however many calls there are', async () => {
    const { headers } = await token()
    const writing = vi.spyOn(app().store, 'recordTokenUse')
    for (let n = 0; n < 20; n++) await list('', headers)
    expect(writing).not.toHaveBeenCalled()
    await app().deps.tokenUse.flush()
    await app().deps.tokenUse.flush()
    expect(writing).toHaveBeenCalledOnce()
  })

  test('that can’t be written fails no call, the list of tokens included, and is written once it can be', async () => {
    const { reply, headers } = await token()
    const id = reply.body.data.id as string
    const writing = vi.spyOn(app().store, 'recordTokenUse').mockRejectedValue(new StoreUnavailable('full'))
    expect((await list('', headers)).status).toBe(200)
    const first = iso(now())
    expect(await lastUsed(id)).toBeNull()
    await app().deps.tokenUse.flush()
    writing.mockRestore()
    expect(await lastUsed(id)).toBe(first)
  })

  test('is never set back by a write that failed before', async () => {
    const { reply, headers } = await token()
    await list('', headers)
    let fail: (error: Error) => void = () => undefined
    const failing = new Promise<void>((_, reject) => (fail = reject))
    vi.spyOn(app().store, 'recordTokenUse').mockReturnValueOnce(failing)
    const flushed = app().deps.tokenUse.flush()
    later(1000)
    await list('', headers)
    fail(new StoreUnavailable('full'))
    await flushed
    expect(await lastUsed(reply.body.data.id as string)).toBe(iso(now()))
  })
})
