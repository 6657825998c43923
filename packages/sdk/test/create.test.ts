import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, test, vi } from 'vitest'
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import { openContent, openNote } from '../src/protocol/content.ts'
import type { CreateOptions } from '../src/create/create.ts'
import { b64, unb64 } from '../src/protocol/encoding.ts'
import { stretchPassword, verifierOf } from '../src/protocol/keys.ts'
import { parseLink } from '../src/protocol/link.ts'
import { openMeta, workspaceCheck } from '../src/protocol/owner.ts'
import type { Progress } from '../src/options.ts'
import type { WireCreateRequest } from '../src/wire.ts'
import { findLeaks } from './leaks.ts'
import { errorOf } from './refusal.ts'
import { failure, scriptedServer, success, type Recorded, type Script, type Step } from './scripted.ts'

const token = 'hkt_abc123_c2VjcmV0LW9mLXRoZS10b2tlbg'
const W = new Uint8Array(32).fill(9)
const workspaceKey = b64(W)

const created = ({ body }: Recorded, more: object = {}): Step => {
  const { slug } = JSON.parse(body) as WireCreateRequest
  return success({
    slug,
    share_url: `https://share.example/s/${slug}`,
    maximum_views: 1,
    current_views: 0,
    expiration: '2030-01-02T03:04:05.678Z',
    has_password: false,
    has_attachments: false,
    attachments_count: 0,
    created_at: '2030-01-01T03:04:05.678Z',
    ...more,
  })
}

/** As `created`, and with a workspace whose check value is `check`. */
const answering =
  (check: string | null): Script =>
  (request) =>
    request.path.endsWith('/workspace')
      ? success({ name: 'w', workspace_check: check, limits: {}, usage: {} })
      : created(request)

async function connect(script: Script = (request) => created(request), options: Partial<HalfkeyOptions> = {}) {
  const { url, requests } = await scriptedServer(script)
  const client = new Halfkey({ baseUrl: url, ...options })
  const sent = (index = 0) => JSON.parse(requests[index]?.body ?? '') as WireCreateRequest
  return { client, requests, sent }
}

