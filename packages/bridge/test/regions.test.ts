/** Which Halfkey server a call goes to, and who it says is calling. */
import { describe, expect, test } from 'vitest'
import { apiToken, basic, useBridge, type TestBridge } from './support/bridge.ts'
import type { BridgeSettings } from '../src/settings.ts'

const { another, app } = useBridge({}, { HALFKEY_REGION: 'eu' })

/** A bridge whose requests to servers are kept. */
function watched(settings: Partial<BridgeSettings> = {}, peer?: string): { bridge: TestBridge; sent: Request[] } {
  const sent: Request[] = []
  const fetch = (input: unknown, init?: RequestInit) => {
    sent.push(new Request(input as string, init))
    return app().fetch(new Request(input as string, init))
  }
  return { bridge: another(settings, { fetch }, peer), sent }
}

describe('regions', () => {
  const regions = {
    eu: 'https://eu.halfkey.test',
    us: { server: 'https://us.halfkey.test', shareUrl: 'https://us.example' },
  }
  const share = (bridge: TestBridge, host: string, headers = {}) =>
    bridge.call('POST', `http://${host}/api/v1/share`, { body: { secret: 'x' }, headers })

  test('a host’s first label names the server, and the region goes with the call', async () => {
    const { bridge, sent } = watched({ regions })
    expect((await share(bridge, 'eu.bridge.test:8788')).status).toBe(200)
    expect(sent.map(({ url }) => new URL(url).host)).toEqual(['eu.halfkey.test'])
    expect(sent[0]?.headers.get('Halfkey-Region')).toBe('eu')
  })

  test('an address, localhost and the host of publicUrl stand for the server without a region', async () => {
    const { bridge, sent } = watched({ regions, publicUrl: 'https://bridge.test' })
    for (const host of ['bridge.test', '127.0.0.1', '[::1]:8788', 'localhost:8788'])
      expect((await share(bridge, host)).status).toBe(200)
    expect(new Set(sent.map(({ url }) => new URL(url).host))).toEqual(new Set(['halfkey.test']))
    expect(sent.every(({ headers }) => !headers.has('Halfkey-Region'))).toBe(true)
  })

  test('without any, every host does', async () => {
    const { bridge } = watched()
    for (const host of ['bridge.test', 'ca.bridge.test']) expect((await share(bridge, host)).status).toBe(200)
  })

  test.each(['ca.bridge.test', 'bridge.test', 'europe.bridge.test', 'constructor.test', 'euro'])(
    'what is sent to a host that names none of them is stored nowhere: %s',
    async (host) => {
      const { bridge, sent } = watched({ regions })
      const message = "WRONG_REGION: the bridge has no server for this host's region"
      for (const path of ['/share', '/generate', `/secret/${'0'.repeat(31)}`, `/private/${'0'.repeat(31)}`]) {
        const { status, json } = await bridge.call('POST', `http://${host}/api/v1${path}`, { body: { secret: 'x' } })
        expect([status, json]).toEqual([404, { message }])
      }
      expect((await bridge.call('GET', `http://${host}/secret/${'0'.repeat(31)}`)).json).toEqual({ message })
      const donutwork = await bridge.call('GET', `http://${host}/2026-02-01/kms.json`, {
        headers: { Authorization: `Bearer ${apiToken}` },
      })
      expect([donutwork.status, donutwork.json]).toEqual([421, { error: message }])
      expect(sent).toEqual([])
    },
  )

  test('a server of another region than it was called for keeps nothing', async () => {
    const { bridge } = watched({ regions: { us: 'https://halfkey.test' } })
    const workspace = await app().store.firstWorkspace('default', 0)
    const before = await app().store.readStats(workspace.id, app().clock.now())
    const { status, json } = await share(bridge, 'us.bridge.test', basic())
    expect([status, json]).toEqual([404, { message: "WRONG_REGION: the bridge has no server for this host's region" }])
    expect(await app().store.readStats(workspace.id, app().clock.now())).toEqual(before)
  })

  test('an account has a token for each region, and is nobody where it has none', async () => {
    const accounts = [{ user: 'u', apiToken: 't', token: { eu: app().token } }]
    const { bridge } = watched({ regions, accounts })
    expect((await share(bridge, 'eu.bridge.test', basic('u', 't'))).status).toBe(200)
    expect((await share(bridge, 'us.bridge.test', basic('u', 't'))).json.message).toBe('Not authorized')
    expect((await share(bridge, '127.0.0.1', basic('u', 't'))).json.message).toBe('Not authorized')
  })

  test('a key opened as a link leads to the region’s share page', async () => {
    const { bridge } = watched({ regions })
    const { headers } = await bridge.call('GET', `http://us.bridge.test/secret/${'0'.repeat(31)}`)
    expect(headers.get('Location')).toMatch(/^https:\/\/us\.example\/3uzbwP5B1zXLP#/)
  })
})

describe('the caller’s address and program', () => {
  const headers = { 'User-Agent': 'curl/8', 'X-Forwarded-For': '203.0.113.9, 198.51.100.7' }
  const addressesOf = (sent: Request[]) => new Set(sent.map((request) => request.headers.get('X-Forwarded-For')))

  async function everyCall(bridge: TestBridge): Promise<void> {
    const { json } = await bridge.call('POST', '/api/v1/share', { body: { secret: 'x', passphrase: 'wörd' }, headers })
    await bridge.call('GET', `/api/v1/private/${json.metadata_key}`, { headers })
    await bridge.call('POST', `/api/v1/private/${json.metadata_key}/burn`, { headers, body: { passphrase: 'wrong' } })
    await bridge.call('POST', `/api/v1/secret/${json.secret_key}`, { headers, body: { passphrase: 'wörd' } })
  }

  test('go with every call to the server', async () => {
    const { bridge, sent } = watched()
    await everyCall(bridge)
    expect(sent.length).toBeGreaterThan(5)
    expect(addressesOf(sent)).toEqual(new Set(['198.51.100.7']))
    expect(new Set(sent.map((request) => request.headers.get('User-Agent')))).toEqual(new Set(['curl/8']))
  })

  test.each<[string, string[] | undefined, string, string]>([
    ['a header that nobody vouches for isn’t believed', undefined, '198.51.100.7', '198.51.100.7'],
    ['a trusted proxy’s is', ['198.51.100.0/24'], '198.51.100.7', '203.0.113.9'],
    ['an untrusted peer’s isn’t', ['10.0.0.0/8'], '198.51.100.7', '198.51.100.7'],
    [
      'a trusted proxy’s whose network is written as a mapped one is',
      ['::ffff:198.51.100.0/120'],
      '198.51.100.7',
      '203.0.113.9',
    ],
    ['a mapped IPv4 address is the IPv4 one', undefined, '::ffff:192.0.2.1', '192.0.2.1'],
    ['a mapped IPv4 address in hexadecimal is too', undefined, '::FFFF:C000:201', '192.0.2.1'],
    ['a trusted IPv6 proxy’s is', ['2001:db8::/32'], '2001:db8::1', '198.51.100.7'],
  ])('%s', async (_, trustedProxies, peer, expected) => {
    const { bridge, sent } = watched(trustedProxies ? { trustedProxies } : {}, peer)
    await bridge.call('POST', '/api/v1/share', { body: { secret: 'x' }, headers })
    expect(addressesOf(sent)).toEqual(new Set([expected]))
  })

  test('that the server trusts the bridge for is whom its limits count', async () => {
    const { bridge, sent } = watched({ clientIpHeader: 'X-Real-IP' })
    await bridge.call('POST', '/api/v1/share', { body: { secret: 'x' } })
    expect(sent[0]?.headers.get('X-Real-IP')).toBe('198.51.100.7')
  })
})
