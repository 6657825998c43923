/** The app in this process, on a real SQLite store, with a clock to turn. */
import { existsSync } from 'node:fs'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { pino } from 'pino'
import { createApp } from '../../src/app.ts'
import { AwaitedAnswers } from '../../src/jobs/awaited-answers.ts'
import { LateDenials } from '../../src/jobs/late-denials.ts'
import { readConfig } from '../../src/config.ts'
import type { Deps } from '../../src/http/context.ts'
import { createMetrics } from '../../src/http/observe.ts'
import { sweepOnce } from '../../src/jobs/sweep.ts'
import { createCaptcha } from '../../src/adapters/captcha.ts'
import { createAddressOf } from '../../src/adapters/client-address.ts'
import { makeToken, openRateLimiter, openStore } from '../../src/start.ts'
import type { Store, SweepReport } from '../../src/store/store.ts'
import type { MemoryBlobs } from './memory-blobs.ts'
import { openMemoryBlobs } from './memory-blobs.ts'
import { TokenUse } from '../../src/jobs/last-used.ts'
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
  deps: Deps
  call: Call
  /** A call whose reply is read as it comes. */
  fetch: (request: Request) => Promise<Response>
  /** An admin token's text. */
  token: string
  clock: TurnableClock
  store: Store
  blobs: MemoryBlobs
  home: Home
  /** Refusals that are recorded after the reply; `flush` writes them now. */
  denials: LateDenials
  sweep(): Promise<SweepReport>
  /** Closes the store and removes its files. */
  close(): Promise<void>
}

/** What the app reaches outside; by default it has none of it. */
export interface Outside extends Partial<Pick<Deps, 'geo' | 'mailer' | 'sms'>> {
  /** The address that every request comes from. */
  peer?: string
  /** Stands between the app and its store. */
  watch?: (store: Store) => Store
}

export async function openApp(settings: Record<string, string> = {}, outside: Outside = {}): Promise<TestApp> {
  const { peer = '192.0.2.1', watch = (store: Store) => store, ...adapters } = outside
  const home = makeHome(fastDirectory)
  const { config } = readConfig({
    HALFKEY_DATA_DIR: home.data,
    HALFKEY_SERVER_KEY_FILE: home.serverKey,
    HALFKEY_PUBLIC_URL: 'https://halfkey.test',
    HALFKEY_RATE_LIMIT: 'off',
    ...settings,
  })
  const clock = turnableClock()
  const { store: opened, serverKey } = await openStore(config)
  const store = watch(opened)
  const token = await makeToken(store, clock, 'admin')
  const [log, metrics, blobs] = [pino({ enabled: false }), createMetrics(), openMemoryBlobs()]
  const rateLimiter = await openRateLimiter(config, serverKey, log)
  const denials = new LateDenials({ store, clock, log, onDropped: () => metrics.denialsDropped.inc() })
  const tokenUse = new TokenUse({ store, log })
  const awaited = new AwaitedAnswers({ store, clock, log })
  const deps: Deps = {
    config,
    store,
    blobs,
    log,
    serverKey,
    clock,
    denials,
    tokenUse,
    awaited,
    geo: null,
    mailer: null,
    sms: null,
    captcha: createCaptcha(serverKey, clock, config.HALFKEY_CAPTCHA_COST),
    rateLimiter,
    addressOf: createAddressOf({
      trusted: config.HALFKEY_TRUSTED_PROXIES,
      header: config.HALFKEY_CLIENT_IP_HEADER,
    }),
    publicUrl: () => config.HALFKEY_PUBLIC_URL ?? '',
    ...adapters,
  }
  const app = createApp({ deps, log, metrics })
  const incoming = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: peer }))
  const fetch = async (request: Request): Promise<Response> => app.fetch(request, { incoming })
  return {
    deps,
    call: caller(fetch),
    fetch,
    token,
    clock,
    store,
    blobs,
    home,
    denials,
    sweep: () => sweepOnce({ ...deps, retentionMs: config.HALFKEY_RETENTION_DAYS * dayLength }),
    async close() {
      awaited.stop()
      await denials.stop()
      await tokenUse.flush()
      await rateLimiter?.close()
      await store.close()
      home.remove()
    },
  }
}
