import { Halfkey } from '@halfkey/sdk'
import { formatLink } from '@halfkey/sdk/parts'
import { describe, expect, test } from 'vitest'
import { deriveKeyB, openMetadataKey } from '../../src/keys.ts'
import { apiToken, basic, useBridge, user } from '../support/bridge.ts'

const other = 'other@example.com'
const { post, get, app, another, call } = useBridge()

interface Shared {
  secret_key: string
  metadata_key: string
  created: number
}

const share = async (params: Record<string, string> = {}, headers = {}): Promise<Shared> =>
  (await post('/share', { secret: 'x', ttl: '3600', ...params }, headers)).json

const later = (seconds: number): void => app().clock.advance(seconds * 1000)
const unix = (): number => Math.floor(app().clock.now() / 1000)
const slugs = async () => (await app().store.listSecrets({ workspaceId: null, page: 1, perPage: 1 } as never)).secrets

/** Ends a secret in each way there is. */
const endings: Record<string, (keys: { secret_key: string; metadata_key: string }) => Promise<unknown>> = {
  received: ({ secret_key }) => post(`/secret/${secret_key}`),
  burned: ({ metadata_key }) => post(`/private/${metadata_key}/burn`),
  expired: () => Promise.resolve(later(3600)),
}

describe('a receipt by its state', () => {
  const common = ['created', 'custid', 'metadata_key', 'metadata_ttl', 'metadata_url', 'recipient', 'share_domain']
  const twins = ['identifier', 'receipt_ttl', 'receipt_url', 'recipients', 'state', 'ttl', 'updated']
  const always = [...common, ...twins]

  test('new: with its life, which counts down', async () => {
    const keys = await share({ passphrase: 'wörd' })
    later(60)
    const { json } = await get(`/private/${keys.metadata_key}`)
    expect(json).toMatchObject({ state: 'new', ttl: 3600, secret_ttl: 3540, metadata_ttl: 7140, custid: 'anon' })
    expect(json).toMatchObject({ passphrase_required: true, has_passphrase: true })
    expect(Object.keys(json).sort()).toEqual([...always, 'secret_ttl', 'passphrase_required', 'has_passphrase'].sort())
  })

  test('received: with the time, and without the secret’s key', async () => {
    const keys = await share()
    later(60)
    const at = unix()
    await endings['received']?.(keys)
    later(60)
    const { json } = await get(`/private/${keys.metadata_key}`)
    expect(json).toMatchObject({ state: 'received', received: at, updated: at, ttl: 3600, metadata_ttl: 7080 })
    expect(Object.keys(json).sort()).toEqual([...always, 'received'].sort())
  })

  test.each([['burned'], ['expired']])('%s: with an empty key of the secret, and no life', async (state) => {
    const keys = await share()
    later(60)
    await endings[state]?.(keys)
    const { json } = await get(`/private/${keys.metadata_key}`)
    expect(json).toMatchObject({ state, secret_key: '', secret_identifier: '', secret_ttl: null, ttl: 3600 })
    expect(json.updated).toBe(keys.created + (state === 'expired' ? 3600 : 60))
    expect(Object.keys(json).sort()).toEqual([...always, 'secret_key', 'secret_ttl', 'secret_identifier'].sort())
  })

  test('orphaned: destroyed by the server’s operator', async () => {
    const keys = await share({}, basic())
    const [record] = (await slugs()).concat(await ofWorkspace())
    await app().store.burn(
      record?.id ?? -1,
      app().clock.now(),
      { ip: null, userAgent: null, country: null },
      'operator',
    )
    expect((await get(`/private/${keys.metadata_key}`)).json).toMatchObject({ state: 'orphaned', secret_key: '' })
  })

  const ofWorkspace = async () => {
    const { id } = await app().store.firstWorkspace('default', 0)
    return (await app().store.listSecrets({ workspaceId: id, page: 1, perPage: 1 })).secrets
  }

  test('reading it changes nothing', async () => {
    const { metadata_key } = await share()
    const read = async () => (await get(`/private/${metadata_key}`)).json
    expect(await read()).toEqual(await read())
  })

  test('every number is an integer', async () => {
    const keys = await share()
    app().clock.advance(1234)
    const { json } = await get(`/private/${keys.metadata_key}`)
    for (const name of ['ttl', 'metadata_ttl', 'secret_ttl', 'created', 'updated', 'receipt_ttl'])
      expect(json[name]).toSatisfy(Number.isInteger)
  })
})

