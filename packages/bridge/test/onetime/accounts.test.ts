import { describe, expect, test } from 'vitest'
import { basic, useBridge } from '../support/bridge.ts'

const { call, get, post, another, app } = useBridge()

const notAuthorized = { status: 404, json: { message: 'Not authorized' }, intended: '401' }

async function outcome(reply: ReturnType<typeof call>) {
  const { status, json, headers } = await reply
  return { status, json, intended: headers.get('X-OTS-Intended-Status') }
}

describe('status and authcheck', () => {
  test.each(['/status', '/status/', '/status?locale=fr'])(
    '%s is nominal without an account, and with one',
    async (path) => {
      for (const headers of [{}, basic()]) {
        const { status, json, headers: got } = await get(path, headers)
        expect([status, json]).toEqual([200, { status: 'nominal', locale: 'en' }])
        expect(got.get('Content-Type')).toBe('application/json; charset=utf-8')
      }
    },
  )

  test('authcheck needs an account', async () => {
    expect((await get('/authcheck', basic())).json).toEqual({ status: 'nominal', locale: 'en' })
    expect(await outcome(get('/authcheck'))).toEqual(notAuthorized)
  })
})

const encoded = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` })

describe.each([
  ['a wrong user', basic('nobody@example.com')],
  ['a wrong token', basic('me@example.com', 'wrong')],
  ['an empty token', basic('me@example.com', '')],
  ['an empty user', basic('', 'ots-token-1')],
  ['neither', encoded(':')],
  ['no colon', encoded('me@example.com')],
  ['another scheme', { Authorization: 'Bearer ots-token-1' }],
  ['an empty header', { Authorization: '' }],
  ['no base64', { Authorization: 'Basic §§'.replace(/§/g, '%') }],
  ['a user of another case', basic('ME@example.com')],
])('credentials with %s', (_, headers) => {
  test.each([
    ['GET', '/status'],
    ['GET', '/authcheck'],
    ['POST', '/share'],
    ['POST', '/generate'],
    ['POST', `/secret/${'a'.repeat(31)}`],
    ['GET', `/private/${'a'.repeat(31)}`],
    ['POST', `/private/${'a'.repeat(31)}/burn`],
    ['GET', '/private/recent'],
  ])('are refused by %s %s, also where none are needed', async (method, path) => {
    const request = method === 'POST' ? { headers, body: { secret: 'x' } } : { headers }
    expect(await outcome(call(method, `/api/v1${path}`, request))).toEqual(notAuthorized)
  })
})

test('a token may hold a colon and any character', async () => {
  const apiToken = 'a:b:ü\u{1f511}'
  const { call } = another({ accounts: [{ user: 'u', apiToken, token: app().token }] })
  expect((await call('GET', '/api/v1/authcheck', { headers: basic('u', apiToken) })).status).toBe(200)
})

test('a bridge without accounts says so to whoever logs in, and serves everybody else', async () => {
  const { call } = another({ accounts: [] })
  const refused = await call('POST', '/api/v1/share', { headers: basic(), body: { secret: 'x' } })
  expect([refused.status, refused.json]).toEqual([404, { message: '/api/v1/share is not available' }])
  expect((await call('POST', '/api/v1/share', { body: { secret: 'x' } })).status).toBe(200)
})

test('an account whose Halfkey token is refused is not authorized', async () => {
  const { call } = another({ accounts: [{ user: 'u', apiToken: 't', token: 'hkt_gone_aaaa' }] })
  const share = call('POST', '/api/v1/share', { headers: basic('u', 't'), body: { secret: 'x' } })
  expect(await outcome(share)).toEqual(notAuthorized)
})

test('an account whose workspace has another key seals nothing', async () => {
  const workspace = await app().store.firstWorkspace('default', 0)
  await app().store.setWorkspaceCheck(workspace.id, Buffer.alloc(32, 7).toString('base64url'))
  const before = await app().store.readStats(workspace.id, app().clock.now())
  const { status, json } = await post('/share', { secret: 'x' }, basic())
  expect([status, json.message]).toEqual([404, 'An unexpected error occurred :['])
  expect(await app().store.readStats(workspace.id, app().clock.now())).toEqual(before)
})

describe('what there is not', () => {
  test.each([
    ['GET', '/api/v1/share'],
    ['GET', '/api/v1/create'],
    ['GET', '/api/v1/generate'],
    ['GET', `/api/v1/secret/${'a'.repeat(31)}`],
    ['GET', `/api/v1/private/${'a'.repeat(31)}/burn`],
    ['POST', '/api/v1/status'],
    ['PUT', '/api/v1/share'],
    ['DELETE', `/api/v1/secret/${'a'.repeat(31)}`],
    ['POST', '/api/v1/secret'],
    ['POST', '/api/v1/nowhere'],
    ['GET', '/nowhere'],
    ['GET', '/'],
  ])('%s %s', async (method, path) => {
    const { status, json, headers } = await call(method, path, { headers: basic('nobody', 'wrong') })
    expect([status, json]).toEqual([404, { error: 'Not Found' }])
    expect(headers.get('Content-Type')).toContain('application/json')
  })
})

test('no reply lets other sites read it', async () => {
  const { headers } = await post('/share', { secret: 'x' }, { Origin: 'https://evil.example' })
  expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
})
