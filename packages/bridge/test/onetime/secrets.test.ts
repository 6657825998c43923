import { describe, expect, test } from 'vitest'
import { openMetadataKey } from '../../src/keys.ts'
import { basic, useBridge } from '../support/bridge.ts'

const { post, get, app, another } = useBridge()

const passphrase = 'correct horse'

const share = async (params: Record<string, string> = {}): Promise<{ secret_key: string; metadata_key: string }> =>
  (await post('/share', { secret: 'x', ...params })).json

const later = (seconds: number): void => app().clock.advance(seconds * 1000)

describe('reading a secret', () => {
  test('gives its text, its key and the site’s origin, and no second time', async () => {
    const { secret_key } = await share()
    const { status, json } = await post(`/secret/${secret_key}`)
    expect([status, json]).toEqual([200, { value: 'x', secret_key, share_domain: 'http://bridge.test' }])
    expect((await post(`/secret/${secret_key}`)).json).toEqual({ secret_key, message: 'Unknown secret' })
  })

  test('is the same for an account, whoever made it', async () => {
    const { secret_key } = await share()
    expect((await post(`/secret/${secret_key}`, { continue: 'true' }, basic())).json.value).toBe('x')
  })

  test('ignores a passphrase that isn’t asked for', async () => {
    const { secret_key } = await share()
    expect((await post(`/secret/${secret_key}`, { passphrase })).json.value).toBe('x')
  })

  test('destroys what the server had', async () => {
    const { secret_key, metadata_key } = await share()
    await post(`/secret/${secret_key}`)
    const receipt = await get(`/private/${metadata_key}`)
    expect(receipt.json.state).toBe('received')
  })

  test.each<[string, (keys: Record<string, string>) => Promise<unknown>]>([
    ['read', ({ secret_key }) => post(`/secret/${secret_key}`)],
    ['burned', ({ metadata_key }) => post(`/private/${metadata_key}/burn`)],
    ['expired', () => Promise.resolve(later(3600))],
  ])('that was %s is unknown', async (_, end) => {
    const keys = await share({ ttl: '3600' })
    await end(keys)
    for (const params of [{}, { passphrase }]) {
      const { status, json, headers } = await post(`/secret/${keys.secret_key}`, params)
      expect([status, json]).toEqual([404, { secret_key: keys.secret_key, message: 'Unknown secret' }])
      expect(headers.get('X-OTS-Intended-Status')).toBeNull()
    }
  })

  test.each([['0'.repeat(31)], ['z'.repeat(31)], ['a'.repeat(62)], ['a'.repeat(20)]])(
    'that never was is unknown: %s',
    async (key) => {
      expect((await post(`/secret/${key}`)).json).toEqual({ secret_key: key, message: 'Unknown secret' })
    },
  )

  test('asks for its passphrase, of which a wrong one destroys nothing', async () => {
    const { secret_key } = await share({ passphrase })
    for (const wrong of ['', 'wrong', 'Correct horse', `${passphrase}\n`])
      expect((await post(`/secret/${secret_key}`, { passphrase: wrong })).json).toEqual({
        secret_key,
        message: 'Unknown secret',
      })
    expect((await post(`/secret/${secret_key}`, { passphrase })).json.value).toBe('x')
  })
})

describe('of readers that race', () => {
  test('one gets the text', async () => {
    const { secret_key } = await share()
    const two = another()
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 ? post(`/secret/${secret_key}`) : two.call('POST', `/api/v1/secret/${secret_key}`),
      ),
    )
    expect(replies.filter(({ status }) => status === 200).map(({ json }) => json.value)).toEqual(['x'])
    for (const { json } of replies.filter(({ status }) => status !== 200)) expect(json.message).toBe('Unknown secret')
  })

  test('and burners either one wins, or the burn', async () => {
    for (let i = 0; i < 10; i++) {
      const { secret_key, metadata_key } = await share()
      const [read, burn] = await Promise.all([post(`/secret/${secret_key}`), post(`/private/${metadata_key}/burn`)])
      expect([read.status, burn.status].sort()).toEqual([200, 404])
      const { state } = (await get(`/private/${metadata_key}`)).json
      expect(state).toBe(read.status === 200 ? 'received' : 'burned')
    }
  })
})

