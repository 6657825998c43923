/** The script-tag bundle, as the built server gives it to pages of other origins. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import sdk from '../../../packages/sdk/package.json' with { type: 'json' }
import { useServer } from './support/running.ts'

const { call } = useServer()

const folder = `/cdn/${sdk.version}`
const get = (path: string, headers: Record<string, string> = {}) => call('GET', path, undefined, headers)

const names = ['halfkey.min.js', 'halfkey.more.min.js', 'halfkey.requests.min.js']

describe('the script-tag bundle', () => {
  test('has the hash that integrity.json beside it names, in every coding', async () => {
    const hashes = (await get(`${folder}/integrity.json`)).body as Record<string, string>
    expect(Object.keys(hashes)).toEqual(names)
    for (const [name, integrity] of Object.entries(hashes))
      for (const coding of ['identity', 'gzip', 'br']) {
        const { bytes } = await get(`${folder}/${name}`, { 'Accept-Encoding': coding })
        expect(`sha384-${createHash('sha384').update(bytes).digest('base64')}`).toBe(integrity)
      }
  })

  test('may be loaded and checked by any page, one that isolates itself included', async () => {
    for (const headers of [{}, { Origin: 'https://elsewhere.example' }])
      for (const name of [...names, 'integrity.json'])
        expect(Object.fromEntries((await get(`${folder}/${name}`, headers)).headers)).toMatchObject({
          'access-control-allow-origin': '*',
          'cross-origin-resource-policy': 'cross-origin',
          'x-content-type-options': 'nosniff',
        })
  })

  test('is JavaScript that browsers keep for good, because a release never changes', async () => {
    for (const name of names)
      expect(Object.fromEntries((await get(`${folder}/${name}`)).headers)).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
      })
  })

  test('is there under no version but its own', async () => {
    for (const path of ['/cdn/0.0.0/halfkey.min.js', '/cdn/latest/halfkey.min.js', '/cdn/halfkey.min.js', '/cdn'])
      expect((await get(path)).headers.get('Content-Type')).not.toContain('javascript')
  })
})

test('nothing else that the server serves is shared with other origins', async () => {
  const page = await get('/slug')
  const script = /src="\.(\/assets\/[^"]+)"/.exec(page.text)?.[1] ?? ''
  for (const path of ['/', '/slug', script, '/docs', '/openapi.json']) {
    const { headers } = await get(path, { Origin: 'https://elsewhere.example' })
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull()
    expect(headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
  }
})
