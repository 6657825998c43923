/** Puts the parts together: configuration → adapters → app → serve. Knows neither the environment nor how to exit. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import type { Deps } from './http/context.ts'
import { createMetrics } from './http/observe.ts'
import { readAsset } from './http/pages.ts'
import { startSweeper } from './jobs/sweep.ts'
import type { Clock } from './outside/clock.ts'
import { openServerKey, StartRefused } from './outside/server-key.ts'
import type { RunningServer } from './server.ts'
import { listen } from './server.ts'
import { openSqliteStore } from './store/sqlite/store.ts'
import type { Store } from './store/store.ts'
import { newToken, scopes } from './tokens/token.ts'

export interface Started {
  address: string
  /** The first admin token's text, at first start only. */
  firstToken: string | null
  stop(): Promise<void>
}

const dayLength = 86_400_000

export function openStore(config: Config): Store {
  try {
    return openSqliteStore(config.HALFKEY_DATA_DIR)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartRefused(
      `HALFKEY_DATA_DIR: the database in ${config.HALFKEY_DATA_DIR} can't be opened: ${reason}. ` +
        'It needs a directory that the server may write to, with space left.',
    )
  }
}

/** Makes a token with every scope in the first workspace, which is made if there is none. */
export async function makeToken(store: Store, clock: Clock, name: string): Promise<string> {
  const now = clock.now()
  const workspace = await store.firstWorkspace('default', now)
  const { token, text } = newToken({
    workspaceId: workspace.id,
    name,
    scopes: [...scopes],
    createdAt: now,
    expiresAt: null,
  })
  await store.createToken(token)
  return text
}

/** A built file beside this one, or undefined where the source runs unbuilt. */
function beside(relative: string): string | undefined {
  const file = fileURLToPath(new URL(relative, import.meta.url))
  return existsSync(file) ? file : undefined
}

export async function start(config: Config, clock: Clock, log: Logger): Promise<Started> {
  const store = openStore(config)
  try {
    const serverKey = await openServerKey(config.HALFKEY_SERVER_KEY_FILE, store)
    const metrics = createMetrics()

    let server: RunningServer | undefined
    const deps: Deps = {
      config,
      store,
      serverKey,
      clock,
      publicUrl: () => config.HALFKEY_PUBLIC_URL ?? server?.address ?? '',
    }
    const pages = beside('./pages')
    const scalar = beside('./scalar.js')
    const app = createApp({
      deps,
      log,
      metrics,
      ...(pages !== undefined && { pages }),
      ...(scalar !== undefined && { scalar: readAsset(scalar) }),
    })
    const running = (server = await listen(app.fetch, config))
    const firstToken = (await store.hasTokens()) ? null : await makeToken(store, clock, 'admin')
    const sweeper = startSweeper({
      store,
      clock,
      log,
      everyMs: config.HALFKEY_SWEEP_SECONDS * 1000,
      retentionMs: config.HALFKEY_RETENTION_DAYS * dayLength,
      onSwept: (report) => {
        for (const [what, count] of Object.entries({ ...report })) if (count > 0) metrics.swept.inc({ what }, count)
      },
    })
    return {
      address: running.address,
      firstToken,
      async stop() {
        await running.stop()
        await sweeper.stop()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
