/** One app with the APIs of all supported services. */
import { Hono } from 'hono'
import { nodeFetch } from '@halfkey/sdk/parts'
import type { Env } from './caller.ts'
import { createDonutwork } from './donutwork/app.ts'
import { createHealth } from './health.ts'
import { createOnetime } from './onetime/app.ts'
import { parseSettings, type BridgeSettings } from './settings.ts'
import { TIMEOUT_MS, type Transport } from './upstream.ts'

/** `timeout`: default 10,000 ms for each of up to three attempts. `log`: default stderr. */
export type BridgeOptions = Partial<Transport>

/** Fills in the defaults. */
export const transportOf = ({
  fetch = nodeFetch,
  now = Date.now,
  timeout = TIMEOUT_MS,
  log = (problem) => console.error(`${new Date().toISOString()} halfkey bridge: ${problem}`),
}: BridgeOptions): Transport => ({ fetch, now, timeout, log })

/**
 * Creates an app to serve, or to mount at the root of your own: `app.route('/', createBridge(settings))`. It knows callers'
 * addresses only when served by `@hono/node-server`.
 *
 * @throws SettingsRefused with a sentence for each invalid setting
 */
export function createBridge(settings: BridgeSettings, options: BridgeOptions = {}): Hono<Env> {
  const parsed = parseSettings(settings)
  const transport = transportOf(options)
  const checkHealth = createHealth(parsed, transport)
  const app = new Hono<Env>({ strict: false })
  app.use(async (c, next) => {
    await next()
    c.header('Cache-Control', 'no-store')
    // A published client fails on its next call unless the reply repeats its "Connection: close".
    if (/\bclose\b/i.test(c.req.header('Connection') ?? '')) c.header('Connection', 'close')
  })
  app.get('/healthz', async (c) => {
    const problems = await checkHealth()
    return problems.length === 0 ? c.json({ status: 'ok' }) : c.json({ status: 'failing', problems }, 503)
  })
  const parts = { ...transport, settings: parsed }
  app.route('/', createDonutwork(parts))
  app.route('/', createOnetime(parts))
  app.notFound((c) => c.json({ error: 'Not Found' }, 404))
  return app
}