describe('createSecret', () => {
  test('gives a link that opens what the server was given, byte for byte', async () => {
    const { client, sent, requests } = await connect()
    for (const content of [' \t\n padded \r\n\n', '\0', '\ufeffbyte order', '🔑'.repeat(999), 'a'.repeat(300_000)]) {
      const secret = await client.createSecret(content)
      const { key_a, envelope } = sent(requests.length - 1)
      const { keyB, slug, base } = await parseLink(secret.shareUrl)
      expect(base).toBe('https://share.example/s')
      const opened = await openContent({ keyA: unb64(key_a, 32), keyB, slug, envelope })
      expect(opened).toEqual({ text: content, files: [] })
    }
  })

  test('gives slug, manage key, expiry, views and time of creation', async () => {
    const { client, sent } = await connect((request) => created(request, { maximum_views: null, has_password: true }))
    const secret = await client.createSecret('content', { views: null })
    expect(secret.slug).toBe(sent().slug)
    expect(sent().manage_verifier).toBe(b64(await verifierOf(unb64(secret.manageKey, 32))))
    expect(secret.expiration).toEqual(new Date('2030-01-02T03:04:05.678Z'))
    expect(secret.createdAt).toEqual(new Date('2030-01-01T03:04:05.678Z'))
    expect(secret.maximumViews).toBeNull()
    expect(secret.hasPassword).toBe(true)
  })

  test('lets only the slug show when its result is printed or logged', async () => {
    const { client } = await connect()
    const secret = await client.createSecret('content')
    expect(String(secret)).toBe(secret.slug)
    expect(inspect({ secret }, { showHidden: true, depth: Infinity })).toBe(`{ secret: SharedSecret ${secret.slug} }`)
  })

  test('loses nothing when its result is stored as JSON: the link and the manage key are in it', async () => {
    const { client } = await connect((request) => created(request), { workspaceKey })
    const secret = await client.createSecret('content', { description: 'd', message: 'm' })
    expect(JSON.parse(JSON.stringify(secret))).toEqual({
      share_url: secret.shareUrl,
      slug: secret.slug,
      description: 'd',
      message: 'm',
      expires_in_hours: 24,
      maximum_views: 1,
      current_views: 0,
      expiration: '2030-01-02T03:04:05.678Z',
      has_password: false,
      has_attachments: false,
      attachments_count: 0,
      created_at: '2030-01-01T03:04:05.678Z',
      manage_key: secret.manageKey,
    })
  })

  test('gives what a create of the reference gives: description, message, hours, views and attachments', async () => {
    const { client } = await connect((request) => created(request, { has_attachments: true, attachments_count: 2 }), {
      workspaceKey,
    })
    const secret = await client.createSecret('content', { description: 'd', message: 'm' })
    expect(secret).toMatchObject({
      description: 'd',
      message: 'm',
      expiresInHours: 24,
      currentViews: 0,
      hasAttachments: true,
      attachmentsCount: 2,
    })
    const { description, message } = await client.createSecret('content')
    expect([description, message]).toEqual([undefined, undefined])
  })

  test.each([
    ['a Uint8Array', Uint8Array.of(0, 255, 6, 128)],
    ['a Buffer that is part of a larger one', Buffer.from([9, 0, 255, 6, 128, 9]).subarray(1, 5)],
    ['bytes of another realm', runInNewContext('Uint8Array.of(0, 255, 6, 128)') as Uint8Array],
  ])('seals %s as bytes in place of text', async (_, content) => {
    const { client, sent } = await connect()
    const progress: Progress[] = []
    const { shareUrl } = await client.createSecret(content, { onProgress: (step) => progress.push(step) })
    const { keyB, slug } = await parseLink(shareUrl)
    const opened = await openContent({ keyA: unb64(sent().key_a, 32), keyB, slug, envelope: sent().envelope })
    expect(opened).toEqual({ bytes: Uint8Array.of(0, 255, 6, 128), files: [] })
    expect(progress.at(-1)).toEqual({ done: 4, total: 4 })
  })

  test('refuses bytes over 1 MiB of JSON with limit and size, and sends nothing', async () => {
    const { client, requests } = await connect()
    const error = await errorOf(client.createSecret(new Uint8Array(786_424)))
    expect(error).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      details: { limit: 'content', maximum_bytes: 1_048_576, bytes: 1_048_578 },
    })
    expect(error.message).toMatch(/1048578.*1048576/)
    expect(requests).toEqual([])
  })

  test.each([
    ['null', null],
    ['a number', 1],
    ['an array of numbers', [1, 2]],
    ['an ArrayBuffer', new ArrayBuffer(4)],
    ['16-bit numbers', new Uint16Array(4)],
    ['no bytes', new Uint8Array()],
    ['bytes over shared memory', new Uint8Array(new SharedArrayBuffer(4))],
  ])('refuses %s as content before any request', async (_, content) => {
    const { client, requests } = await connect([])
    const error = await errorOf(client.createSecret(content as unknown as string))
    expect(Object.keys(error.details ?? {})).toEqual(['content'])
    expect(requests).toEqual([])
  })

  test('sends 24 hours and one view unless asked otherwise, and nothing that wasn’t asked for', async () => {
    const { client, sent } = await connect()
    await client.createSecret('content', { password: undefined, captcha: false, attachments: [], recoverable: false })
    expect(sent()).toMatchObject({ expires_in: 86_400, maximum_views: 1 })
    expect(Object.keys(sent()).sort()).toEqual(
      ['access_verifier', 'envelope', 'expires_in', 'key_a', 'manage_verifier', 'maximum_views', 'slug'].sort(),
    )
  })

  test.each<[CreateOptions, Partial<WireCreateRequest>]>([
    [{ hours: 1 / 60 }, { expires_in: 60 }],
    [{ hours: 1.5 }, { expires_in: 5400 }],
    [{ hours: 1000 }, { expires_in: 3_600_000 }],
    [{ views: 10_000 }, { maximum_views: 10_000 }],
    [{ views: null }, { maximum_views: null }],
    [{ ipWhitelist: ['10.0.0.0/8', '2001:db8::1'] }, { ip_whitelist: ['10.0.0.0/8', '2001:db8::1'] }],
    [{ geolocation: ['FR', 'US'] }, { geolocation: ['FR', 'US'] }],
    [{ ipWhitelist: '192.168.1.0/24,10.0.0.1' }, { ip_whitelist: ['192.168.1.0/24', '10.0.0.1'] }],
    [{ geolocation: 'FR, US,CA' }, { geolocation: ['FR', 'US', 'CA'] }],
    [{ captcha: true }, { captcha: true }],
    [{ otp: { type: 'email', to: 'a@b.example' } }, { otp: { type: 'email', to: 'a@b.example' } }],
    [{ otp: { type: 'totp', secret: 'JBSWY3DPEHPK3PXP' } }, { otp: { type: 'totp', secret: 'JBSWY3DPEHPK3PXP' } }],
    [{ otp: { type: 'totp', secret: 'jbswy3dpehpk3pxp==' } }, { otp: { type: 'totp', secret: 'JBSWY3DPEHPK3PXP' } }],
    [{ otp: { type: 'sms', to: '+49 151 1234' } }, { otp: { type: 'sms', to: '+491511234' } }],
    [
      { maxAttempts: 3, onLockout: 'burn' },
      { max_attempts: 3, on_lockout: 'burn' },
    ],
    [{ notify: 'a@b.example' }, { notify: { email: 'a@b.example' } }],
  ])('%o is sent as %o', async (options, expected) => {
    const { client, sent } = await connect()
    await client.createSecret('content', options)
    expect(sent()).toMatchObject(expected)
  })

  test('a message is sealed for the link’s holder, a password sent as its verifier', async () => {
    const { client, sent } = await connect()
    const { shareUrl } = await client.createSecret('content', { message: 'Use today', password: 'p' })
    const { keyB, slug } = await parseLink(shareUrl)
    expect(await openNote(keyB, slug, sent().note ?? '')).toBe('Use today')
    const { proof } = await stretchPassword('p', keyB, slug)
    expect(sent().password_verifier).toBe(b64(await verifierOf(proof)))
  })

  test('C1: content, message, password, description, keyB, manage key and workspace key never leave', async () => {
    const parts = { message: 'the message', password: 'the password', description: 'the description' }
    const { client, requests } = await connect(answering(null), { token, workspaceKey })
    const secret = await client.createSecret('the content', { ...parts, recoverable: true })
    const { keyB } = await parseLink(secret.shareUrl)
    const needles = { ...parts, content: 'the content', keyB, W, manageKey: unb64(secret.manageKey) }
    expect(findLeaks(requests, needles)).toEqual([])
  })

  test('that is tried again sends identical bytes, and makes one link', async () => {
    const steps: Step[] = ['cut', 'cut in the body', failure(503, 'UNAVAILABLE')]
    const { client, requests } = await connect((request, index) => steps[index] ?? created(request))
    const secret = await client.createSecret('content', { message: 'note' })
    expect(requests).toHaveLength(4)
    expect(new Set(requests.map(({ body }) => body)).size).toBe(1)
    expect(requests[0]?.body).toContain(secret.slug)
  })

  test('twice with the same content shares no key, iv, slug or ciphertext', async () => {
    const { client, sent } = await connect()
    await client.createSecret('content')
    await client.createSecret('content')
    const parts = [sent(0), sent(1)].flatMap(({ slug, key_a, access_verifier, manage_verifier, envelope }) => [
      ...[slug, key_a, access_verifier, manage_verifier],
      ...[envelope.salt, envelope.iv, envelope.commitment, envelope.ciphertext],
    ])
    expect(new Set(parts).size).toBe(16)
  })

  test('reports progress in bytes of the content', async () => {
    const { client } = await connect()
    const onProgress = vi.fn()
    await client.createSecret('ümlaut', { onProgress })
    expect(onProgress.mock.calls).toEqual([[{ done: 0, total: 7 }], [{ done: 7, total: 7 }]])
  })

  test.each([
    ['a script', 'javascript:alert(1)//SLUG'],
    ['a fragment', 'https://evil.example/SLUG#'],
    ['another fragment', 'https://evil.example/#/SLUG'],
    ['a query', 'https://evil.example/SLUG?x'],
    ['a user', 'https://user:password@evil.example/SLUG'],
    ['another slug', 'https://evil.example/1111111111111'],
    ['the slug as part of a segment', 'https://evil.example/xSLUG'],
    ['no slug', 'https://evil.example/'],
    ['no URL', 'SLUG'],
  ])('puts no key behind a share_url that has %s', async (_, shareUrl) => {
    const { client } = await connect((request) => {
      const { slug } = JSON.parse(request.body) as WireCreateRequest
      return created(request, { share_url: shareUrl.replace('SLUG', slug) })
    })
    expect(await errorOf(client.createSecret('content'))).toMatchObject({ code: 'MALFORMED' })
  })

  test('takes no reply about another slug', async () => {
    const { client } = await connect((request) => created(request, { slug: '1111111111111' }))
    expect(await errorOf(client.createSecret('content'))).toMatchObject({ code: 'MALFORMED' })
  })

  test('passes on the fields that the server refuses', async () => {
    const details = { geolocation: ['This server can’t enforce it.'] }
    const { client } = await connect([failure(422, 'VALIDATION_ERROR', details)])
    const error = await errorOf(client.createSecret('content', { geolocation: ['FR'] }))
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', status: 422, details })
  })
})

