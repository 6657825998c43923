import { beforeAll, expect, test } from 'vitest'
import { Halfkey } from '../src/client.ts'
import { errorOf } from './refusal.ts'
import { scriptedServer, success } from './scripted.ts'
import { makeSecret, recipientScript } from './secrets.ts'

type ShortCalls = Record<
  'create' | 'list' | 'getDetails' | 'delete' | 'getStats' | 'open',
  (...args: unknown[]) => Promise<unknown>
>
type Global = typeof Halfkey & ShortCalls & { init: (options: object) => void }

let cdn: Global

beforeAll(async () => {
  await import('../src/bundles/cdn.ts')
  cdn = (globalThis as unknown as { Halfkey: Global }).Halfkey
})

test('the global is the class itself', () => {
  expect(cdn).toBe(Halfkey)
})

test('each short call before init is refused, and says why', async () => {
  for (const call of ['create', 'list', 'getDetails', 'delete', 'getStats'] as const) {
    expect((await errorOf(cdn[call]('x'))).message).toContain('Halfkey.init')
  }
})

test('init refuses what the class refuses', () => {
  expect(() => cdn.init({ baseUrl: 'https://share.example', apiKey: 'x' })).toThrow('apiKey')
})

test('create takes content, hours, views and options, and drops none of them', async () => {
  const { url, requests } = await scriptedServer([{ status: 401, json: {} }])
  cdn.init({ baseUrl: url })
  await errorOf(cdn.create('content', 2, 3, { maxAttempts: 4 }))
  expect(JSON.parse(requests[0]?.body ?? '')).toMatchObject({ expires_in: 7200, maximum_views: 3, max_attempts: 4 })
  const error = await errorOf(cdn.create('content', 0, 0, { nothing: 1 }))
  expect(Object.keys(error.details ?? {}).sort()).toEqual(['hours', 'nothing', 'views'])
})

test('the other short calls are the client’s', async () => {
  const { url, requests } = await scriptedServer(() => success(null))
  cdn.init({ baseUrl: url, retries: 0 })
  await cdn.delete('2f4wQBdEsUTKq', { purge: true })
  await errorOf(cdn.list({ status: 'active' }))
  await errorOf(cdn.getDetails('2f4wQBdEsUTKq'))
  await errorOf(cdn.getStats())
  expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'DELETE /api/v1/secrets/2f4wQBdEsUTKq?purge=true',
    'GET /api/v1/secrets?status=active',
    'GET /api/v1/secrets/2f4wQBdEsUTKq',
    'GET /api/v1/stats',
  ])
})

test('open reveals with its options, and doesn’t ack by itself', async () => {
  const secret = await makeSecret({ text: 'opened', password: 'p' })
  const { url, requests } = await scriptedServer(recipientScript(secret))
  const opened = (await cdn.open(secret.link(url), { password: 'p', retries: 0 })) as { text: string }
  expect(opened.text).toBe('opened')
  expect(requests.map(({ path }) => path.split('/').at(-1))).toEqual(['status', 'reveal'])
})
