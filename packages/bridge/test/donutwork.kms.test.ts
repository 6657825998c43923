/** Donutwork's key management, call by call. */
import { describe, expect, test } from 'vitest'
import { bearer, bridgeAddress, useDonutwork } from './support/donutwork.ts'

const proxy = '198.51.100.7'
const { bridge, get, client } = useDonutwork({ trustedProxies: [proxy] })

const missing = { status: 404, json: { error: 'This KMSEntry does not exist' } }
const unauthorized = { status: 403, json: { error: 'Unauthorized to reveal this KMS Entry' } }
const from = (address: string, agent = 'backend/1.0') => ({
  ...bearer(),
  'X-Forwarded-For': address,
  'User-Agent': agent,
})

test('a named secret is listed, configured and revealed as it was put', async () => {
  const content = ' AKIA\n«ünïcode» \u{1f511}\n'
  await client().kms.put('aws-s3-prod-credentials', content, {
    name: 'Production AWS S3 Access',
    properties: { region: 'us-east-1' },
    whitelist: ['52.1.2.3', '198.51.100.0/24', '2001:db8::1', '2001:db8::/32'],
  })
  await client().kms.put('zz', 'unnamed')
  const { json } = await get('/kms.json')
  expect(json).toEqual({
    entities: 'KMSEntry',
    count: 2,
    per_page: 100,
    pages: { current: 1, max: 1 },
    elements: [
      { id: expect.any(String), name: 'Production AWS S3 Access', handler: 'aws-s3-prod-credentials' },
      { id: expect.any(String), name: 'zz', handler: 'zz' },
    ],
  })
  const { status, json: entry } = await get('/kms/aws-s3-prod-credentials.json')
  expect([status, entry]).toEqual([
    200,
    {
      ...json.elements[0],
      whitelist: ['52.1.2.3', '198.51.100.0/24', '2001:db8::1', '2001:db8::/32'],
      properties: { region: 'us-east-1' },
    },
  ])
  expect((await get('/kms/zz.json')).json).toMatchObject({ whitelist: [], properties: {} })
  expect(await get('/kms/reveal/aws-s3-prod-credentials.json', from('198.51.100.9'))).toMatchObject({
    status: 200,
    json: { content },
  })
})

test('the newest version is revealed', async () => {
  await client().kms.put('db', 'old')
  await client().kms.put('db', 'new')
  expect((await get('/kms/reveal/db.json')).json).toEqual({ content: 'new' })
})

test('the caller’s address meets the whitelist, not the bridge’s or its proxy’s, and both outcomes are in the log', async () => {
  await client().kms.put('db', 'x', { whitelist: ['203.0.113.5'] })
  expect(await get('/kms/reveal/db.json', from('203.0.113.5', 'backend/1.0'))).toMatchObject({ status: 200 })
  expect(await get('/kms/reveal/db.json', from('203.0.113.6', 'intruder/1.0'))).toMatchObject(unauthorized)
  const { events } = await client().kms.events('db')
  expect(events).toMatchObject([
    { type: 'kms.denied', reason: 'whitelist', ip: '203.0.113.6', userAgent: 'intruder/1.0' },
    { type: 'kms.revealed', ip: '203.0.113.5', userAgent: 'backend/1.0' },
    { type: 'kms.put' },
  ])
})

test('a forwarding header from nobody whom the bridge trusts changes nothing', async () => {
  await client().kms.put('db', 'x', { whitelist: ['203.0.113.5'] })
  const other = bridge.another({ trustedProxies: [] })
  const headers = from('203.0.113.5')
  expect(await other.call('GET', '/2026-02-01/kms/reveal/db.json', { headers })).toMatchObject(unauthorized)
  expect((await client().kms.events('db')).events[0]).toMatchObject({ type: 'kms.denied', ip: proxy })
})

describe('before a server that doesn’t trust the bridge', () => {
  const untrusting = useDonutwork({}, { HALFKEY_TRUSTED_PROXIES: '203.0.113.99' })

  test('a whitelist lets nobody’s word pass: only the bridge’s own address counts', async () => {
    await untrusting.client().kms.put('for-caller', 'x', { whitelist: [proxy] })
    await untrusting.client().kms.put('for-bridge', 'x', { whitelist: [bridgeAddress] })
    expect(await untrusting.get('/kms/reveal/for-caller.json')).toMatchObject(unauthorized)
    expect(await untrusting.get('/kms/reveal/for-bridge.json')).toMatchObject({ status: 200 })
  })
})

