import { describe, expect, test } from 'vitest'
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import type { HalfkeyError } from '../src/errors.ts'
import { openMeta, workspaceCheck } from '../src/protocol/owner.ts'
import type { WireDetails } from '../src/wire.ts'
import { findLeaks } from './leaks.ts'
import { connect, sealed, slug, token, W, wireDetails, workspace, workspaceKey } from './records.ts'
import { errorOf } from './refusal.ts'
import { scriptedServer, success, type Step } from './scripted.ts'

const page = (secrets: WireDetails[], current = 1, last = 1): Step =>
  success(secrets, { pagination: { current_page: current, per_page: 10, total: secrets.length, last_page: last } })

describe('new Halfkey', () => {
  const construct = (options: unknown): unknown => {
    try {
      return new Halfkey(options as HalfkeyOptions)
    } catch (error) {
      return error
    }
  }
  const baseUrl = 'https://share.example'

  test.each([
    ['no baseUrl', {}, 'baseUrl'],
    ['a baseUrl of another scheme', { baseUrl: 'ftp://share.example' }, 'baseUrl'],
    ['a baseUrl that is no URL', { baseUrl: 'share.example' }, 'baseUrl'],
    ['a baseUrl with a query', { baseUrl: 'https://share.example/?x' }, 'baseUrl'],
    ['a baseUrl that is a link', { baseUrl: 'https://share.example/x#1abc' }, 'baseUrl'],
    ['a baseUrl with a password', { baseUrl: 'https://u:p@share.example' }, 'baseUrl'],
    ['a token that is undefined, as an unset variable gives it', { baseUrl, token: undefined }, 'token'],
    ['a token that is empty', { baseUrl, token: '' }, 'token'],
    ['a token of another form', { baseUrl, token: 'abc' }, 'token'],
    ['a token with a line break', { baseUrl, token: `${token}\n` }, 'token'],
    ['a short workspace key', { baseUrl, workspaceKey: workspaceKey.slice(1) }, 'workspaceKey'],
    ['a region with spaces', { baseUrl, region: 'e u' }, 'region'],
    ['a region that isn’t one of regions', { region: 'ap', regions: { eu: baseUrl } }, 'region'],
    ['a region that every object has', { region: 'constructor', regions: { eu: baseUrl } }, 'region'],
    ['regions without a region', { regions: { eu: baseUrl } }, 'region'],
    ['regions that aren’t URLs', { baseUrl, region: 'eu', regions: { eu: 'share.example' } }, 'regions'],
    ['regions that are a list', { baseUrl, regions: [baseUrl] }, 'regions'],
    ['a fetch that isn’t a function', { baseUrl, fetch: true }, 'fetch'],
    ['no time at all', { baseUrl, timeout: 0 }, 'timeout'],
    ['a negative number of retries', { baseUrl, retries: -1 }, 'retries'],
    ['an option that there isn’t', { baseUrl, apiKey: token }, 'apiKey'],
  ])('refuses %s, by name and without showing it', (_, options, name) => {
    const error = construct(options) as HalfkeyError
    expect(error).toMatchObject({ name: 'HalfkeyError', code: 'VALIDATION_ERROR' })
    expect(Object.keys(error.details ?? {})).toEqual([name])
    expect(findLeaks(error, { token, key: workspaceKey.slice(1), link: '1abc' })).toEqual([])
  })

  test.each([[undefined], [null], ['https://share.example']])('refuses options that are no object: %o', (options) => {
    expect(construct(options)).toMatchObject({ name: 'HalfkeyError', code: 'VALIDATION_ERROR' })
  })

  test.each(['', '/', '/below/a/prefix', '/below/a/prefix//'])('takes a baseUrl that ends with «%s»', async (path) => {
    const { url, requests } = await scriptedServer(() => workspace(null))
    await new Halfkey({ baseUrl: url + path, token }).getWorkspace()
    expect(requests[0]?.path).toBe(`${path.replace(/(?<!\/)\/+$/, '')}/api/v1/workspace`)
  })

  test('shows neither token nor workspace key when it is printed or made JSON', () => {
    const client = new Halfkey({ baseUrl, token, workspaceKey })
    expect(findLeaks(client, { token, workspaceKey, W })).toEqual([])
  })

  test('sends token and region with each of its calls', async () => {
    const { client, requests } = await connect(() => workspace(null), { token, region: 'eu-1' })
    await client.getWorkspace()
    expect(requests[0]?.headers).toMatchObject({ authorization: `Bearer ${token}`, 'halfkey-region': 'eu-1' })
  })

  test('calls the region’s server, with the region', async () => {
    const { url, requests } = await scriptedServer(() => workspace(null))
    const regions = { us: 'https://us.share.example', eu: `${url}/` }
    await new Halfkey({ token, region: 'eu', regions }).getWorkspace()
    expect(requests[0]).toMatchObject({ path: '/api/v1/workspace', headers: { 'halfkey-region': 'eu' } })
  })
})

