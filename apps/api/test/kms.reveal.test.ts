/** Who may reveal a named secret, what a refused caller learns (nothing) and what the log says (everything). */
import type { WireAuditEntry, WireKmsPutRequest } from '@halfkey/sdk'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Outside, TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { kmsCalls, revealed, sealVersion } from './support/named.ts'

interface Home {
  app: TestApp
  calls: ReturnType<typeof kmsCalls>
  /** The headers of a new token. */
  token(fields?: Record<string, unknown>): Promise<Record<string, string>>
  log(query?: string): Promise<WireAuditEntry[]>
}

async function open(outside: Outside = {}, settings: Record<string, string> = {}): Promise<Home> {
  const app = await openApp(settings, outside)
  onTestFinished(() => app.close())
  const admin = { Authorization: `Bearer ${app.token}`, 'User-Agent': 'admin/1' }
  return {
    app,
    calls: kmsCalls(app.call, () => admin),
    async token(fields = {}) {
      const body = { name: 'backend', scopes: ['kms:reveal'], ...fields }
      const reply = await app.call('POST', '/api/v1/tokens', body, admin)
      expect(reply.status).toBe(201)
      return { Authorization: `Bearer ${reply.body.data.token as string}`, 'User-Agent': 'backend/2' }
    },
    log: async (query = '') => (await app.call('GET', `/api/v1/audit${query}`, undefined, admin)).body.data.entries,
  }
}

async function put({ calls }: Home, handler: string, fields: Partial<WireKmsPutRequest> = {}) {
  const body = sealVersion(1, fields)
  expect((await calls.put(handler, body)).status).toBe(201)
  return body
}

/** Every way to be refused, with the reason that the log gives. */
const refusals: Record<
  string,
  {
    outside?: Outside
    token?: Record<string, unknown>
    fields?: Partial<WireKmsPutRequest>
    handler?: string
    version?: number
    destroy?: true
    after?: number
  }
> = {
  scope: { token: { scopes: ['kms:read', 'kms:write', 'secrets:read'] } },
  handler: { token: { handlers: ['aws-*', 'prod/db2'] } },
  token_ip: { token: { ips: ['198.51.100.0/24'] } },
  unknown_handler: { handler: 'prod/none' },
  unknown_version: { version: 2 },
  whitelist: { fields: { whitelist: ['198.51.100.0/24', '2001:db8::/32'] } },
  destroyed: { destroy: true },
  expired: { fields: { expires_in: 60 }, after: 60_000 },
}

async function refuse(
  reason: string,
  more: object = {},
): Promise<{ home: Home; text: string; status: number; headers: Headers }> {
  const { token, fields, handler = 'prod/db', version, destroy, after = 0 } = refusals[reason] ?? {}
  const home = await open()
  await put(home, 'prod/db', fields)
  if (destroy) await home.calls.destroy('prod/db', 1)
  const headers = await home.token({ ...token, ...more })
  home.app.clock.advance(after)
  const reply = await home.calls.reveal(handler, version, headers)
  return { home, ...reply }
}

