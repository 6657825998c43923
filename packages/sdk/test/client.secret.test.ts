/** What an owner's client does to one secret. */
import { describe, expect, test } from 'vitest'
import type { PatchOptions } from '../src/client-options.ts'
import type { Halfkey } from '../src/client.ts'
import { b64 } from '../src/protocol/encoding.ts'
import { openMeta } from '../src/protocol/owner.ts'
import type { WirePatchRequest } from '../src/wire.ts'
import { findLeaks } from './leaks.ts'
import { connect, sealed, slug, token, W, wireDetails, workspace, workspaceKey } from './records.ts'
import { errorOf } from './refusal.ts'
import { success } from './scripted.ts'

const manageKey = b64(new Uint8Array(32).fill(3))

describe('getSecretDetails', () => {
  test('opens what the owner noted, with the workspace key', async () => {
    const meta = await sealed({ description: 'd', note: 'n' })
    const { client } = await connect([success(wireDetails({ meta }))], { token, workspaceKey })
    expect(await client.getSecretDetails(slug)).toMatchObject({ description: 'd', message: 'n', attachments: [] })
  })

  test('throws WRONG_KEY for metadata of another workspace key', async () => {
    const meta = await sealed({ description: 'd' }, new Uint8Array(32))
    const { client } = await connect([success(wireDetails({ meta }))], { token, workspaceKey })
    expect(await errorOf(client.getSecretDetails(slug))).toMatchObject({ code: 'WRONG_KEY' })
  })

  test('without the workspace key leaves sealed what is sealed', async () => {
    const meta = await sealed({ description: 'd' })
    const { client } = await connect([success(wireDetails({ meta }))])
    const details = await client.getSecretDetails(slug)
    expect(details.description).toBeUndefined()
    expect(details).not.toHaveProperty('meta')
  })
})

describe('calls about one secret', () => {
  const calls: [string, (client: Halfkey, slug: string, options?: object) => Promise<unknown>][] = [
    ['getSecretDetails', (client, slug, options) => client.getSecretDetails(slug, options)],
    ['deleteSecret', (client, slug, options) => client.deleteSecret(slug, options)],
    ['patchSecret', (client, slug, options) => client.patchSecret(slug, { views: 1, ...options })],
    ['getEvents', (client, slug, options) => client.getEvents(slug, options)],
  ]

  test.each(calls)('%s sends the manage key instead of the token', async (name, call) => {
    const { client, requests } = await connect([success(name === 'getEvents' ? [] : wireDetails())])
    await call(client, slug, { manageKey })
    expect(requests[0]?.headers['halfkey-manage']).toBe(manageKey)
    expect(requests[0]?.headers).not.toHaveProperty('authorization')
  })

  const fragment = `1${'A'.repeat(44)}`
  test.each(calls)('C1: %s sends nothing when it is given a whole link, and doesn’t show it', async (_, call) => {
    const { client, requests } = await connect([])
    for (const wrong of [
      `https://share.example/${slug}#${fragment}`,
      `${slug}#${fragment}`,
      '../stats',
      '',
      undefined,
    ]) {
      const error = await errorOf(call(client, wrong as string))
      expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { slug: [expect.any(String)] } })
      expect(findLeaks(error, { fragment })).toEqual([])
    }
    expect(requests).toEqual([])
  })

  test.each(calls)('%s refuses a wrong manage key and unknown options before any request', async (_, call) => {
    const { client, requests } = await connect([])
    const error = await errorOf(call(client, slug, { manageKey: 'short', slug: '1111111111111', force: true }))
    expect(Object.keys(error.details ?? {}).sort()).toEqual(['force', 'manageKey', 'slug'])
    expect(requests).toEqual([])
  })
})

test('deleteSecret purges only if asked', async () => {
  const { client, requests } = await connect(() => success(null))
  await client.deleteSecret(slug)
  await client.deleteSecret(slug, { purge: false })
  await client.deleteSecret(slug, { purge: true })
  expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `DELETE /api/v1/secrets/${slug}`,
    `DELETE /api/v1/secrets/${slug}`,
    `DELETE /api/v1/secrets/${slug}?purge=true`,
  ])
})

describe('patchSecret', () => {
  test('sends what is to change, and nothing else', async () => {
    const { client, requests } = await connect(() => success(wireDetails({ status: 'locked' })))
    expect((await client.patchSecret(slug, { hours: 0.5, views: 2, unlock: true })).status).toBe('locked')
    await client.patchSecret(slug, { views: 1 })
    expect(requests.map(({ method, body }) => [method, JSON.parse(body) as WirePatchRequest])).toEqual([
      ['PATCH', { expires_in: 1800, maximum_views: 2, unlock: true }],
      ['PATCH', { maximum_views: 1 }],
    ])
  })

  test('replaces the description and keeps the rest of what the owner noted', async () => {
    const meta = await sealed({ description: 'old', note: 'n', fragment: '1x' })
    const { client, requests } = await connect(
      ({ path }) => (path.endsWith('/workspace') ? workspace(null) : success(wireDetails({ meta }))),
      { token, workspaceKey },
    )
    await client.patchSecret(slug, { description: 'new' })
    const patch = JSON.parse(requests.at(-1)?.body ?? '') as WirePatchRequest
    expect(Object.keys(patch)).toEqual(['meta'])
    expect(await openMeta(W, slug, patch.meta ?? '')).toEqual({ description: 'new', note: 'n', fragment: '1x' })
  })

  test('seals nothing under a workspace key that isn’t the workspace’s', async () => {
    const { client, requests } = await connect([workspace(b64(new Uint8Array(32)))], { token, workspaceKey })
    expect(await errorOf(client.patchSecret(slug, { description: 'd' }))).toMatchObject({ code: 'WRONG_KEY' })
    expect(requests).toHaveLength(1)
  })

  test.each([
    ['nothing to change', {}, 'options'],
    ['a description without a workspace key', { description: 'd' }, 'description'],
    ['unlock: false', { unlock: false }, 'unlock'],
    ['views: null', { views: null }, 'views'],
    ['no hours', { hours: 0 }, 'hours'],
  ])('refuses %s before any request', async (_, options, name) => {
    const { client, requests } = await connect([])
    const error = await errorOf(client.patchSecret(slug, options as PatchOptions))
    expect(Object.keys(error.details ?? {})).toEqual([name])
    expect(requests).toEqual([])
  })
})

test('getEvents gives each event with its time', async () => {
  const event = { type: 'denied', reason: 'PASSWORD_WRONG', at: '2030-01-01T00:00:00.000Z', ip: '::1', country: null }
  const { client } = await connect([success([{ ...event, user_agent: 'curl' }])])
  const { at, ...rest } = event
  expect(await client.getEvents(slug)).toEqual([{ ...rest, at: new Date(at), userAgent: 'curl' }])
})
