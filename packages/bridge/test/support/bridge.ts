/** A bridge in this process before a real API in this process, with one clock for both. */
import { randomBytes } from 'node:crypto'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { TestApp } from '../../../../apps/api/test/support/app.ts'
import { openApp } from '../../../../apps/api/test/support/app.ts'
import { createBridge, type BridgeOptions } from '../../src/bridge.ts'
import type { BridgeSettings } from '../../src/settings.ts'

export const user = 'me@example.com'
export const apiToken = 'ots-token-1'
export const basic = (name = user, password = apiToken) => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

export interface Reply {
  status: number
  headers: Headers
  text: string
  json: any
}

export interface CallInit {
  headers?: Record<string, string>
  /** A form, or what `headers` say. */
  body?: Record<string, string> | string | Uint8Array<ArrayBuffer>
}

export interface TestBridge {
  settings: BridgeSettings
  call: (method: string, path: string, init?: CallInit) => Promise<Reply>
}

export interface RunningBridge extends TestBridge {
  app: () => TestApp
  /** Another bridge before the same API, which shares nothing with the first but what is given. */
  another: (settings?: Partial<BridgeSettings>, options?: BridgeOptions, peer?: string) => TestBridge
  /** What was logged. */
  problems: string[]
  post: (path: string, params?: Record<string, string>, headers?: Record<string, string>) => Promise<Reply>
  get: (path: string, headers?: Record<string, string>) => Promise<Reply>
}

const host = 'http://bridge.test'

/** Requests reach the bridge from `peer`. */
function callerOf(bridge: ReturnType<typeof createBridge>, peer = '198.51.100.7') {
  const incoming = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: peer }))
  return async (method: string, path: string, { headers, body }: CallInit = {}): Promise<Reply> => {
    const request = new Request(new URL(path, host), {
      method,
      redirect: 'manual',
      headers: headers ?? {},
      body: typeof body === 'object' && !(body instanceof Uint8Array) ? new URLSearchParams(body) : (body ?? null),
    })
    const response = await bridge.fetch(request, { incoming })
    const text = await response.text()
    const isJson = response.headers.get('Content-Type')?.includes('application/json') && text !== ''
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
  }
}

/** For all the tests of a file or, `anew`, for each of them. */
export function useBridge(
  change: Partial<BridgeSettings> = {},
  apiSettings: Record<string, string> = {},
  outside: Parameters<typeof openApp>[1] = {},
  anew = false,
): RunningBridge {
  let app: TestApp
  let first: TestBridge
  const problems: string[] = []
  const workspaceKey = randomBytes(32).toString('base64url')

  const another = (more: Partial<BridgeSettings> = {}, options: BridgeOptions = {}, peer?: string): TestBridge => {
    const settings: BridgeSettings = {
      server: 'https://halfkey.test',
      workspaceKey,
      accounts: [{ user, apiToken, token: app.token, shareDomains: ['secrets.example.org'] }],
      ...change,
      ...more,
    }
    const bridge = createBridge(settings, {
      fetch: (input, init) => app.fetch(new Request(input, init)),
      now: () => app.clock.now(),
      log: (problem) => problems.push(problem),
      ...options,
    })
    return { settings, call: callerOf(bridge, peer) }
  }

  const [before, after] = anew ? [beforeEach, afterEach] : [beforeAll, afterAll]
  before(async () => {
    app = await openApp(apiSettings, outside)
    first = another()
  })
  beforeEach(() => void (problems.length = 0))
  after(() => app.close())

  const call: TestBridge['call'] = (...request) => first.call(...request)
  return {
    get settings() {
      return first.settings
    },
    app: () => app,
    another,
    problems,
    call,
    post: (path, params = {}, headers = {}) => call('POST', `/api/v1${path}`, { body: params, headers }),
    get: (path, headers = {}) => call('GET', `/api/v1${path}`, { headers }),
  }
}
