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

  test('don’t serve their compressed variants or their manifest by name', async () => {
    expect((await get(`${await scriptOf('/slug')}.br`)).status).toBe(404)
    expect((await get('/assets/manifest.json')).status).toBe(404)
  })
})
