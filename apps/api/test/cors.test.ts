/** What pages of other origins may do: the protocol that browsers follow (Fetch Standard, «CORS protocol»). */
import { describe, expect, test } from 'vitest'
import { settings } from '../src/config.ts'
import { attachmentCalls, sealWithFiles } from './support/attached.ts'
import type { DocumentedOperation, OpenApiDocument } from './support/document.ts'
import { operationsOf } from './support/document.ts'
import { useApp } from './support/running-app.ts'
import type { Reply } from './support/sender.ts'
import { seal } from './support/sender.ts'

const friend = 'https://app.example'
const stranger = 'https://stranger.example'

const open = useApp({ HALFKEY_CORS_ORIGINS: `${friend}, http://localhost:3000`, HALFKEY_RATE_LIMIT: 'on' })
const closed = useApp()
const wide = useApp({ HALFKEY_CORS_ORIGINS: '*' })

const preflight = (
  { call }: Pick<typeof open, 'call'>,
  path: string,
  origin: string,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  call('OPTIONS', path, undefined, { Origin: origin, 'Access-Control-Request-Method': 'POST', ...headers })

const sharing = ({ status, headers }: Reply): [number, string | null] => [
  status,
  headers.get('Access-Control-Allow-Origin'),
]

const listOf = (reply: Reply, name: string): string[] => (reply.headers.get(name) ?? '').split(', ')

interface SecuredOperation extends DocumentedOperation {
  security: Record<string, unknown>[]
}

async function documented(): Promise<[method: string, path: string, isRecipients: boolean][]> {
  const { body } = await open.call('GET', '/openapi.json')
  return operationsOf(body as OpenApiDocument).map(([name, operation]) => {
    const [method = '', path = ''] = name.split(' ')
    const { security } = operation as SecuredOperation
    return [method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x'), security.some((way) => 'access' in way)]
  })
}

describe('a page of an origin that nobody named', () => {
  test('may make every call of a recipient, and none other', async () => {
    const operations = await documented()
    expect(operations.filter(([, , isRecipients]) => isRecipients).length).toBeGreaterThan(4)
    for (const [method, path, isRecipients] of operations) {
      const reply = await preflight(open, path, stranger, { 'Access-Control-Request-Method': method })
      expect([path, ...sharing(reply)]).toEqual(isRecipients ? [path, 204, '*'] : [path, 404, null])
      if (isRecipients) expect(listOf(reply, 'Access-Control-Allow-Methods')).toContain(method)
    }
  })

  test('opens a secret: every reply of the conversation is its to read, and no reply of the owner’s', async () => {
    const from = { Origin: stranger }
    const sealed = seal()
    const created = await open.create(sealed, from)
    expect(sharing(created)).toEqual([201, null])
    const access = { ...from, 'Halfkey-Access': sealed.access }
    const reveal_id = Buffer.alloc(16).toString('base64url')
    for (const [name, body] of [
      ['status', {}],
      ['reveal', { reveal_id }],
      ['ack', { reveal_id }],
    ] as const)
      expect(sharing(await open.call('POST', `/api/v1/links/${sealed.slug}/${name}`, body, access))).toEqual([200, '*'])
    const list = await open.call('GET', '/api/v1/secrets', undefined, { ...from, ...open.bearer() })
    expect(sharing(list)).toEqual([200, null])
  })

  test('reads refusals and their Retry-After, so that it can say what is wrong', async () => {
    const ask = () =>
      open.call(
        'POST',
        `/api/v1/links/${seal().slug}/status`,
        {},
        { Origin: stranger, 'Halfkey-Access': seal().access },
      )
    const unknown = await ask()
    expect(sharing(unknown)).toEqual([404, '*'])
    expect(listOf(unknown, 'Access-Control-Expose-Headers')).toEqual(
      expect.arrayContaining(['Retry-After', 'X-Request-Id', 'Content-Range']),
    )
    let last = unknown
    while (last.status === 404) last = await ask()
    expect(sharing(last)).toEqual([429, '*'])
    expect(last.headers.get('Retry-After')).toMatch(/^\d+$/)
  })

  test('fetches a file in ranges, and reads which range it got', async () => {
    const { upload, complete, grantOf, fetchFile } = attachmentCalls(open.call)
    const attached = sealWithFiles()
    await upload(attached)
    await complete(attached)
    const reply = await fetchFile(attached, await grantOf(attached), { Origin: stranger, Range: 'bytes=1-2' })
    expect(sharing(reply)).toEqual([206, '*'])
    expect(reply.headers.get('Content-Range')).toBe('bytes 1-2/1000')
    const asked = await preflight(open, `/api/v1/links/${attached.slug}/files/x`, stranger)
    expect(listOf(asked, 'Access-Control-Allow-Headers')).toEqual(
      expect.arrayContaining(['Content-Type', 'Halfkey-Access', 'Halfkey-Grant', 'Range']),
    )
  })
})

describe('a page of an origin that the settings name', () => {
  test.each([friend, 'http://localhost:3000'])('may make every call: %s', async (origin) => {
    for (const [method, path, isRecipients] of await documented()) {
      const reply = await preflight(open, path, origin, { 'Access-Control-Request-Method': method })
      expect([path, ...sharing(reply)]).toEqual([path, 204, isRecipients ? '*' : origin])
      expect(listOf(reply, 'Access-Control-Allow-Methods')).toContain(method)
    }
  })

  test('may send a token and a manage key, and reads what comes', async () => {
    const reply = await preflight(open, '/api/v1/secrets', friend)
    expect(listOf(reply, 'Access-Control-Allow-Headers')).toEqual(
      expect.arrayContaining(['Authorization', 'Content-Type', 'Halfkey-Manage', 'Halfkey-Region']),
    )
    expect(sharing(await open.create(seal(), { Origin: friend, ...open.bearer() }))).toEqual([201, friend])
    expect(sharing(await open.call('GET', '/api/v1/secrets', undefined, { Origin: friend }))).toEqual([401, friend])
  })

  test.each([
    'http://app.example',
    'https://app.example:8443',
    'https://APP.example',
    'https://app.example.stranger.example',
    'https://sub.app.example',
    'https://stranger.example/https://app.example',
    'https://app.example, https://stranger.example',
    'null',
    '*',
    '',
  ])('isn’t one of another spelling: %s', async (origin) => {
    expect(sharing(await preflight(open, '/api/v1/secrets', origin))).toEqual([404, null])
    expect(sharing(await open.create(seal(), { Origin: origin }))).toEqual([201, null])
  })
})

test('without a setting no origin may make the calls of an owner, its own spelling included', async () => {
  for (const origin of [friend, 'https://halfkey.test', 'null'])
    expect(sharing(await preflight(closed, '/api/v1/secrets', origin))).toEqual([404, null])
  expect(sharing(await preflight(closed, `/api/v1/links/${seal().slug}/status`, friend))).toEqual([204, '*'])
})

describe('no origin', () => {
  test('is let use a browser’s own credentials, or pass from the public network into a private one unasked', async () => {
    for (const path of ['/api/v1/secrets', '/api/v1/links/x/status']) {
      const reply = await preflight(open, path, friend, { 'Access-Control-Request-Private-Network': 'true' })
      expect(reply.status).toBe(204)
      for (const name of ['Access-Control-Allow-Credentials', 'Access-Control-Allow-Private-Network'])
        expect(reply.headers.get(name)).toBeNull()
    }
  })

  test('may read what lies outside the API: health, metrics, the document', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/api/v2/secrets', '/nothing']) {
      expect(sharing(await open.call('GET', path, undefined, { Origin: friend }))[1]).toBeNull()
      expect(sharing(await preflight(open, path, friend))).toEqual([404, null])
    }
  })
})

