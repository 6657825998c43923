/** Whether the bridge tells that its server or a token fails, and what becomes of a create that gets no answer. */
import { Halfkey } from '@halfkey/sdk'
import { describe, expect, test, vi } from 'vitest'
import { serveBridge } from '../src/serve.ts'
import type { BridgeSettings } from '../src/settings.ts'
import { apiToken, basic, useBridge, user } from './support/bridge.ts'
import { bearer } from './support/donutwork.ts'

const { another, app, problems } = useBridge()

const down = { fetch: () => Promise.reject(new TypeError('fetch failed')) }
const wrongToken = () => ({ accounts: [{ user, apiToken, token: `${app().token}x` }] })
const wrongKey = () => ({ workspaceKey: 'A'.repeat(43) })

/** The workspace gets a check value, by which a wrong key is known. */
const setWorkspaceCheck = () =>
  new Halfkey({
    baseUrl: 'https://halfkey.test',
    token: app().token,
    workspaceKey: another().settings.workspaceKey,
    fetch: (...request) => app().fetch(new Request(...request)),
  }).setWorkspaceCheck()

describe('/status and /authcheck', () => {
  const ask = async (bridge: ReturnType<typeof another>, path: string, headers = {}) => {
    const { status, json } = await bridge.call('GET', `/api/v1${path}`, { headers })
    return [status, json]
  }
  const nominal = [200, { status: 'nominal', locale: 'en' }]
  const unexpected = [404, { message: 'An unexpected error occurred :[' }]
  const notAuthorized = [404, { message: 'Not authorized' }]

  test('are nominal while the server answers and takes the token', async () => {
    expect(await ask(another(), '/status')).toEqual(nominal)
    expect(await ask(another(), '/status', basic())).toEqual(nominal)
    expect(await ask(another(), '/authcheck', basic())).toEqual(nominal)
  })

  test('fail while the server is down', async () => {
    expect(await ask(another({}, down), '/status')).toEqual(unexpected)
    expect(await ask(another({}, down), '/authcheck', basic())).toEqual(unexpected)
  })

  test('fail for an account whose token the server refuses', async () => {
    const bridge = another(wrongToken())
    expect(await ask(bridge, '/status')).toEqual(nominal)
    expect(await ask(bridge, '/status', basic())).toEqual(notAuthorized)
    expect(await ask(bridge, '/authcheck', basic())).toEqual(notAuthorized)
  })

  test('fail for an account whose workspace has another key', async () => {
    await setWorkspaceCheck()
    expect(await ask(another(wrongKey()), '/authcheck', basic())).toEqual(unexpected)
  })
})

describe('/healthz', () => {
  const ask = async (...parts: Parameters<typeof another>) => {
    const { status, json } = await another(...parts).call('GET', '/healthz')
    return [status, json]
  }
  const failing = (...sentences: string[]) => [
    503,
    { status: 'failing', problems: sentences.map((one) => expect.stringContaining(one)) },
  ]

  test('is ok while every server answers and takes every token', async () => {
    expect(await ask()).toEqual([200, { status: 'ok' }])
  })

  test('names the server that can’t be reached', async () => {
    expect(await ask({}, down)).toEqual(failing('server: NETWORK'))
  })

  test('names the token that is refused, and nothing secret', async () => {
    const [, body] = await ask(wrongToken())
    expect([503, body]).toEqual(failing('accounts.0.token: AUTHENTICATION_ERROR'))
    for (const hidden of [app().token, apiToken, user]) expect(JSON.stringify(body)).not.toContain(hidden)
  })

  test('names the account whose workspace has another key', async () => {
    await setWorkspaceCheck()
    expect(await ask(wrongKey())).toEqual(failing('accounts.0.token: WRONG_KEY'))
  })

  test('names the region whose server is of another', async () => {
    const regions = { us: 'https://halfkey.test' }
    const token = { us: `${app().token}x` }
    expect(await ask({ regions, accounts: [{ user, apiToken, token }] })).toEqual(
      failing('accounts.0.token.us: AUTHENTICATION_ERROR'),
    )
  })

  test('asks the servers anew after five seconds, not with every call', async () => {
    let asked = 0
    const { call } = another({}, { fetch: (...request) => ((asked += 1), app().fetch(new Request(...request))) })
    for (let i = 0; i < 3; i++) await call('GET', '/healthz')
    expect(asked).toBe(2)
    app().clock.advance(5000)
    await call('GET', '/healthz')
    expect(asked).toBe(4)
  })
})

test('a token that the server refuses is logged at the start', async () => {
  const settings: BridgeSettings = { ...another(wrongToken()).settings, listen: '127.0.0.1:0' }
  const log = (problem: string) => problems.push(problem)
  const bridge = await serveBridge(settings, { fetch: (...request) => app().fetch(new Request(...request)), log })
  await vi.waitFor(() => expect(problems).toEqual([expect.stringMatching(/^accounts\.0\.token: AUTHENTICATION_ERROR/)]))
  await bridge.stop()
})

test('a server that hangs is given up on after the time-out, not after another', async () => {
  const hang: typeof fetch = (_, init) =>
    new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  const { call } = another({}, { fetch: hang, timeout: 20 })
  const { json } = await call('POST', '/api/v1/share', { body: { secret: 'x' } })
  expect(json).toEqual({ message: 'An unexpected error occurred :[' })
  expect(problems).toEqual(["TIMEOUT: The server didn't reply within 20 ms."])
  const donutwork = await call('GET', '/2026-02-01/ping.json', { headers: bearer() })
  expect(donutwork.status).toBe(503)
})

describe('a create without an answer', () => {
  const total = async () => {
    const { id } = await app().store.firstWorkspace('default', 0)
    return (await app().store.listSecrets({ workspaceId: id, page: 1, perPage: 1 })).total
  }
  const share = (bridge: ReturnType<typeof another>) =>
    bridge.call('POST', '/api/v1/share', { body: { secret: 'x' }, headers: basic() })

  /** Creates are stored, and their replies lost. */
  const losing =
    (store: (request: Request) => Promise<unknown>): typeof fetch =>
    async (input, init) => {
      const request = new Request(input, init)
      if (request.method !== 'POST') return app().fetch(request)
      await store(request)
      throw new TypeError('fetch failed')
    }

  test('is withdrawn, for nobody has its keys', async () => {
    const before = await total()
    const { json } = await share(another({}, { fetch: losing((request) => app().fetch(request)) }))
    expect(json).toEqual({ message: 'An unexpected error occurred :[' })
    await vi.waitFor(() => expect(problems.join('\n')).toMatch(/had been stored as \w{13}\. It was withdrawn\./))
    expect(await total()).toBe(before)
  })

  test('is withdrawn also if the server stores it later', async () => {
    const before = await total()
    const late: Request[] = []
    const fetch = losing((request) => Promise.resolve(late.push(request)))
    await share(another({}, { fetch, timeout: 200 }))
    await app().fetch(late[0] as Request)
    expect(await total()).toBe(before + 1)
    await vi.waitFor(async () => expect(await total()).toBe(before), 5000)
  })

  test('is said of Donutwork’s, whose list shows whether it was made', async () => {
    const { call } = another({}, { fetch: losing((request) => app().fetch(request)) })
    const { status, json } = await call('POST', '/2026-02-01/share-secrets.json', {
      headers: { ...bearer(), 'Content-Type': 'application/json' },
      body: JSON.stringify({ shareSecret: { name: 'a', content: 'b' } }),
    })
    expect([status, json.error]).toEqual([503, expect.stringContaining('The secret may have been created')])
  })
})
