/** Rate limits over HTTP: who is counted together, and what replies say. */
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { databases } from './support/databases.ts'
import type { Reply, Sealed } from './support/sender.ts'
import { conversation, newId, seal } from './support/sender.ts'

const proxy = '192.0.2.1'
const settings = {
  HALFKEY_RATE_LIMIT: 'on',
  HALFKEY_RATE_CREATE: '5',
  HALFKEY_RATE_OPEN: '6',
  HALFKEY_TRUSTED_PROXIES: proxy,
}

let app: TestApp
beforeEach(async () => {
  app = await openApp(settings, { peer: proxy })
})
afterEach(async () => {
  vi.useRealTimers()
  await app.close()
})

/** The API as seen from an address; without one, from a proxy that doesn't say for whom it calls. */
const from = (address?: string, target = app) =>
  conversation((method, path, body, headers) =>
    target.call(method, path, body, { ...headers, ...(address !== undefined && { 'X-Forwarded-For': address }) }),
  )

/** How many of `count` creates at the same moment pass. */
async function flood(
  address: string | undefined,
  count: number,
  headers?: Record<string, string>,
  target = app,
): Promise<number> {
  const replies = await Promise.all(Array.from({ length: count }, () => from(address, target).create(seal(), headers)))
  for (const { status } of replies) expect([201, 429]).toContain(status)
  return replies.filter(({ status }) => status === 201).length
}

async function given(fields = {}): Promise<Sealed> {
  const sealed = seal(fields)
  expect((await from('203.0.113.99').create(sealed)).status).toBe(201)
  return sealed
}

describe('creates', () => {
  test('a flood from one address is held to its limit, and nobody else pays for it', async () => {
    expect(await flood('203.0.113.1', 40)).toBe(5)
    expect(await flood('203.0.113.2', 40)).toBe(5)
  })

  test('a refused create says when to come back, and stores nothing', async () => {
    await flood('203.0.113.1', 6)
    const sealed = seal()
    const refused = await from('203.0.113.1').create(sealed)
    expect(refused.status).toBe(429)
    expect(refused.body.error).toMatchObject({ code: 'RATE_LIMITED', details: { limit: 'create', maximum: 5 } })
    const wait = refused.headers.get('Retry-After')
    expect(wait).toMatch(/^([1-9]|[1-5]\d|60)$/)
    expect(refused.headers.get('RateLimit-Policy')).toBe('"create";q=5;w=60')
    expect(refused.headers.get('RateLimit')).toBe(`"create";r=0;t=${wait}`)
    expect((await from('203.0.113.2').status(sealed)).status).toBe(404)
  })

  test('what is wrong with a create doesn’t keep it from being counted', async () => {
    const createWrong = () => from('203.0.113.1').create(seal({ fields: { expires_in: 1 } }))
    const statuses: number[] = []
    for (let n = 0; n < 7; n++) statuses.push((await createWrong()).status)
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429, 429])
  })

  test('a reply that wasn’t refused says what is left', async () => {
    const left = async () => (await from('203.0.113.1').create(seal())).headers.get('RateLimit')
    expect(await left()).toMatch(/^"create";r=4;t=\d+$/)
    expect(await left()).toMatch(/^"create";r=3;t=\d+$/)
  })

  test('a token has ten times the limit, wherever it is used from, and takes nothing from its address', async () => {
    const bearer = { Authorization: `Bearer ${app.token}` }
    const first = await from('203.0.113.1').create(seal(), bearer)
    expect(first.headers.get('RateLimit-Policy')).toBe('"create-by-token";q=50;w=60')
    expect(await flood('203.0.113.1', 30, bearer)).toBe(30)
    expect(await flood('203.0.113.2', 30, bearer)).toBe(19)
    expect(await flood('203.0.113.1', 10)).toBe(5)
  })

  test('each token has a limit of its own', async () => {
    const authorization = { Authorization: `Bearer ${app.token}` }
    const { body } = await app.call('POST', '/api/v1/tokens', { name: 'b', scopes: ['secrets:write'] }, authorization)
    expect(await flood('203.0.113.1', 60, authorization)).toBe(50)
    expect(await flood('203.0.113.1', 60, { Authorization: `Bearer ${body.data.token}` })).toBe(50)
  })

  test('when the window ends, the limit is whole again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    expect(await flood('203.0.113.1', 10)).toBe(5)
    vi.setSystemTime(Date.now() + 59_999)
    expect((await from('203.0.113.1').create(seal())).headers.get('Retry-After')).toBe('1')
    vi.setSystemTime(Date.now() + 1)
    expect(await flood('203.0.113.1', 10)).toBe(5)
  })
})