test('a preflight tells nothing of a slug: the reply is the same, whether there is such a secret or not', async () => {
  const known = seal()
  await open.create(known)
  const replies = await Promise.all(
    [known, seal()].map(({ slug }) => preflight(open, `/api/v1/links/${slug}/reveal`, stranger)),
  )
  const [one, other] = replies.map(({ status, headers, text }) => {
    const { 'x-request-id': _, ...rest } = Object.fromEntries(headers)
    return { status, text, rest }
  })
  expect(one).toEqual(other)
})

test('every reply of the API says that it depends on the origin, to caches between', async () => {
  for (const headers of [{}, { Origin: friend }, { Origin: stranger }])
    for (const path of ['/api/v1/secrets', '/api/v1/links/x/status', '/api/v1/nothing'])
      expect((await open.call('POST', path, {}, headers)).headers.get('Vary')).toBe('Origin')
})

describe('HALFKEY_CORS_ORIGINS', () => {
  const parse = (text: string) => settings.HALFKEY_CORS_ORIGINS.safeParse(text)

  test('of * opens the calls of an owner to all origins', async () => {
    expect(sharing(await preflight(wide, '/api/v1/secrets', stranger))).toEqual([204, '*'])
    expect(sharing(await wide.create(seal(), { Origin: stranger }))).toEqual([201, '*'])
  })

  test.each([
    'app.example',
    'https://app.example/',
    'https://app.example/path',
    'https://App.example',
    'https://app.example:443',
    'https://user@app.example',
    'https://*.app.example',
    'null',
    'file://',
    'https://app.example,',
    'https://app.example other.example',
  ])('refuses what no browser sends as an origin: %s', (text) => {
    expect(parse(text).success).toBe(false)
  })
})
