/** All services that the bridge speaks for, as one app. */
import { Hono } from 'hono'
import { nodeFetch } from '@halfkey/sdk/parts'
import type { Env } from './caller.ts'
import { createDonutwork } from './donutwork/app.ts'
import { createHealth } from './health.ts'
import { createOnetime } from './onetime/app.ts'
import { parseSettings, type BridgeSettings } from './settings.ts'
import { TIMEOUT_MS, type Outside } from './upstream.ts'

/** `timeout`: default 10,000, and two more tries. `log`: default stderr. */
export type BridgeOptions = Partial<Outside>

/** What the bridge reaches outside, with the defaults. */
export const outsideOf = ({
  fetch = nodeFetch,
  now = Date.now,
  timeout = TIMEOUT_MS,
  log = (problem) => console.error(`${new Date().toISOString()} halfkey bridge: ${problem}`),
}: BridgeOptions): Outside => ({ fetch, now, timeout, log })

/**
 * An app to serve, or to mount at the root of one of your own: `app.route('/', createBridge(settings))`. Callers'
 * addresses are known where `@hono/node-server` serves it.
 *
 * @throws SettingsRefused with a sentence for each wrong setting.
 */
export function createBridge(settings: BridgeSettings, options: BridgeOptions = {}): Hono<Env> {
  const parsed = parseSettings(settings)
  const outside = outsideOf(options)
  const checkHealth = createHealth(parsed, outside)
  const app = new Hono<Env>({ strict: false })
  app.use(async (c, next) => {
    await next()
    c.header('Cache-Control', 'no-store')
    // A published client breaks on its next call unless it is told what it asked for.
    if (/\bclose\b/i.test(c.req.header('Connection') ?? '')) c.header('Connection', 'close')
  })
  app.get('/healthz', async (c) => {
    const problems = await checkHealth()
    return problems.length === 0 ? c.json({ status: 'ok' }) : c.json({ status: 'failing', problems }, 503)
  })
  const parts = { ...outside, settings: parsed }
  app.route('/', createDonutwork(parts))
  app.route('/', createOnetime(parts))
  app.notFound((c) => c.json({ error: 'Not Found' }, 404))
  return app
}