describe('a workspace key that no script can read', () => {
  const importKey = (algorithm: string, usage: KeyUsage) => crypto.subtle.importKey('raw', W, algorithm, false, [usage])

  test('opens and seals as its bytes do', async () => {
    const key = await importKey('HKDF', 'deriveBits')
    const check = b64(await workspaceCheck(W))
    const meta = await sealed({ description: 'noted' })
    const script = [page([wireDetails({ meta })]), workspace(check), success(wireDetails({ meta }))]
    const { client, requests } = await connect([...script, success(wireDetails())], { token, workspaceKey: key })
    expect((await client.listSecrets()).secrets[0]?.description).toBe('noted')
    expect(await client.workspaceCheck()).toBe(check)
    await client.patchSecret(slug, { description: 'noted anew' })
    const { meta: resealed } = JSON.parse(requests.at(-1)?.body ?? '') as { meta: string }
    expect(await openMeta(W, slug, resealed)).toEqual({ description: 'noted anew' })
  })

  test('is refused if it isn’t for HKDF, or derives no bits', async () => {
    for (const key of [await importKey('AES-GCM', 'encrypt'), await importKey('HKDF', 'deriveKey')]) {
      const options = { baseUrl: 'https://share.example', workspaceKey: key }
      expect(() => new Halfkey(options)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
    }
  })
})

describe('listSecrets', () => {
  test('asks for what was wanted and gives secrets with their pagination', async () => {
    const meta = await sealed({ description: 'd', note: 'n', files: ['a.txt'], fragment: '1x' })
    const { client, requests } = await connect([page([wireDetails({ meta })], 2, 3)], { token, workspaceKey })
    const { secrets, pagination } = await client.listSecrets({ status: 'active', limit: 10, page: 2, creator: 'a b&c' })
    expect(requests[0]?.path).toBe('/api/v1/secrets?status=active&per_page=10&page=2&creator=a+b%26c')
    expect(pagination).toEqual({ currentPage: 2, perPage: 10, total: 1, lastPage: 3 })
    expect(secrets).toEqual([
      {
        slug,
        creator: 'admin',
        maximumViews: 1,
        currentViews: 0,
        expiration: new Date('2030-01-02T03:04:05.678Z'),
        hasPassword: false,
        hasAttachments: false,
        attachmentsCount: 0,
        captcha: false,
        otpType: null,
        ipWhitelist: [],
        geolocation: [],
        isExpired: false,
        status: 'active',
        shareUrl: `https://share.example/${slug}`,
        createdAt: new Date('2030-01-01T03:04:05.678Z'),
        updatedAt: new Date('2030-01-01T03:04:05.678Z'),
        description: 'd',
        message: 'n',
        attachments: [{ name: 'a.txt' }],
        fragment: '1x',
      },
    ])
  })

  test('shows the rest when one secret’s metadata doesn’t open', async () => {
    const [mine, other] = [
      await sealed({ description: 'mine' }),
      await sealed({ description: 'd' }, new Uint8Array(32)),
    ]
    const list = [mine, other, 'garbage', null].map((meta) => wireDetails({ meta }))
    const { client } = await connect([page(list)], { token, workspaceKey })
    const { secrets } = await client.listSecrets()
    expect(secrets.map(({ description, metaError }) => [description, metaError])).toEqual([
      ['mine', undefined],
      [undefined, true],
      [undefined, true],
      [undefined, undefined],
    ])
  })

  test.each([
    ['status', 'open'],
    ['limit', 0],
    ['limit', 101],
    ['page', 0],
    ['creator', 1],
    ['perPage', 10],
  ])('refuses %s: %o before any request', async (name, value) => {
    const { client, requests } = await connect([])
    const error = await errorOf(client.listSecrets({ [name]: value }))
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { [name]: [expect.any(String)] } })
    expect(requests).toEqual([])
  })

  test.each([
    ['secrets that are no list', success({})],
    ['no pagination', success([])],
    ['a secret without a status', page([wireDetails({ status: undefined as never })])],
  ])('takes no reply with %s', async (_, step) => {
    const { client } = await connect([step])
    expect(await errorOf(client.listSecrets())).toMatchObject({ code: 'MALFORMED' })
  })
})