describe('a receipt', () => {
  test.each([
    ['GET', '/private'],
    ['POST', '/private'],
    ['GET', '/metadata'],
    ['POST', '/metadata'],
    ['GET', '/receipt'],
    ['POST', '/receipt'],
  ])('is had with %s %s/KEY, with and without a slash behind it', async (method, path) => {
    const { metadata_key } = await share()
    for (const end of ['', '/']) {
      const { json } = await call(method, `/api/v1${path}/${metadata_key}${end}`)
      expect(json).toMatchObject({ metadata_key, state: 'new' })
    }
  })

  test('is for whoever has its key, who is named if it is an account', async () => {
    const { metadata_key } = await share({}, basic())
    expect((await get(`/private/${metadata_key}`)).json).toMatchObject({ custid: user, state: 'new' })
    const accounts = [
      { user, apiToken, token: app().token },
      { user: other, apiToken: 'b', token: app().token },
    ]
    const { call } = another({ accounts })
    const reply = await call('GET', `/api/v1/private/${metadata_key}`, { headers: basic(other, 'b') })
    expect(reply.json.custid).toBe(other)
  })

  test('stays what it is when its owner describes the secret with the SDK', async () => {
    const { metadata_key } = await share({}, basic())
    const { workspaceKey } = another().settings
    const client = new Halfkey({
      baseUrl: 'https://halfkey.test',
      token: app().token,
      workspaceKey,
      fetch: (input, init) => app().fetch(new Request(input, init)),
    })
    const { slug = '' } = (await openMetadataKey(metadata_key)) ?? {}
    expect(await client.patchSecret(slug, { description: 'mine' })).toMatchObject({ description: 'mine' })
    expect((await get(`/private/${metadata_key}`)).json).toMatchObject({ metadata_key, state: 'new' })
  })

  test('is unknown after twice its life, whoever asks', async () => {
    const keys = await share()
    await endings['received']?.(keys)
    later(7199)
    expect((await get(`/private/${keys.metadata_key}`)).json).toMatchObject({ state: 'received', metadata_ttl: 1 })
    later(1)
    const unknown = { secret_key: keys.metadata_key, message: 'Unknown secret' }
    expect((await get(`/private/${keys.metadata_key}`)).json).toEqual(unknown)
    expect((await post(`/private/${keys.metadata_key}/burn`)).json).toEqual(unknown)
  })

  test.each([
    ['that is no key', 'a'.repeat(20)],
    ['of a secret', undefined],
    ['of a slug with another seed', null],
    ['whose number is too large', 'z'.repeat(31)],
  ])('%s is unknown, by the key that was asked for', async (_, given) => {
    const keys = await share()
    const flipped = keys.metadata_key.slice(0, -1) + (keys.metadata_key.endsWith('1') ? '2' : '1')
    const key = given === undefined ? keys.secret_key : (given ?? flipped)
    for (const reply of [await get(`/private/${key}`), await post(`/private/${key}/burn`)]) {
      expect([reply.status, reply.json]).toEqual([404, { secret_key: key, message: 'Unknown secret' }])
      expect(reply.headers.get('X-OTS-Intended-Status')).toBeNull()
    }
  })
})