describe('createSecret refuses before any request', () => {
  const wrong: [keyof CreateOptions | 'shareDomain', unknown[]][] = [
    ['hours', [0, -1, 1 / 61, 1000.1, NaN, Infinity, '24', null]],
    ['views', [0, -1, 1.5, 10_001, NaN, '1', true]],
    ['description', [1, null, '\ud800']],
    ['message', [1, null, '\udfff']],
    ['password', ['', 'a\nb', '\ud800', 'x'.repeat(1025), 'é'.repeat(513), 1, null]],
    ['ipWhitelist', [[], '', '10.0.0.1,', '10.0.0.1 10.0.0.2', 1, [1], ['example.com'], ['10.0.0.0/8/8']]],
    ['geolocation', [[], '', 'France', ['France'], ['fr'], ['FR,US']]],
    ['captcha', ['yes', 1, null]],
    [
      'otp',
      [{ type: 'email' }, { type: 'fax', to: '1' }, { type: 'totp', secret: '0' }, 'email', { type: 'email', to: 'x' }],
    ],
    ['maxAttempts', [0, 101, 1.5, '10']],
    ['onLockout', ['explode', true]],
    ['notify', ['nobody', true, 'a b@c']],
    ['shareDomain', ['x.example', undefined]],
    ['recoverable', ['yes', 1]],
    ['attachments', ['file', {}]],
    ['onProgress', ['f', {}]],
    ['signal', ['s', {}]],
  ]
  test.each(wrong)('a wrong %s, by name', async (name, values) => {
    const { client, requests } = await connect([], { workspaceKey })
    for (const value of values) {
      const error = await errorOf(client.createSecret('content', { [name]: value }))
      expect(error).toMatchObject({
        name: 'HalfkeyError',
        code: 'VALIDATION_ERROR',
        details: { [name]: [expect.any(String)] },
      })
      expect(Object.keys(error.details ?? {})).toEqual([name])
    }
    expect(requests).toEqual([])
  })

  test('all that is wrong, at once', async () => {
    const { client } = await connect([])
    const options = { hours: 0, views: 0, ttl: 5, password: '', description: 'd' }
    const error = await errorOf(client.createSecret('', options))
    expect(error.code).toBe('VALIDATION_ERROR')
    expect(Object.keys(error.details ?? {}).sort()).toEqual(
      ['content', 'description', 'hours', 'password', 'ttl', 'views'].sort(),
    )
    for (const name of Object.keys(error.details ?? {})) expect(error.message).toContain(name)
  })

  test.each(['expiresIn', 'Hours', 'passphrase', '__proto__x', 'constructor', 'toString'])(
    'an option that there isn’t: %s',
    async (name) => {
      const { client, requests } = await connect([])
      const error = await errorOf(client.createSecret('content', { [name]: 1 }))
      expect(error.details).toEqual({ [name]: ['is not an option'] })
      expect(requests).toEqual([])
    },
  )

  test.each([[undefined], [null], [1], [{}], [['a']], ['\ud800'], ['']])(
    'content that isn’t text: %o',
    async (content) => {
      const { client } = await connect([])
      const error = await errorOf(client.createSecret(content as unknown as string))
      expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { content: [expect.any(String)] } })
    },
  )

  test.each([[null], ['password'], [['password']], [5]])('options that are no object: %o', async (options) => {
    const { client } = await connect([])
    const error = await errorOf(client.createSecret('content', options as CreateOptions))
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { options: ['must be an object'] } })
  })

  test('a description, or a recoverable link, without a workspace key', async () => {
    const { client, requests } = await connect([])
    const error = await errorOf(client.createSecret('content', { description: 'd', recoverable: true }))
    const needed = ['needs the client to have a workspaceKey']
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { description: needed, recoverable: needed } })
    expect(requests).toEqual([])
  })

  test('a text of more than 1 MiB of JSON', async () => {
    const { client, requests } = await connect([])
    const error = await errorOf(client.createSecret('a'.repeat(2 ** 20)))
    expect(error.code).toBe('PAYLOAD_TOO_LARGE')
    expect(requests).toEqual([])
  })
})