describe('secrets', () => {
  const numbered = (...numbers: number[]) => numbers.map((n) => wireDetails({ slug: `${slug.slice(0, -1)}${n}` }))

  test('goes over all pages and repeats no slug, though pages shift meanwhile', async () => {
    const pages = [page(numbered(9, 8, 7), 1, 3), page(numbered(7, 6, 5), 2, 3), page(numbered(4), 3, 3)]
    const { client, requests } = await connect(pages)
    const slugs: string[] = []
    for await (const secret of client.secrets({ status: 'active' })) slugs.push(secret.slug.slice(-1))
    expect(slugs).toEqual(['9', '8', '7', '6', '5', '4'])
    expect(requests.map(({ path }) => path)).toEqual(
      [1, 2, 3].map((n) => `/api/v1/secrets?status=active&per_page=100&page=${n}`),
    )
  })

  test('asks for no page that isn’t reached', async () => {
    const { client, requests } = await connect([page(numbered(9, 8), 1, 2)])
    for await (const secret of client.secrets()) if (secret.slug.endsWith('8')) break
    expect(requests).toHaveLength(1)
  })

  test('of an empty workspace ends after one page', async () => {
    const { client, requests } = await connect([page([], 1, 1)])
    expect((await client.secrets().next()).done).toBe(true)
    expect(requests).toHaveLength(1)
  })
})

test('getStats gives every count', async () => {
  const wire = {
    total_secrets: 1,
    active_secrets: 2,
    expired_secrets: 3,
    total_views: 4,
    secrets_with_password: 5,
    secrets_created_today: 6,
    secrets_created_this_week: 7,
    secrets_created_this_month: 8,
  }
  const { client } = await connect([success(wire)])
  expect(await client.getStats()).toEqual({
    totalSecrets: 1,
    activeSecrets: 2,
    expiredSecrets: 3,
    totalViews: 4,
    secretsWithPassword: 5,
    secretsCreatedToday: 6,
    secretsCreatedThisWeek: 7,
    secretsCreatedThisMonth: 8,
  })
})

describe('the workspace', () => {
  test('is given as the server tells it', async () => {
    const { client } = await connect([workspace('check')])
    expect(await client.getWorkspace()).toEqual({
      name: 'w',
      workspaceCheck: 'check',
      limits: { maximum_views: 10_000 },
      usage: { active_secrets: 1 },
    })
  })

  test('C1: is sent the check value of the workspace key, not the key', async () => {
    const check = b64(await workspaceCheck(W))
    const { client, requests } = await connect([workspace(check)], { token, workspaceKey })
    await client.setWorkspaceCheck()
    expect(requests[0]).toMatchObject({ method: 'PUT', path: '/api/v1/workspace/check' })
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ workspace_check: check })
    expect(findLeaks(requests, { W })).toEqual([])
  })

  test('has no check value set without a workspace key', async () => {
    const { client, requests } = await connect([])
    expect(await errorOf(client.setWorkspaceCheck())).toMatchObject({ code: 'VALIDATION_ERROR' })
    expect(requests).toEqual([])
  })
})
