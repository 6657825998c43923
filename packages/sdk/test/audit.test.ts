import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { Halfkey } from '../src/client.ts'
import type { WireAuditEntry, WireAuditPage } from '../src/wire.ts'
import { errorOf } from './refusal.ts'
import { failure, scriptedServer, success, type Script } from './scripted.ts'

const token = 'hkt_abc123_c2VjcmV0LW9mLXRoZS10b2tlbg'
const chain = 'A'.repeat(43)
const slug = '2f4wQBdEsUTKq'

const entry = (id: number): WireAuditEntry => ({
  id,
  type: 'denied',
  reason: 'NOT_FOUND',
  at: '2030-01-02T03:04:05.678Z',
  ip: '192.0.2.0/24',
  user_agent: 'curl',
  country: 'FR',
  slug,
  handler: null,
  version: null,
  token_id: null,
  token: null,
  basis: null,
  purged: false,
  purged_by: null,
  nonce: 'n',
  entry_hash: chain,
  chain,
})

const page = (ids: number[], next: number | null): WireAuditPage => ({
  entries: ids.map(entry),
  head: { id: 9, chain },
  next,
})

async function connect(script: Script) {
  const { url, requests } = await scriptedServer(script)
  return { client: new Halfkey({ baseUrl: url, token, retries: 0 }), requests }
}

describe('the access log', () => {
  test('comes by page, filtered as asked for', async () => {
    const { client, requests } = await connect([success(page([3], 3))])
    const [since, until] = [new Date(0), new Date(1000)]
    const found = await client.audit.list({ after: 2, limit: 1, since, until, type: 'denied', slug })
    expect(found).toEqual({
      entries: [
        {
          id: 3,
          type: 'denied',
          reason: 'NOT_FOUND',
          at: new Date('2030-01-02T03:04:05.678Z'),
          ip: '192.0.2.0/24',
          userAgent: 'curl',
          country: 'FR',
          slug,
          handler: null,
          version: null,
          tokenId: null,
          token: null,
          basis: null,
          purged: false,
          purgedBy: null,
          nonce: 'n',
          entryHash: chain,
          chain,
        },
      ],
      head: { id: 9, chain },
      next: 3,
    })
    const { pathname, searchParams } = new URL(requests[0]?.path ?? '', 'http://x')
    expect(pathname).toBe('/api/v1/audit')
    expect(Object.fromEntries(searchParams)).toEqual({
      after: '2',
      limit: '1',
      since: since.toISOString(),
      until: until.toISOString(),
      type: 'denied',
      slug,
    })
  })

  test('comes whole, page after page', async () => {
    const { client, requests } = await connect([success(page([1, 2], 2)), success(page([5], null))])
    const ids: number[] = []
    for await (const { id } of client.audit.entries({ type: 'denied' })) ids.push(id)
    expect(ids).toEqual([1, 2, 5])
    expect(requests.map(({ path }) => new URL(path, 'http://x').searchParams.get('after'))).toEqual(['0', '2'])
  })

  test('is exported as the server writes it, with the head', async () => {
    const { client, requests } = await connect([{ text: 'a,b\r\n', headers: { 'Halfkey-Audit-Head': `9:${chain}` } }])
    const { head, stream } = await client.audit.export('csv', { since: new Date(0) })
    expect(head).toEqual({ id: 9, chain })
    expect(await text(stream)).toBe('a,b\r\n')
    expect(requests[0]).toMatchObject({ method: 'GET', headers: { authorization: `Bearer ${token}` } })
    expect(requests[0]?.path).toContain('format=csv')
  })

  test('whose export is refused is the server’s error', async () => {
    const { client } = await connect([failure(403, 'PERMISSION_DENIED', { scope: 'audit:read' })])
    const error = await errorOf(client.audit.export('jsonl'))
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', details: { scope: 'audit:read' } })
  })

  test('whose export finds no server, or is called off, says so', async () => {
    const { client } = await connect(['cut', 'hang'])
    expect(await errorOf(client.audit.export('jsonl'))).toMatchObject({ code: 'NETWORK' })
    const signal = AbortSignal.timeout(50)
    expect(await errorOf(client.audit.export('jsonl', { signal }))).toMatchObject({ code: 'ABORTED' })
  })

  test('is verified against a head noted before', async () => {
    const verified = { valid: false, entries: 8, head: { id: 8, chain }, problems: [{ id: 9, problem: 'missing' }] }
    const { client, requests } = await connect([success(verified), success(verified)])
    expect(await client.audit.verify({ id: 9, chain })).toEqual(verified)
    await client.audit.verify()
    expect(requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ head: { id: 9, chain } }, {}])
  })

  test.each([
    ['limit', { limit: 0 }],
    ['since', { since: new Date(NaN) }],
    ['type', { type: 'read' }],
    ['slug', { slug: 'x' }],
    ['page', { page: 1 }],
  ])('is not asked for with a wrong %s', async (name, options) => {
    const { client, requests } = await connect([])
    const error = await errorOf(client.audit.list(options as object))
    expect(Object.keys(error.details ?? {})).toEqual([name])
    expect(requests).toEqual([])
  })

  test('is not exported in a format that there isn’t, nor verified against what is no head', async () => {
    const { client, requests } = await connect([])
    expect(await errorOf(client.audit.export('xml' as 'csv'))).toMatchObject({
      details: { format: expect.anything() as unknown },
    })
    expect(await errorOf(client.audit.verify({ id: 1, chain: 'x' }))).toMatchObject({ code: 'VALIDATION_ERROR' })
    expect(requests).toEqual([])
  })
})
