/** The Halfkey server's limits as a caller of the bridge meets them. */
import { expect, test } from 'vitest'
import { openMetadataKey } from '../src/keys.ts'
import { useBridge } from './support/bridge.ts'

const { another, app } = useBridge(
  {},
  {
    HALFKEY_RATE_LIMIT: 'on',
    HALFKEY_RATE_CREATE: '2',
    HALFKEY_TRUSTED_PROXIES: '192.0.2.1',
    HALFKEY_REQUIRE_PASSWORD: 'on',
  },
)

const share = (peer: string, params: Record<string, string> = { passphrase: 'wörd' }) =>
  another({}, {}, peer).call('POST', '/api/v1/share', { body: { secret: 'x', ...params } })

test('a caller over the server’s limit is told at once, and others are not held up by it', async () => {
  const statuses = []
  for (let i = 0; i < 3; i++) statuses.push((await share('203.0.113.1')).status)
  expect(statuses).toEqual([200, 200, 404])
  const { json, headers } = await share('203.0.113.1')
  expect(json).toEqual({ message: 'Rate limit exceeded. Please try again later.' })
  expect(headers.get('X-OTS-Intended-Status')).toBe('400')
  expect((await share('203.0.113.2')).status).toBe(200)
})

test('a server that requires passwords requires passphrases', async () => {
  expect((await share('203.0.113.3', {})).json).toEqual({ message: 'A passphrase is required for all secrets' })
})

test('the access log names the caller, not the bridge', async () => {
  const { json } = await share('203.0.113.4')
  const { manageKey, slug } = (await openMetadataKey(json.metadata_key)) ?? {}
  const events = await app().call('GET', `/api/v1/secrets/${slug ?? ''}/events`, undefined, {
    'Halfkey-Manage': Buffer.from(manageKey ?? []).toString('base64url'),
  })
  expect((events.body.data as { ip: string }[]).map(({ ip }) => ip)).toEqual(['203.0.113.4'])
})
