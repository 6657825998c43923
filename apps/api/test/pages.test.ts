import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { useServer } from './support/running.ts'

const { server } = useServer()

interface Got {
  status: number
  headers: Record<string, unknown>
  body: Buffer
}

/** As it travels: fetch would decompress it. */
const get = (path: string, headers: Record<string, string> = {}): Promise<Got> =>
  new Promise((resolve, reject) => {
    const sent = request(server().url + path, { headers }, (reply) => {
      void buffer(reply).then(
        (body) => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }),
        reject,
      )
    })
    sent.on('error', reject).end()
  })

const scriptOf = async (page: string): Promise<string> =>
  /src="\.(\/assets\/[^"]+)"/.exec((await get(page)).body.toString())?.[1] ?? ''

describe('a page and its files', () => {
  test('come in the best coding that the browser takes, and as they are to others', async () => {
    const plain = await get('/slug')
    expect(plain.headers['content-encoding']).toBeUndefined()
    const decoders = { br: brotliDecompressSync, gzip: gunzipSync, none: (bytes: Buffer) => bytes }
    for (const [accepted, coding] of [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['BR ; q=1', 'br'],
      ['identity', 'none'],
      ['br;q=0', 'none'],
      ['zebra', 'none'],
    ] as const) {
      const { headers, body } = await get('/slug', { 'Accept-Encoding': accepted })
      expect([accepted, headers['content-encoding'] ?? 'none']).toEqual([accepted, coding])
      expect(headers['vary']).toBe('Accept-Encoding')
      expect(decoders[coding](body).equals(plain.body)).toBe(true)
    }
  })

  test('have a tag of their own in each coding', async () => {
    const tags = await Promise.all(
      ['identity', 'gzip', 'br'].map(
        async (coding) => (await get('/slug', { 'Accept-Encoding': coding })).headers['etag'],
      ),
    )
    expect(new Set(tags).size).toBe(3)
    const again = await get('/slug', { 'Accept-Encoding': 'br', 'If-None-Match': String(tags[2]) })
    expect([again.status, again.body.length]).toEqual([304, 0])
  })

  test('are kept by browsers for good where the name holds the hash, and asked for again where it doesn’t', async () => {
    expect((await get('/slug')).headers['cache-control']).toBe('no-cache')
    const { status, headers } = await get(await scriptOf('/slug'))
    expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable'])
  })

  test('are two: the front, and one for every slug', async () => {
    const scripts = await Promise.all(['/', '/slug', '/other'].map(scriptOf))
    expect(new Set(scripts).size).toBe(2)
    expect(scripts[1]).toBe(scripts[2])
  })

  test.each(['ask', 'collect', 'status'])('are served at /%s/SLUG too, with their files in place', async (kind) => {
    const { status, headers, body } = await get(`/${kind}/slug`)
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(headers['content-security-policy']).toBe((await get('/slug')).headers['content-security-policy'])
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect((await get(`/${kind}/other`)).body.equals(body)).toBe(true)
    const [, script = ''] = /src="([^"]+)"/.exec(body.toString()) ?? []
    expect((await get(new URL(script, `http://h/${kind}/slug`).pathname)).status).toBe(200)
    const coded = await get(`/${kind}/slug`, { 'Accept-Encoding': 'br' })
    expect(brotliDecompressSync(coded.body).equals(body)).toBe(true)
    const slashes = await get(`//${kind}//slug/`)
    expect(slashes.status).toBe(308)
    expect(new URL(String(slashes.headers['location']), `http://h//${kind}//slug/`).pathname).toBe(`/${kind}/slug`)
  })

  test('don’t serve their compressed variants or their manifest by name', async () => {
    expect((await get(`${await scriptOf('/slug')}.br`)).status).toBe(404)
    expect((await get('/assets/manifest.json')).status).toBe(404)
  })
})

describe('an address that isn’t quite a link’s', () => {
  const browser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

  test.each(['/1UodmWdHUF4xa/', '//1UodmWdHUF4xa', '///1UodmWdHUF4xa//', '//1UodmWdHUF4xa%231abc'])(
    '%s leads to the page without its slashes, under any path prefix',
    async (path) => {
      const { status, headers } = await get(path, browser)
      expect(status).toBe(308)
      const slug = path.replaceAll('/', '')
      const location = String(headers['location'])
      expect(location).not.toMatch(/^\/|:/)
      expect(new URL(location, `https://h${path}`).href).toBe(`https://h/${slug}`)
      expect(new URL(location, `https://h/prefix${path}`).href).toBe(`https://h/prefix/${slug}`)
      const followed = await get(new URL(location, `https://h${path}`).pathname, browser)
      expect([followed.status, followed.body.equals((await get('/other')).body)]).toEqual([200, true])
    },
  )

  test.each(['/1UodmWdHUF4xa&', '/1UodmWdHUF4xa_', '/1UodmWdHUF4xa%23'])(
    '%s is answered with the page itself',
    async (path) => {
      expect((await get(path, browser)).body.equals((await get('/other')).body)).toBe(true)
    },
  )

  test.each(['/favicon.ico', '/robots.txt', '/a/b', '/elsewhere/1UodmWdHUF4xa', '//evil.example/', '/%E0'])(
    '%s is a page for browsers that leads to the start, and JSON for programs',
    async (path) => {
      const page = await get(path, browser)
      expect([page.status, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
      const [, home = ''] = /href="([^"]*)"/.exec(page.body.toString()) ?? []
      expect(new URL(home, `https://h/prefix${path}`).pathname).toBe('/prefix/')
      const { status, body } = await get(path, { Accept: 'application/json' })
      expect([status, JSON.parse(body.toString()).error.code]).toEqual([404, 'NOT_FOUND'])
    },
  )

  test('below /api/ is JSON for browsers too, where a wrong slug must look like a missing one', async () => {
    const { status, headers } = await get('/api/v1/nothing', browser)
    expect([status, headers['content-type']]).toEqual([404, 'application/json; charset=utf-8'])
  })
})