test.each([
  ['there isn’t', 'nothing'],
  ['Halfkey can’t have: capitals', 'AWS_Prod'],
  ['Halfkey can’t have: a space', 'a%20b'],
  ['Halfkey can’t have: nothing', ''],
  ['Halfkey can’t have: a path upwards', '..%2F..%2Fsecrets'],
  ['Halfkey can’t have: dots', '..'],
  ['Halfkey can’t have: half an escape', '%e0%a4'],
  ['is longer than any', 'a'.repeat(129)],
])('a handler that %s has no entry, and none to reveal', async (_, handler) => {
  expect(await get(`/kms/${handler}.json`)).toMatchObject({ status: 404 })
  expect((await get(`/kms/reveal/${handler}.json`)).status).toBeGreaterThanOrEqual(403)
})

test('an unknown handler has each call’s own words; that of the reveal doesn’t tell it from a refused one', async () => {
  expect(await get('/kms/nothing.json')).toMatchObject(missing)
  expect(await get('/kms/reveal/nothing.json')).toMatchObject(unauthorized)
})

test('a deleted entry is gone', async () => {
  await client().kms.put('db', 'x')
  await client().kms.delete('db')
  expect(await get('/kms/db.json')).toMatchObject(missing)
  expect(await get('/kms/reveal/db.json')).toMatchObject(unauthorized)
  expect((await get('/kms.json')).json.count).toBe(0)
})

test.each(['prod/db', 'prod/db.json', 'reveal/db', 'reveal', 'kms', 'a.b_c-d'])(
  'the handler %s is reached percent-encoded, whatever else paths mean',
  async (handler) => {
    await client().kms.put(handler, handler)
    const segment = encodeURIComponent(handler)
    expect((await get(`/kms/${segment}.json`)).json).toMatchObject({ handler })
    expect((await get(`/kms/reveal/${segment}.json`)).json).toEqual({ content: handler })
  },
)

test('a handler with a slash is also reached as it is written', async () => {
  await client().kms.put('prod/db', 'x')
  expect((await get('/kms/prod/db.json')).json).toMatchObject({ handler: 'prod/db' })
  expect((await get('/kms/reveal/prod/db.json')).json).toEqual({ content: 'x' })
})

test('lists come in pages', async () => {
  for (const handler of ['a', 'b', 'c']) await client().kms.put(handler, handler)
  const { json } = await get('/kms.json?size=2&page=2')
  expect(json).toMatchObject({ count: 3, per_page: 2, pages: { current: 2, max: 2 }, elements: [{ handler: 'c' }] })
})

test('a value that is no text is refused, rather than changed', async () => {
  await client().kms.put('binary', new Uint8Array([0xff, 0xfe]))
  const error = 'This KMS Entry is not text'
  expect(await get('/kms/reveal/binary.json')).toMatchObject({ status: 422, json: { error } })
})

test('a HEAD reveals nothing and leaves no entry in the log', async () => {
  await client().kms.put('db', 'x')
  const reply = await bridge.call('HEAD', '/2026-02-01/kms/reveal/db.json', { headers: bearer() })
  expect([reply.status, reply.text, reply.headers.get('Allow')]).toEqual([405, '', 'GET'])
  expect((await client().kms.events('db')).events).toMatchObject([{ type: 'kms.put' }])
})

test('a token that may only reveal may do that, and no more', async () => {
  const { token } = await client().tokens.create('backend', { scopes: ['kms:reveal'], handlers: ['prod-*'] })
  const limited = bridge.another({ accounts: [{ user: 'x', apiToken: 'limited', token }] })
  await client().kms.put('prod-db', 'x')
  await client().kms.put('test-db', 'x')
  const call = (path: string) => limited.call('GET', `/2026-02-01${path}`, { headers: bearer('limited') })
  expect(await call('/kms/reveal/prod-db.json')).toMatchObject({ status: 200 })
  expect(await call('/kms/reveal/test-db.json')).toMatchObject(unauthorized)
  for (const path of ['/kms.json', '/kms/prod-db.json', '/share-secrets.json'])
    expect(await call(path)).toMatchObject({ status: 403, json: { error: 'Unauthorized' } })
})
