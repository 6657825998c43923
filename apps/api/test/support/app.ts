/** The app in this process, on a real SQLite store, with a clock to turn. */
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { pino } from 'pino'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { createMetrics } from '../../src/http/observe.ts'
import { sweepOnce } from '../../src/jobs/sweep.ts'
import { openServerKey } from '../../src/outside/server-key.ts'
import { makeToken, openStore } from '../../src/start.ts'
import type { Store, SweepReport } from '../../src/store/store.ts'
import type { Call } from './sender.ts'
import { caller } from './sender.ts'
import type { Home } from './server.ts'
import { makeHome } from './server.ts'

/** A RAM disk where there is one: flushing is flush.test.ts's business. */
export const fastDirectory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const dayLength = 86_400_000

export interface TurnableClock {
  now(): number
  advance(ms: number): void
}

export function turnableClock(start = Date.UTC(2026, 0, 1)): TurnableClock {
  let time = start
  return { now: () => time, advance: (ms) => void (time += ms) }
}

export interface TestApp {
  call: Call
  /** An admin token's text. */
  token: string
  clock: TurnableClock
  store: Store
  home: Home
  sweep(): Promise<SweepReport>
  /** Closes the store and removes its files. */
  close(): Promise<void>
}

export async function openApp(settings: Record<string, string> = {}): Promise<TestApp> {
  const home = makeHome(fastDirectory)
  const { config } = readConfig({
    HALFKEY_DATA_DIR: home.data,
    HALFKEY_SERVER_KEY_FILE: home.serverKey,
    HALFKEY_PUBLIC_URL: 'https://halfkey.test',
    ...settings,
  })
  const clock = turnableClock()
  const store = openStore(config)
  const serverKey = await openServerKey(config.HALFKEY_SERVER_KEY_FILE, store)
  const token = await makeToken(store, clock, 'admin')
  const app = createApp({
    deps: { config, store, serverKey, clock, publicUrl: () => config.HALFKEY_PUBLIC_URL ?? '' },
    log: pino({ enabled: false }),
    metrics: createMetrics(),
  })
  return {
    call: caller((request) => app.fetch(request, {})),
    token,
    clock,
    store,
    home,
    sweep: () => sweepOnce({ store, clock, retentionMs: config.HALFKEY_RETENTION_DAYS * dayLength }),
    async close() {
      await store.close()
      home.remove()
    },
  }
}