describe('keys in a path', () => {
  test.each([['a'], ['recent'], ['a'.repeat(19)], ['%20%21'.repeat(20)]])('of under 20: %s', async (key) => {
    for (const path of [`/secret/${key}`, `/private/${key}`, `/private/${key}/burn`]) {
      const reply = await post(path)
      expect([reply.status, reply.json]).toEqual([404, { message: 'Not Found' }])
      expect(reply.headers.get('X-OTS-Intended-Status')).toBeNull()
    }
  })

  test('of 19 digits are unknown secrets, which a published client expects', async () => {
    const key = '1234567890123456789'
    expect((await post(`/secret/${key}`)).json).toEqual({ secret_key: key, message: 'Unknown secret' })
  })

  test('are read without the characters that keys never have', async () => {
    const { secret_key } = await share()
    const { json } = await post(`/secret/${secret_key.slice(0, 9)}%20.%2B${secret_key.slice(9)}`)
    expect(json).toMatchObject({ value: 'x', secret_key })
  })
})

describe('recent receipts', () => {
  const recent = async (path = '/private/recent') => (await get(path, basic())).json as Record<string, unknown>[]

  test('are a bare list of this account’s, oldest first, whatever became of them', async () => {
    later(31 * 86_400)
    expect(await recent()).toEqual([])
    const made = []
    for (const ending of ['new', 'received', 'burned']) {
      const keys = await share({}, basic())
      await endings[ending]?.(keys)
      made.push({ metadata_key: keys.metadata_key, state: ending, secret_ttl: null, custid: user })
      later(1)
    }
    await share()
    const accounts = [{ user: other, apiToken, token: app().token }]
    await another({ accounts }).call('POST', '/api/v1/share', { body: { secret: 'y' }, headers: basic(other) })
    for (const path of ['/private', '/metadata', '/receipt'])
      expect(await recent(`${path}/recent`)).toEqual(made.map((one) => expect.objectContaining(one)))
  })

  test('have null for the secret’s key, and no word of a passphrase', async () => {
    const { metadata_key } = await share({}, basic())
    const receipt = (await recent()).find((one) => one['metadata_key'] === metadata_key)
    expect(receipt).toMatchObject({ secret_key: null, secret_identifier: null })
    for (const name of ['passphrase_required', 'has_passphrase']) expect(receipt).not.toHaveProperty(name)
  })

  test('lead to the receipts', async () => {
    await share({}, basic())
    const [{ metadata_key } = {}] = await recent()
    expect((await get(`/private/${String(metadata_key)}`)).json.metadata_key).toBe(metadata_key)
  })

  test('of more than a page are all there, and none that is older than 30 days', async () => {
    later(31 * 86_400)
    await share({ ttl: '2592000' }, basic())
    later(30 * 86_400 + 1)
    for (let i = 0; i < 102; i++) await share({}, basic())
    expect(await recent()).toHaveLength(102)
  })

  test('need an account, and another path with POST', async () => {
    const reply = await get('/private/recent')
    expect([reply.status, reply.json]).toEqual([404, { message: 'Not authorized' }])
    expect(reply.headers.get('X-OTS-Intended-Status')).toBe('401')
    expect((await post('/private/recent', {}, basic())).json).toEqual({ message: 'Not Found' })
  })
})

test('nothing that a receipt or the list of them holds opens an unread secret', async () => {
  const keys = await share({}, basic())
  const { slug = '' } = (await openMetadataKey(keys.metadata_key)) ?? {}
  const keyB = (await deriveKeyB(keys.secret_key)) as Uint8Array<ArrayBuffer>
  const openers = [keys.secret_key, formatLink('https://halfkey.test', slug, keyB).split('#')[1] ?? '?']
  const paths = ['/private', '/metadata', '/receipt'].flatMap((path) => [
    `${path}/recent`,
    `${path}/${keys.metadata_key}`,
  ])
  const replies = await Promise.all([
    ...paths.map((path) => get(path, basic())),
    post(`/private/${keys.metadata_key}`, {}, basic()),
    call('GET', `/receipt/${keys.metadata_key}`),
  ])
  for (const { text } of replies) for (const opener of openers) expect(text).not.toContain(opener)
  expect(replies.filter(({ text }) => text.includes(keys.metadata_key))).toHaveLength(7)
  expect((await post(`/secret/${keys.secret_key}`)).json.value).toBe('x')
})