describe('the workspace key', () => {
  const paths = (requests: Recorded[]) => requests.map(({ path }) => path)

  test.each([['the same'], [null]])('is checked once, before the first seal: the workspace has %s', async (which) => {
    const check = which === null ? null : b64(await workspaceCheck(W))
    const { client, requests } = await connect(answering(check), { token, workspaceKey })
    await client.createSecret('content')
    await client.createSecret('content')
    expect(paths(requests)).toEqual(['/api/v1/workspace', '/api/v1/secrets', '/api/v1/secrets'])
  })

  test('of another workspace is WRONG_KEY, every time, and nothing is sent', async () => {
    const { client, requests } = await connect(answering(b64(new Uint8Array(32))), { token, workspaceKey })
    expect(await errorOf(client.createSecret('content'))).toMatchObject({ code: 'WRONG_KEY' })
    expect(await errorOf(client.createSecret('content'))).toMatchObject({ code: 'WRONG_KEY' })
    expect(paths(requests)).toEqual(['/api/v1/workspace', '/api/v1/workspace'])
  })

  test('seals description and message for the owner, and the fragment only if asked', async () => {
    const { client, requests, sent } = await connect(answering(null), { token, workspaceKey })
    const metaOf = async () => {
      const { slug, meta = '' } = sent(requests.length - 1)
      return openMeta(W, slug, meta)
    }
    await client.createSecret('content', { description: 'd', message: 'm' })
    expect(await metaOf()).toEqual({ description: 'd', note: 'm' })
    await client.createSecret('content')
    expect(await metaOf()).toEqual({})
    const { shareUrl } = await client.createSecret('content', { recoverable: true })
    expect(await metaOf()).toEqual({ fragment: shareUrl.split('#')[1] })
  })

  test('without a token seals too, with no workspace to ask', async () => {
    const { client, requests, sent } = await connect(answering(null), { workspaceKey })
    await client.createSecret('content', { description: 'd' })
    expect(paths(requests)).toEqual(['/api/v1/secrets'])
    expect(await openMeta(W, sent().slug, sent().meta ?? '')).toEqual({ description: 'd' })
  })
})