describe('burning a secret', () => {
  test('tells of the receipt as it is then, and the beginning of the secret’s key', async () => {
    const { secret_key, metadata_key } = await share()
    const { status, json } = await post(`/private/${metadata_key}/burn`)
    expect(status).toBe(200)
    const { json: receipt } = await get(`/private/${metadata_key}`)
    expect(json).toEqual({ state: receipt, secret_shortkey: secret_key.slice(0, 8) })
    expect(json.state).toMatchObject({ state: 'burned', secret_key: '', secret_ttl: null, recipient: [] })
    expect(json.state).not.toHaveProperty('passphrase_required')
    expect((await post(`/secret/${secret_key}`)).json.message).toBe('Unknown secret')
  })

  test.each(['/private', '/metadata', '/receipt'])('works as %s/KEY/burn, with a slash behind it too', async (path) => {
    const { metadata_key } = await share()
    expect((await post(`${path}/${metadata_key}/burn/`)).json.state.metadata_key).toBe(metadata_key)
  })

  test.each<[string, (keys: Record<string, string>) => Promise<unknown>]>([
    ['read', ({ secret_key }) => post(`/secret/${secret_key}`)],
    ['burned', ({ metadata_key }) => post(`/private/${metadata_key}/burn`)],
    ['expired', () => Promise.resolve(later(3600))],
  ])('that was %s is unknown', async (_, end) => {
    const keys = await share({ ttl: '3600' })
    await end(keys)
    const { metadata_key } = keys
    const { status, json, headers } = await post(`/private/${metadata_key}/burn`)
    expect([status, json]).toEqual([404, { secret_key: metadata_key, message: 'Unknown secret' }])
    expect(headers.get('X-OTS-Intended-Status')).toBeNull()
  })

  test('needs its passphrase, of which a wrong one destroys nothing, and the right one spends nothing', async () => {
    const { secret_key, metadata_key } = await share({ passphrase })
    for (const wrong of ['', 'wrong', 'line\nbreak']) {
      const { status, json, headers } = await post(`/private/${metadata_key}/burn`, { passphrase: wrong })
      expect([status, json]).toEqual([404, { message: 'Double check that passphrase' }])
      expect(headers.get('X-OTS-Intended-Status')).toBe('400')
    }
    expect((await get(`/private/${metadata_key}`)).json.state).toBe('new')
    expect((await post(`/private/${metadata_key}/burn`, { passphrase })).json.state.state).toBe('burned')
    expect((await post(`/secret/${secret_key}`, { passphrase })).json.message).toBe('Unknown secret')
  })
})

test('20 wrong passphrases lock a secret for readers, and its sender can still burn it', async () => {
  const { secret_key, metadata_key } = await share({ passphrase })
  for (let i = 0; i < 20; i++)
    expect((await post(`/secret/${secret_key}`, { passphrase: `wrong ${i}` })).json.message).toBe('Unknown secret')
  const { status, json, headers } = await post(`/secret/${secret_key}`, { passphrase })
  expect([status, json]).toEqual([404, { message: 'An unexpected error occurred :[' }])
  expect(headers.get('X-OTS-Intended-Status')).toBe('400')
  expect((await get(`/private/${metadata_key}`)).json.state).toBe('new')
  expect((await post(`/private/${metadata_key}/burn`, { passphrase })).json.state.state).toBe('burned')
})

test('a burn’s wrong passphrase never counts at the server: it can’t lock the reader out', async () => {
  const { metadata_key } = await share({ passphrase })
  const { json } = await post(`/private/${metadata_key}/burn`, { passphrase: 'wrong' })
  expect(json.message).toBe('Double check that passphrase')
  const { slug } = (await openMetadataKey(metadata_key)) as { slug: string }
  expect((await app().store.findSecret(slug))?.failedAttempts).toBe(0)
})

test('another bridge, started later with the same settings, serves every key that this one handed out', async () => {
  const open = await share({ ttl: '3600' })
  const closed = await share({ passphrase })
  const read = await share()
  await post(`/secret/${read.secret_key}`)
  const { call } = another()
  const ask = async (path: string, params: Record<string, string> = {}) =>
    (await call('POST', `/api/v1${path}`, { body: params })).json
  expect(await ask(`/private/${open.metadata_key}`)).toMatchObject({ state: 'new', ttl: 3600 })
  expect(await ask(`/private/${read.metadata_key}`)).toMatchObject({ state: 'received' })
  expect(await ask(`/secret/${open.secret_key}`)).toMatchObject({ value: 'x' })
  expect(await ask(`/private/${closed.metadata_key}/burn`, { passphrase })).toMatchObject({
    state: { state: 'burned' },
  })
})

test('a bridge with another workspace key reads secrets, which need none, and no receipts', async () => {
  const keys = await share()
  const { call } = another({ workspaceKey: 'A'.repeat(43) })
  expect((await call('GET', `/api/v1/private/${keys.metadata_key}`)).json.message).toBe('Unknown secret')
  expect((await call('POST', `/api/v1/secret/${keys.secret_key}`)).json.value).toBe('x')
})

test('a workspace key that was replaced still opens receipts, as long as it is listed', async () => {
  const keys = await share()
  const { workspaceKey } = another().settings
  const { call } = another({ workspaceKey: ['A'.repeat(43), workspaceKey as string] })
  expect((await call('GET', `/api/v1/private/${keys.metadata_key}`)).json.state).toBe('new')
})
