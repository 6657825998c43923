/** Donutwork's calls to a bridge, and a Halfkey client of the same workspace. */
import { Halfkey } from '@halfkey/sdk'
import type { RunningBridge } from './bridge.ts'
import { apiToken, useBridge } from './bridge.ts'

export const bearer = (token = apiToken): Record<string, string> => ({ Authorization: `Bearer ${token}` })

export const base = '/2026-02-01'

/** Where the bridge calls the Halfkey server from. */
export const bridgeAddress = '192.0.2.1'

/** Its API trusts the bridge, as the documents say; each test has one of its own. */
export function useDonutwork(change: Parameters<typeof useBridge>[0] = {}, apiSettings: Record<string, string> = {}) {
  const bridge = useBridge(change, { HALFKEY_TRUSTED_PROXIES: bridgeAddress, ...apiSettings }, {}, true)
  const get = (path: string, headers: Record<string, string> = bearer()) => bridge.call('GET', base + path, { headers })
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = bearer()) =>
    bridge.call(method, base + path, {
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  return {
    bridge,
    get,
    send,
    share: (shareSecret: object) => send('POST', '/share-secrets.json', { shareSecret }),
    /** `headers`: of its calls besides. */
    client: (headers: Record<string, string> = {}) => clientOf(bridge, headers),
  }
}

function clientOf(bridge: RunningBridge, headers: Record<string, string>): Halfkey {
  const { token, fetch } = bridge.app()
  return new Halfkey({
    baseUrl: 'https://halfkey.test',
    token,
    workspaceKey: bridge.settings.workspaceKey,
    fetch: (input, init) =>
      fetch(new Request(input, { ...init, headers: { ...(init?.headers as object), ...headers } })),
  })
}
