/** What all of Donutwork's calls share: tokens, methods, paths, and a server that fails. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createBridge } from '../src/bridge.ts'
import { apiToken } from './support/bridge.ts'
import { base, bearer, useDonutwork } from './support/donutwork.ts'

const { bridge, get, send, client } = useDonutwork()

const calls = [
  ['GET', '/ping.json'],
  ['GET', '/connection.json'],
  ['GET', '/share-secrets.json'],
  ['POST', '/share-secrets.json'],
  ['GET', '/share-secrets/000000000000000000000000.json'],
  ['DELETE', '/share-secrets/000000000000000000000000.json'],
  ['GET', '/kms.json'],
  ['GET', '/kms/db.json'],
  ['GET', '/kms/reveal/db.json'],
] as const

const invalid = { status: 401, json: { error: 'Invalid token' } }

test.each(calls)('%s %s without a known token is 401', async (method, path) => {
  const foreign = `hkt_abc_${'A'.repeat(43)}`
  for (const headers of [
    {},
    { Authorization: '' },
    { Authorization: 'Bearer' },
    { Authorization: `Basic ${apiToken}` },
    bearer('wrong'),
    bearer(`${apiToken} x`),
    bearer(foreign),
  ]) {
    const reply = await bridge.call(method, base + path, { headers })
    expect(reply).toMatchObject(invalid)
    expect(reply.headers.get('WWW-Authenticate')).toBe('Bearer')
  }
})

test.each(calls)('%s %s with a token that the server has revoked since is 401', async (method, path) => {
  const { token, id } = await client().tokens.create('gone', {
    scopes: ['secrets:read', 'secrets:write', 'kms:reveal'],
  })
  await client().tokens.revoke(id)
  const other = bridge.another({ accounts: [{ user: 'x', apiToken: 'old', token }] })
  const body = method === 'POST' ? JSON.stringify({ shareSecret: { name: 'n', content: 'c' } }) : undefined
  const init = { headers: bearer('old'), ...(body !== undefined && { body }) }
  expect(await other.call(method, base + path, init)).toMatchObject(invalid)
})

test('a server can’t have the bridge open anything by a token of its own making', async () => {
  const { token } = await client().tokens.create('invented', { scopes: ['kms:reveal'] })
  await client().kms.put('db', 'x')
  expect(await get('/kms/reveal/db.json', bearer(token))).toMatchObject(invalid)
})

test('an account’s Halfkey token stands for it as well', async () => {
  expect((await get('/ping.json', bearer(bridge.app().token))).status).toBe(200)
})

test('no token of one account shows another’s secrets', async () => {
  const other = bridge.another({
    accounts: [{ user: 'x', apiToken: 'other', token: `hkt_abc_${'A'.repeat(43)}` }],
  })
  expect(await other.call('GET', `${base}/share-secrets.json`, { headers: bearer('other') })).toMatchObject(invalid)
})

test('ping tells that the Halfkey server answers, and how fast', async () => {
  expect(await get('/ping.json')).toMatchObject({
    status: 200,
    json: { status: 'success', env: 'production', RRT: expect.stringMatching(/^\d+\.\d\d ms$/) },
  })
})

test('connection tells how the caller is seen', async () => {
  const { json } = await get('/connection.json', { ...bearer(), 'User-Agent': 'axios/1.6.0' })
  expect(json).toEqual({
    client: { userAgent: 'axios/1.6.0', ips: { ipv4: '198.51.100.7' } },
    endpoint: { apiVersion: '2026-02-01', env: 'production', protocol: 'HTTP1' },
  })
})

test.each(['/', '/nothing.json', '/kms', '/kms/db', '/share-secrets', '/share-secrets/a/b.json', '/ping.json.json'])(
  'the unknown path %s is 404',
  async (path) => {
    for (const method of ['GET', 'POST', 'DELETE'])
      expect(await send(method, path)).toMatchObject({ status: 404, json: { error: 'Not Found' } })
  },
)

test.each([
  ['/ping.json', ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'], 'GET, HEAD'],
  ['/share-secrets.json', ['PUT', 'DELETE', 'PATCH'], 'GET, HEAD, POST'],
  ['/share-secrets/x.json', ['POST', 'PUT', 'PATCH'], 'GET, HEAD, DELETE'],
  ['/kms.json', ['POST', 'PUT', 'DELETE'], 'GET, HEAD'],
  ['/kms/db.json', ['POST', 'PUT', 'DELETE'], 'GET, HEAD'],
  ['/kms/reveal/db.json', ['POST', 'HEAD', 'DELETE'], 'GET'],
])('%s by another method is 405 and names the right ones', async (path, methods, allowed) => {
  for (const method of methods) {
    const reply = await bridge.call(method, base + path, { headers: bearer() })
    expect([reply.status, reply.headers.get('Allow')]).toEqual([405, allowed])
  }
})

test.each(['/ping.json', '/share-secrets.json', '/kms.json', '/kms/db.json'])(
  'a HEAD of %s is the GET without a body',
  async (path) => {
    await client().kms.put('db', 'x')
    const head = await bridge.call('HEAD', base + path, { headers: bearer() })
    expect([head.status, head.text]).toEqual([200, ''])
    expect((await bridge.call('HEAD', base + path)).status).toBe(401)
  },
)

test('nothing is to be stored on the way, and no other origin’s page is let in', async () => {
  const { headers } = await get('/share-secrets.json', { ...bearer(), Origin: 'https://page.example' })
  expect(headers.get('Cache-Control')).toBe('no-store')
  expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
  expect(headers.get('Content-Type')).toContain('application/json')
})

const failure = (status: number, code: string) => () =>
  Promise.resolve(Response.json({ success: false, error: { code, message: 'The workings of the server' } }, { status }))

test.each([
  ['is not there', () => Promise.reject(new TypeError('fetch failed')), 503, 'Service Unavailable'],
  ['answers something else', () => Promise.resolve(new Response('<html>')), 500, 'Internal Server Error'],
  ['limits the caller', failure(429, 'RATE_LIMITED'), 429, 'Too Many Requests'],
  ['is out of order', failure(500, 'SERVER_ERROR'), 500, 'Internal Server Error'],
  ['is restarted', failure(503, 'UNAVAILABLE'), 503, 'Service Unavailable'],
  [
    'is another region’s',
    failure(421, 'WRONG_REGION'),
    421,
    "WRONG_REGION: the bridge has no server for this host's region",
  ],
  ['has no room left', failure(403, 'QUOTA_EXCEEDED'), 403, 'Quota exceeded'],
])('a Halfkey server that %s is said in a word, and nothing of its workings', async (_, fetch, status, error) => {
  const problems: string[] = []
  const other = createBridge(bridge.settings, { fetch, log: (problem) => problems.push(problem) })
  for (const path of ['/ping.json', '/share-secrets.json', '/kms.json', '/kms/db.json', '/kms/reveal/db.json']) {
    const reply = await other.request(base + path, { headers: bearer() })
    expect([reply.status, await reply.json()]).toEqual([status, { error }])
  }
  expect(problems).toHaveLength(status >= 500 || status === 421 ? 5 : 0)
  expect(problems.join()).not.toContain(apiToken)
})

test('another workspace key than the workspace’s seals nothing', async () => {
  await client().setWorkspaceCheck()
  const other = bridge.another({ workspaceKey: randomBytes(32).toString('base64url') })
  const body = JSON.stringify({ shareSecret: { name: 'n', content: 'c' } })
  const reply = await other.call('POST', `${base}/share-secrets.json`, { headers: bearer(), body })
  expect(reply).toMatchObject({ status: 500, json: { error: 'Internal Server Error' } })
  expect(bridge.problems.join()).toContain("isn't the workspace's key")
  expect((await get('/share-secrets.json')).json.count).toBe(0)
})
