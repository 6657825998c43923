/** All services that the bridge speaks for, as one app. */
import { Hono } from 'hono'
import type { Env } from './caller.ts'
import { createDonutwork } from './donutwork/app.ts'
import { createOnetime } from './onetime/app.ts'
import { parseSettings, type BridgeSettings } from './settings.ts'
import type { Outside } from './upstream.ts'

export interface BridgeOptions extends Partial<Outside> {
  /** Told of what failed for another reason than a caller's request; never of anything secret. Default: stderr. */
  log?: (problem: string) => void
}

/**
 * An app to serve, or to mount at the root of one of your own: `app.route('/', createBridge(settings))`. Callers'
 * addresses are known where `@hono/node-server` serves it.
 *
 * @throws SettingsRefused with a sentence for each wrong setting.
 */
export function createBridge(settings: BridgeSettings, options: BridgeOptions = {}): Hono<Env> {
  const {
    fetch = globalThis.fetch,
    now = Date.now,
    log = (problem) => console.error(`halfkey bridge: ${problem}`),
  } = options
  const app = new Hono<Env>({ strict: false })
  app.use(async (c, next) => {
    await next()
    c.header('Cache-Control', 'no-store')
    // A published client breaks on its next call unless it is told what it asked for.
    if (/\bclose\b/i.test(c.req.header('Connection') ?? '')) c.header('Connection', 'close')
  })
  const parts = { settings: parseSettings(settings), fetch, now, log }
  app.route('/', createDonutwork(parts))
  app.route('/', createOnetime(parts))
  app.notFound((c) => c.json({ error: 'Not Found' }, 404))
  return app
}
