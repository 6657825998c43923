/** Liveness, readiness and metrics, at the root. */
import type { Hono } from 'hono'
import { StoreDamaged, StoreUnavailable } from '../store/store.ts'
import type { Deps, Env } from './context.ts'
import type { Metrics } from './observe.ts'
import { plain, text } from './reply.ts'

export function addHealth(app: Hono<Env>, { store, blobs, clock }: Deps, { registry }: Metrics): void {
  app.get('/healthz', (c) => {
    c.set('route', '/healthz')
    return plain(c, 200, { status: 'alive' })
  })

  app.get('/readyz', async (c) => {
    c.set('route', '/readyz')
    try {
      await Promise.all([store.ping(clock.now()), blobs.ping()])
      return plain(c, 200, { status: 'ready' })
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      const reason =
        error instanceof StoreDamaged ? 'the database is damaged: restore a backup' : 'the store isn’t writable'
      return plain(c, 503, { status: 'unavailable', reason })
    }
  })

  /** Shared by concurrent requests, so that many at once don't block other work. */
  let rendering: Promise<string> | undefined
  app.get('/metrics', async (c) => {
    c.set('route', '/metrics')
    rendering ??= registry.metrics().finally(() => (rendering = undefined))
    return text(c, registry.contentType, await rendering)
  })
}