describe('a refusal', () => {
  test('by a rule of the entry is the same bytes and headers whatever the rule', async () => {
    const { scope: _scope, handler: _handler, token_ip: _token_ip, ...ofEntry } = refusals
    const replies = await Promise.all(Object.keys(ofEntry).map((reason) => refuse(reason)))
    const told = replies.map(({ status, text, headers }) => {
      const kept = [...headers].filter(([name]) => name !== 'x-request-id')
      return JSON.stringify({ status, text, kept })
    })
    expect(new Set(told).size).toBe(1)
    const body = { success: false, error: { code: 'PERMISSION_DENIED', message: 'The token may not do this' } }
    expect(JSON.parse(replies[0]?.text ?? '')).toEqual(body)
  })

  test.each([
    ['scope', { scope: 'kms:reveal' }, 'The token lacks the scope kms:reveal'],
    ['handler', { handler: 'prod/db' }, 'The token may not use the handler prod/db'],
    ['token_ip', { rule: 'token_ip' }, 'The token may not be used from this address'],
  ])('for what the token itself lacks names it: %s', async (reason, details, message) => {
    const { text } = await refuse(reason)
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'PERMISSION_DENIED', message, details } })
  })

  test('of a handler or version that doesn’t exist is a 404 for who may read it, and in the log with its reason', async () => {
    for (const reason of ['unknown_handler', 'unknown_version']) {
      const { home, status } = await refuse(reason, { scopes: ['kms:reveal', 'kms:read'] })
      expect(status).toBe(404)
      expect(await home.log('?type=kms.denied')).toMatchObject([{ reason }])
    }
    const beside = await refuse('unknown_handler', { scopes: ['kms:reveal', 'kms:read'], handlers: ['aws-*'] })
    expect(beside.status).toBe(403)
  })

  test.each(Object.keys(refusals))(
    'for %s is in the log with its reason, who, what, when and from where',
    async (reason) => {
      const { home } = await refuse(reason)
      const { handler = 'prod/db', version } = refusals[reason] ?? {}
      const [entry, ...others] = (await home.log('?type=kms.denied')).reverse()
      expect(others).toEqual([])
      const number = reason === 'unknown_handler' ? null : (version ?? 1)
      const who = { token: 'backend', token_id: expect.any(String), ip: '192.0.2.1', user_agent: 'backend/2' }
      const what = { handler, version: number, slug: null, at: new Date(home.app.clock.now()).toISOString() }
      expect(entry).toMatchObject({ type: 'kms.denied', reason, ...who, ...what })
    },
  )

  test('with a token that was revoked or expired is a 401, and in the log too', async () => {
    const home = await open()
    await put(home, 'prod/db')
    const [expiring, revoked] = [await home.token({ expires_in: 60 }), await home.token()]
    const id = revoked['Authorization']?.split('_')[1] ?? ''
    await home.app.call('DELETE', `/api/v1/tokens/${id}`, undefined, { Authorization: `Bearer ${home.app.token}` })
    home.app.clock.advance(60_000)
    for (const headers of [expiring, revoked])
      expect((await home.calls.reveal('prod/db', undefined, headers)).body.error.code).toBe('AUTHENTICATION_ERROR')
    const reasons = (await home.log('?type=kms.denied')).map(({ reason }) => reason)
    expect(reasons).toEqual(['token_expired', 'token_revoked'])
  })

  test('without a token, or with a wrong one, is a 401 that leaves no entry: there is nobody to show it to', async () => {
    const home = await open()
    await put(home, 'prod/db')
    const { Authorization = '' } = await home.token()
    const wrong = `${Authorization.slice(0, -1)}${Authorization.endsWith('A') ? 'E' : 'A'}`
    for (const headers of [{}, { Authorization: wrong }, { Authorization: 'Bearer x' }])
      expect((await home.calls.reveal('prod/db', undefined, headers as Record<string, string>)).status).toBe(401)
    expect(await home.log('?type=kms.denied')).toEqual([])
  })

  test('of a deleted handler is that of one that never was', async () => {
    const home = await open()
    await put(home, 'prod/db')
    await home.calls.remove('prod/db')
    const headers = await home.token()
    const [deleted, never] = [
      await home.calls.reveal('prod/db', undefined, headers),
      await home.calls.reveal('prod/none', undefined, headers),
    ]
    expect(deleted.text).toBe(never.text)
    expect((await home.log('?type=kms.denied')).map(({ reason }) => reason)).toEqual([
      'unknown_handler',
      'unknown_handler',
    ])
  })
})

test('a reveal is in the log with who, what, when and from where, and the log of the handler is the same', async () => {
  const home = await open({ geo: { countryOf: () => 'FR', close: () => undefined } as never })
  const body = await put(home, 'prod/db')
  expect(await home.calls.reveal('prod/db', undefined, await home.token())).toMatchObject(revealed(body))
  const who = { token: 'backend', ip: '192.0.2.1', country: 'FR', user_agent: 'backend/2' }
  const entries = await home.log('?handler=prod%2Fdb')
  expect(entries).toMatchObject([
    { type: 'kms.put', reason: null, handler: 'prod/db', version: 1, token: 'admin', user_agent: 'admin/1' },
    { type: 'kms.revealed', reason: null, handler: 'prod/db', version: 1, ...who },
  ])
  const { events, next } = (await home.calls.events('prod/db')).body.data
  expect(next).toBeNull()
  expect(events).toMatchObject([
    { type: 'kms.revealed', version: 1, ...who },
    { type: 'kms.put', version: 1 },
  ])
})

test('the log of a handler has pages without gap or repetition', async () => {
  const home = await open()
  await put(home, 'prod/db')
  for (let n = 0; n < 10; n++) await home.calls.reveal('prod/db')
  const ids: number[] = []
  for (let before: number | null = null; ;) {
    const query: string = before === null ? '?limit=4' : `?limit=4&before=${before}`
    const page = (await home.calls.events('prod/db', query)).body.data as {
      events: { id: number }[]
      next: number | null
    }
    ids.push(...page.events.map(({ id }) => id))
    if (page.next === null) break
    before = page.next
  }
  expect(ids).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
})

