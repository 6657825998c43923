import { describe, expect, test } from 'vitest'
import { useServer } from './support/running.ts'
import type { Reply } from './support/sender.ts'
import { attachmentCalls, sealWithFiles } from './support/attached.ts'
import { newId, seal } from './support/sender.ts'

const { call, bearer, create, status, reveal, ack, details, burn } = useServer()

const get = (path: string, headers: Record<string, string> = {}) => call('GET', path, undefined, headers)
const { upload, put, parts, complete, grantOf, fetchFile } = attachmentCalls(call)
const text = (body: string) => call('POST', '/api/v1/secrets', body, { 'Content-Type': 'application/json' })

async function incomplete() {
  const sealed = sealWithFiles()
  await create(sealed)
  return sealed
}

/** A reply of every kind that the API gives, by its status. */
async function replies(): Promise<Record<string, Reply>> {
  const [sealed, other] = [seal({ fields: { max_attempts: 1 }, password: true }), seal()]
  const id = newId()
  const [attached, begun] = [sealWithFiles(), sealWithFiles()]
  await upload(attached)
  await create(begun)
  const completed = await complete(attached)
  const grant = await grantOf(attached)
  const conflict = { ...other.body, key_a: other.access }
  return {
    '201 create': await create(sealed),
    '201 another create': await create(other),
    '200 status': await status(sealed, {}),
    '403 a password is needed': await reveal(sealed),
    '403 a wrong password': await reveal(sealed, newId(), { password_proof: sealed.access }),
    '423 locked': await status(sealed, {}),
    '200 reveal': await reveal(other, id),
    '200 ack': await ack(other, id),
    '410 gone': await status(other, {}),
    '200 details': await details(other),
    '200 list': await get('/api/v1/secrets', bearer()),
    '409 conflict': await call('POST', '/api/v1/secrets', conflict),
    '200 part': await put(begun),
    '200 parts': await parts(begun),
    '200 completed': completed,
    '409 incomplete': await complete(await incomplete()),
    '200 file': await fetchFile(attached, grant),
    '206 range of a file': await fetchFile(attached, grant, { Range: 'bytes=1-2' }),
    '416 no range of a file': await fetchFile(attached, grant, { Range: 'bytes=1000-' }),
    '404 no grant': await fetchFile(attached, ''),
    '401 no token': await get('/api/v1/secrets'),
    '404 unknown': await status(seal(), {}),
    '404 no such route': await get('/api/v1/nothing'),
    '404 no such method': await call('PUT', '/api/v1/secrets', {}),
    '404 preflight': await call('OPTIONS', '/api/v1/secrets', undefined, { Origin: 'https://elsewhere.test' }),
    '404 no such page': await get('/one/two'),
    '413 too large': await text(' '.repeat(2_097_153)),
    '422 no JSON': await text('nonsense'),
    '200 burn': await burn(sealed),
    '200 alive': await get('/healthz'),
    '200 ready': await get('/readyz'),
    '200 metrics': await get('/metrics'),
  }
}

const pages = ['/', `/${seal().slug}`, '/docs', '/docs/start.js', '/docs/scalar.js', '/openapi.json']

describe('every reply', () => {
  test('to a program may be neither cached, framed, sniffed nor indexed, and names its request', async () => {
    const ids = new Set<string | null>()
    const all = Object.entries(await replies())
    for (const [name, reply] of all) {
      expect([name, `${reply.status}`]).toEqual([name, name.slice(0, 3)])
      expect({ name, ...Object.fromEntries(reply.headers) }).toMatchObject({
        name,
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-robots-tag': 'noindex, nofollow',
      })
      ids.add(reply.headers.get('X-Request-Id'))
    }
    expect(ids.size).toBe(all.length)
    expect(ids.has(null)).toBe(false)
  })

  test('that is a page loads nothing from elsewhere, runs no inline script and tells no referrer', async () => {
    for (const path of pages) {
      const { status, headers } = await get(path)
      expect({ path, status, ...Object.fromEntries(headers) }).toMatchObject({
        path,
        status: 200,
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-robots-tag': 'noindex, nofollow',
      })
      const policy = headers.get('Content-Security-Policy') ?? ''
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /)
      expect(policy).toMatch(/base-uri 'none'; form-action 'none'; frame-ancestors 'none'/)
      expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe/)
    }
  })

  test('is for this origin alone, sets no cookie and tells nothing of the program behind it', async () => {
    const all = [...Object.values(await replies()), ...(await Promise.all(pages.map((path) => get(path))))]
    for (const { headers } of all)
      for (const name of ['access-control-allow-origin', 'set-cookie', 'server', 'x-powered-by'])
        expect(headers.get(name)).toBeNull()
  })
})

describe('a page', () => {
  test('asked for again with its tag is a 304 without a body', async () => {
    for (const path of pages) {
      const tag = (await get(path)).headers.get('ETag') ?? ''
      expect(await get(path, { 'If-None-Match': tag })).toMatchObject({ status: 304, text: '' })
    }
  })
})