describe('who is counted together', () => {
  test('the addresses of one IPv6 /64 are one caller, those of the next another', async () => {
    expect(await flood('2001:db8:0:1::1', 4)).toBe(4)
    expect(await flood('2001:db8:0:1:ffff:ffff:ffff:ffff', 10)).toBe(1)
    expect(await flood('2001:db8:0:2::1', 10)).toBe(5)
  })

  test('a v4-mapped address is the IPv4 one', async () => {
    expect(await flood('203.0.113.1', 10)).toBe(5)
    expect((await from('::ffff:203.0.113.1').create(seal())).status).toBe(429)
  })

  test('callers whose address is unknown share one limit', async () => {
    expect(await flood(undefined, 10)).toBe(5)
    expect((await from('not an address').create(seal())).status).toBe(429)
    expect((await from('203.0.113.1').create(seal())).status).toBe(201)
  })
})

describe('opening', () => {
  test('status, code and reveal calls of an address share one limit, apart from its creates', async () => {
    const sealed = await given({ fields: { maximum_views: 9 } })
    const { status, requestCode, reveal, create } = from('203.0.113.1')
    const calls = [status, requestCode, reveal]
    const replies: Reply[] = []
    for (const call of [...calls, ...calls, ...calls]) replies.push(await call(sealed))
    expect(replies.map((reply) => reply.status)).toEqual([200, 422, 200, 200, 422, 200, 429, 429, 429])
    expect(replies[0]?.headers.get('RateLimit')).toMatch(/^"open";r=5;t=\d+$/)
    expect((await create(seal())).status).toBe(201)
    expect((await from('203.0.113.2').status(sealed)).status).toBe(200)
  })

  test('an acknowledgement isn’t counted: it must not be lost', async () => {
    const sealed = await given()
    const { status, reveal, ack } = from('203.0.113.1')
    const revealId = newId()
    expect((await reveal(sealed, revealId)).status).toBe(200)
    for (let n = 0; n < 6; n++) await status(sealed)
    expect((await status(sealed)).status).toBe(429)
    expect((await ack(sealed, revealId)).status).toBe(200)
  })

  test('a refused reveal spends no view, and a refused guess no attempt', async () => {
    const sealed = await given({ password: true })
    const { status, reveal, details } = from('203.0.113.1')
    for (let n = 0; n < 6; n++) await status(sealed)
    expect((await reveal(sealed, newId(), { password_proof: seal().passwordProof })).status).toBe(429)
    expect((await reveal(sealed, newId(), { password_proof: sealed.passwordProof })).status).toBe(429)
    expect((await details(sealed)).body.data).toMatchObject({ current_views: 0, status: 'active' })
    expect((await from('203.0.113.2').status(sealed)).body.data.attempts_left).toBe(10)
  })

  test.each(['status', 'otp', 'reveal'])(
    'unknown slugs, wrong and right links are counted alike, and refused with the same bytes: %s',
    async (step) => {
      const [sealed, unknown] = [await given(), seal()]
      const probes: [Sealed, string][] = [
        [sealed, sealed.access],
        [sealed, unknown.access],
        [unknown, unknown.access],
      ]
      const refusals: string[] = []
      for (const [index, [{ slug }, access]] of probes.entries()) {
        const probe = (): Promise<Reply> =>
          app.call(
            'POST',
            `/api/v1/links/${slug}/${step}`,
            {},
            {
              'Halfkey-Access': access,
              'X-Forwarded-For': `203.0.113.${index}`,
            },
          )
        for (const left of [5, 4, 3, 2, 1, 0])
          expect((await probe()).headers.get('RateLimit')).toMatch(new RegExp(`^"open";r=${left};t=\\d+$`))
        const refused = await probe()
        expect(refused.status).toBe(429)
        refusals.push(refused.text)
      }
      expect(new Set(refusals).size).toBe(1)
    },
  )
})

describe.each(Object.entries(databases))('servers that count in one %s', (_, startDatabase) => {
  test('hold an address to one limit together, and refuse with the same headers', async () => {
    const database = await startDatabase()
    onTestFinished(() => database.remove())
    const shared = { ...settings, HALFKEY_RATE_LIMIT_URL: database.url, HALFKEY_SERVER_KEY_FILE: app.home.serverKey }
    const servers = [await openApp(shared, { peer: proxy }), await openApp(shared, { peer: proxy })]
    for (const server of servers) onTestFinished(() => server.close())
    const passed = await Promise.all(servers.map((server) => flood('203.0.113.1', 20, {}, server)))
    expect(passed.reduce((sum, each) => sum + each)).toBe(5)
    for (const server of servers) {
      const { status, headers } = await from('203.0.113.1', server).create(seal())
      expect([status, headers.get('RateLimit')]).toEqual([429, `"create";r=0;t=${headers.get('Retry-After')}`])
      expect((await from('203.0.113.2', server).create(seal())).status).toBe(201)
    }
  })
})

test('with HALFKEY_RATE_LIMIT=off nothing is refused and no reply speaks of limits', async () => {
  const unlimited = await openApp({ ...settings, HALFKEY_RATE_LIMIT: 'off' }, { peer: proxy })
  const replies = await Promise.all(Array.from({ length: 40 }, () => from('203.0.113.1', unlimited).create(seal())))
  expect(replies.every(({ status }) => status === 201)).toBe(true)
  expect(replies.some(({ headers }) => headers.has('RateLimit') || headers.has('RateLimit-Policy'))).toBe(false)
  await unlimited.close()
})
