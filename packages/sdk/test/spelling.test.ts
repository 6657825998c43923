/** What reaches a caller of a failure: in the caller's own names, and never a sentence of the engine. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Halfkey } from '../src/client.ts'
import { HalfkeyError } from '../src/errors.ts'
import { openLink, parseLink, solveCaptcha } from '../src/open.ts'
import { connect, slug, token, workspaceKey } from './records.ts'
import { errorOf } from './refusal.ts'
import { failure } from './scripted.ts'

const refusing = (details: Record<string, string[]>) => connect(() => failure(422, 'VALIDATION_ERROR', details))

describe('a refusal by the server', () => {
  test('names the options that a create was given', async () => {
    const { client } = await refusing({ 'ip_whitelist.0': ['No.'], expires_in: ['Too long.'], 'notify.email': ['No.'] })
    const error = await errorOf(client.createSecret('x'))
    expect(Object.keys(error.details ?? {})).toEqual(['ipWhitelist[0]', 'hours', 'notify'])
    expect(error.message).toBe('ipWhitelist[0]: No. hours: Too long. notify: No.')
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', status: 422 })
  })

  test('of a named secret or token keeps expiresIn, which is what the caller gave', async () => {
    const { client } = await refusing({ expires_in: ['Too long.'] })
    const error = await errorOf(client.tokens.create('ci', { scopes: ['secrets:read'], expiresIn: 60 }))
    expect(Object.keys(error.details ?? {})).toEqual(['expiresIn'])
  })

  test('of a hundred fields names ten in its message, all in its details', async () => {
    const { client } = await refusing(
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`geolocation.${i}`, ['No.']])),
    )
    const error = await errorOf(client.createSecret('x'))
    expect(Object.keys(error.details ?? {})).toHaveLength(100)
    expect(error.message).toMatch(/geolocation\[9\]: No\. And 90 more\.$/)
  })
})

describe('a page of another origin', () => {
  afterEach(() => vi.unstubAllGlobals())
  const baseUrl = 'https://halfkey.example'

  test('that the server refuses is told of HALFKEY_CORS_ORIGINS after one try', async () => {
    vi.stubGlobal('location', { origin: 'https://page.example' })
    const urls: string[] = []
    const fetch = (input: unknown) => {
      urls.push(String(input))
      return String(input).endsWith('/links/') ? Promise.resolve(new Response()) : Promise.reject(new TypeError('x'))
    }
    const error = await errorOf(new Halfkey({ baseUrl, fetch: fetch }).createSecret('x'))
    expect(error.code).toBe('NETWORK')
    expect(error.message).toMatch(/https:\/\/page\.example.*HALFKEY_CORS_ORIGINS/)
    expect(urls).toEqual([`${baseUrl}/api/v1/secrets`, `${baseUrl}/api/v1/links/`])
  })

  test('that can’t reach the server at all is not told so', async () => {
    vi.stubGlobal('location', { origin: 'https://page.example' })
    const fetch = () => Promise.reject(new TypeError('x'))
    const error = await errorOf(new Halfkey({ baseUrl, retries: 0, fetch: fetch }).createSecret('x'))
    expect(error.message).toBe('No reply from the server.')
  })
})

/** Every public method of an object, with its path. */
function methodsOf(name: string, object: object): [string, (...args: unknown[]) => unknown][] {
  const prototype = Object.getPrototypeOf(object) as object
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([key, { value }]) =>
    key !== 'constructor' && typeof value === 'function'
      ? [
          [
            `${name}.${key}`,
            (...args: unknown[]) => (value as (...a: unknown[]) => unknown).apply(object, args),
          ] as const,
        ]
      : [],
  )
}

test('no public call throws anything but a HalfkeyError, given nothing or the wrong types', async () => {
  const { client } = await connect(() => failure(404, 'NOT_FOUND'), { token, workspaceKey, retries: 0 })
  const calls = [
    ...methodsOf('client', client),
    ...methodsOf('client.kms', client.kms),
    ...methodsOf('client.tokens', client.tokens),
    ...methodsOf('client.webhooks', client.webhooks),
    ...methodsOf('client.audit', client.audit),
    ['new Halfkey', (options: unknown) => new Halfkey(options as never)],
    ['openLink', openLink],
    ['parseLink', parseLink],
    ['solveCaptcha', solveCaptcha],
  ] as [string, (...args: unknown[]) => unknown][]
  expect(calls.length).toBeGreaterThan(40)
  const wrong = [undefined, null, 0, true, 'x', slug, [], {}, { nope: 1 }, Symbol('s'), () => undefined, new Date()]
  const raw: string[] = []
  for (const [name, call] of calls) {
    const argumentLists = [
      [],
      ...wrong.flatMap((one) => [[one], [one, one], [one, one, one], [slug, one], [slug, 'x', one]]),
    ]
    for (const args of argumentLists) {
      try {
        const result: unknown = await call(...args)
        if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result)
          for await (const _ of result as AsyncIterable<unknown>) break
      } catch (error) {
        if (!(error instanceof HalfkeyError))
          raw.push(`${name}(${args.map((arg) => typeof arg).join()}): ${String(error)}`)
      }
    }
  }
  expect([...new Set(raw)]).toEqual([])
})