test('the log verifies with named secrets in it, and shows it when one of their entries was changed', async () => {
  const home = await open()
  await put(home, 'prod/db')
  await home.calls.reveal('prod/none')
  const verify = async () =>
    (await home.app.call('POST', '/api/v1/audit/verify', {}, { Authorization: `Bearer ${home.app.token}` })).body.data
  expect(await verify()).toMatchObject({ valid: true, entries: 2 })
  const { default: Sqlite } = await import('better-sqlite3')
  const db = new Sqlite(`${home.app.home.data}/halfkey.sqlite`)
  for (const [column, value] of [
    ['handler', 'prod/db'],
    ['version', 7],
    ['token', 'somebody'],
    ['token_id', 'x'],
  ]) {
    const { was } = db.prepare(`SELECT ${column} AS was FROM events WHERE id = 2`).get() as { was: unknown }
    db.prepare(`UPDATE events SET ${column} = ? WHERE id = 2`).run(value)
    expect(await verify()).toMatchObject({ valid: false, problems: [{ id: 2, problem: 'changed' }] })
    db.prepare(`UPDATE events SET ${column} = ? WHERE id = 2`).run(was)
  }
  expect(await verify()).toMatchObject({ valid: true })
  db.close()
})

describe('the addresses', () => {
  const whitelist = ['192.0.2.0/25', '2001:db8:1::/48']
  test.each([
    ['192.0.2.1', 200],
    ['::ffff:192.0.2.1', 200],
    ['192.0.2.128', 403],
    ['2001:db8:1::9', 200],
    ['2001:db8:2::9', 403],
    ['', 403],
  ])('of a whitelist decide: %j gets %i', async (peer, status) => {
    const home = await open({ peer })
    await put(home, 'prod/db', { whitelist })
    expect((await home.calls.reveal('prod/db', undefined, await home.token())).status).toBe(status)
  })

  test.each([
    ['192.0.2.1', 200],
    ['2001:db8:2::9', 403],
    ['', 403],
  ])('of a token decide on every call of it: %j gets %i', async (peer, status) => {
    const inside = await open({ peer: '192.0.2.1' })
    const fields = { scopes: ['kms:reveal', 'kms:read', 'secrets:read'], ips: ['192.0.2.0/24'] }
    const headers = await inside.token(fields)
    const incoming = { ...inside.app.deps, addressOf: () => (peer === '' ? null : peer) }
    Object.assign(inside.app.deps, incoming)
    await put(inside, 'prod/db')
    for (const path of ['/api/v1/kms', '/api/v1/secrets', '/api/v1/workspace'])
      expect((await inside.app.call('GET', path, undefined, headers)).status).toBe(status)
    expect((await inside.calls.reveal('prod/db', undefined, headers)).status).toBe(status)
  })

  test('without a whitelist are all, unknown ones too', async () => {
    const home = await open({ peer: '' })
    const body = await put(home, 'prod/db', { whitelist: [] })
    expect(await home.calls.reveal('prod/db', undefined, await home.token())).toMatchObject(revealed(body))
  })
})

describe('rate limits', () => {
  const settings = { HALFKEY_RATE_LIMIT: 'on', HALFKEY_RATE_KMS_REVEAL: '3' }

  test('count an address’s reveals before the token is looked at', async () => {
    const home = await open({}, settings)
    for (let n = 0; n < 3; n++) expect((await home.calls.reveal('prod/db', undefined, {})).status).toBe(401)
    const reply = await home.calls.reveal('prod/db', undefined, {})
    expect(reply.body.error).toMatchObject({ code: 'RATE_LIMITED', details: { limit: 'kms-reveal' } })
    expect(reply.headers.get('Retry-After')).toMatch(/^\d+$/)
  })

  test('count a token’s reveals from wherever they come', async () => {
    const home = await open({}, settings)
    await put(home, 'prod/db')
    const headers = await home.token()
    let last = 0
    Object.assign(home.app.deps, { addressOf: () => `192.0.2.${++last}` })
    const statuses: number[] = []
    for (let n = 0; n < 31; n++) statuses.push((await home.calls.reveal('prod/db', undefined, headers)).status)
    expect(statuses).toEqual([...Array<number>(30).fill(200), 429])
  })
})
