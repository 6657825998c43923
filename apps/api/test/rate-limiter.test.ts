/** Counting requests: in one process with bounded memory, and on several servers in a database that may fail. */
import { createHmac, randomBytes } from 'node:crypto'
import { pino } from 'pino'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { RateLimiter } from '../src/adapters/rate-limiter.ts'
import { createRateLimiter } from '../src/adapters/rate-limiter.ts'
import type { RateStore } from '../src/adapters/rate-store.ts'
import { openRateStore } from '../src/adapters/rate-store.ts'
import { StartRefused } from '../src/start-refused.ts'
import type { DatabaseServer } from './support/databases.ts'
import { databases } from './support/databases.ts'

const key = randomBytes(32)
const hash = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
const silent = pino({ enabled: false })

const allowedOf = async (limiter: RateLimiter<'create'>, keys: string[]): Promise<number> =>
  (await Promise.all(keys.map((name) => limiter.count('create', name)))).filter(({ allowed }) => allowed).length

const times = (count: number, name = '203.0.113.1'): string[] => Array<string>(count).fill(name)

/** A key that no test used before. */
const fresh = (): string => randomBytes(8).toString('hex')

describe('in one process', () => {
  test('past 50,000 keys newcomers share 4096 buckets, and those known before keep theirs', async () => {
    const limiter = createRateLimiter({ limits: { create: 2 }, hash, store: null, log: silent })
    const known = Array.from({ length: 50_000 }, (_, n) => `known ${n}`)
    expect(await allowedOf(limiter, known)).toBe(50_000)
    const newcomers = Array.from({ length: 20_000 }, (_, n) => `newcomer ${n}`)
    expect(await allowedOf(limiter, newcomers)).toBeLessThanOrEqual(2 * 4096)
    expect(await allowedOf(limiter, known)).toBe(50_000)
  })
})

test('a database that failed isn’t asked again for five seconds, so that its silence holds up few requests', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const consume = vi.fn(() => Promise.reject(new Error('down')))
  const failing = { points: 10, consume } as unknown as RateLimiterAbstract
  const store: RateStore = { createLimiter: () => failing, close: () => Promise.resolve() }
  const limiter = createRateLimiter({ limits: { create: 10 }, hash, store, log: silent })
  for (const [later, asked] of [
    [0, 1],
    [4999, 1],
    [1, 2],
  ] as const) {
    vi.setSystemTime(Date.now() + later)
    expect(await limiter.count('create', 'key')).toMatchObject({ allowed: true, limit: 10 })
    expect(consume).toHaveBeenCalledTimes(asked)
  }
})

describe.each(Object.entries(databases))('in %s', (name, startDatabase) => {
  describe('on several servers', () => {
    let database: DatabaseServer
    let stores: RateStore[] = []
    let warnings: string[]

    beforeAll(async () => {
      database = await startDatabase()
      return () => database.remove()
    })
    beforeEach(() => {
      warnings = []
    })
    afterEach(async () => {
      vi.useRealTimers()
      await Promise.all(stores.map((store) => store.close()))
      stores = []
    })

    /** A server with a connection of its own. */
    async function openServer(limit = 10): Promise<RateLimiter<'create'>> {
      const store = await openRateStore(database.url)
      stores.push(store)
      const log = pino({}, { write: (line: string) => void warnings.push(line) })
      return createRateLimiter({ limits: { create: limit }, hash, store, log })
    }

    test('count together: requests of one address to both at the same moment pass up to the one limit', async () => {
      const [first, second] = await Promise.all([openServer(), openServer()])
      const address = fresh()
      const passed = await Promise.all([allowedOf(first, times(20, address)), allowedOf(second, times(20, address))])
      expect(passed.reduce((sum, each) => sum + each)).toBe(10)
      expect(await second.count('create', address)).toMatchObject({ allowed: false, limit: 10, remaining: 0 })
      expect(await second.count('create', fresh())).toMatchObject({ allowed: true, limit: 10, remaining: 9 })
      expect(warnings).toEqual([])
    })

    test('say when the window ends', async () => {
      const server = await openServer(1)
      const address = fresh()
      for (const allowed of [true, false, false]) {
        const count = await server.count('create', address)
        expect(count.allowed).toBe(allowed)
        expect(count.resetMs).toBeGreaterThan(50_000)
        expect(count.resetMs).toBeLessThanOrEqual(60_000)
      }
    })

    test('go on alone when it is gone, each within the limit, each say so once, and count together once it is back', async () => {
      const [first, second] = [await openServer(), await openServer()]
      await database.kill()
      const address = fresh()
      expect(await allowedOf(first, times(20, address))).toBe(10)
      expect(await allowedOf(second, times(20, address))).toBe(10)
      await allowedOf(first, times(20, fresh()))
      expect(warnings).toHaveLength(2)
      expect(new Set(warnings.map((line) => (JSON.parse(line) as { msg: string }).msg)).size).toBe(1)
      expect(warnings.join()).not.toContain(address)

      await database.start()
      vi.useFakeTimers({ toFake: ['Date'] })
      await vi.waitFor(
        async () => {
          vi.setSystemTime(Date.now() + 5001)
          const shared = fresh()
          expect([await allowedOf(first, times(10, shared)), await allowedOf(second, times(10, shared))]).toEqual([
            10, 0,
          ])
        },
        { timeout: 20_000, interval: 200 },
      )
    })
  })

  test('a database that can’t be reached stops the start with a sentence that names the setting', async () => {
    const scheme = name === 'Redis' ? 'redis' : 'postgres'
    const opening = openRateStore(`${scheme}://localhost:1/0`)
    await expect(opening).rejects.toThrow(StartRefused)
    await expect(opening).rejects.toThrow(/^HALFKEY_RATE_LIMIT_URL: .*ECONNREFUSED/)
  })
})
