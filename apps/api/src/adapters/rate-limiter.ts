/** Counts requests in one-minute windows, in this process or in a database shared by several servers. */
import type { Logger } from 'pino'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateStore } from './rate-store.ts'
import { reasonOf } from './rate-store.ts'

export const windowSeconds = 60

export interface Count {
  allowed: boolean
  /** Allowed requests per key and window. */
  limit: number
  remaining: number
  /** Milliseconds until the key's window ends. */
  resetMs: number
}

export interface RateLimiter<Name extends string> {
  /** Counts a request of `key`. Never rejects: if the database fails, this process counts alone. */
  count(name: Name, key: string): Promise<Count>
  close(): Promise<void>
}

export interface RateLimiterParts<Name extends string> {
  limits: Record<Name, number>
  /** A keyed hash, the same on all servers. Keeps keys out of the database, and buckets unpredictable. */
  hash: (key: string) => Buffer
  /** null: this process counts alone. */
  store: RateStore | null
  log: Logger
}

type Counter = (key: string) => Promise<Count>

/** How many keys a limit counts individually. Further keys share buckets, which bounds the memory. */
const maxNamedKeys = 50_000
/** Base64 characters of 6 bits each: 4096 buckets. */
const bucketNameLength = 2
/** How long to wait before using a failed database again. */
const retryAfterMs = 5000

async function consume(limiter: RateLimiterAbstract, key: string): Promise<Count> {
  const present = (allowed: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Count => ({
    allowed,
    limit: limiter.points,
    remaining: remainingPoints,
    resetMs: msBeforeNext,
  })
  try {
    return present(true, await limiter.consume(key))
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return present(false, refusal)
    throw refusal
  }
}

function createMemoryCounter(points: number): Counter {
  const limiter = new RateLimiterMemory({ points, duration: windowSeconds })
  let named = new Set<string>()
  let renewAt = 0
  return (key) => {
    const now = Date.now()
    if (now >= renewAt) {
      named = new Set()
      renewAt = now + windowSeconds * 1000
    }
    if (named.size >= maxNamedKeys && !named.has(key)) return consume(limiter, key.slice(0, bucketNameLength))
    named.add(key)
    return consume(limiter, key)
  }
}

function createSharedCounter(name: string, points: number, store: RateStore, log: Logger): Counter {
  const shared = store.createLimiter({
    keyPrefix: `halfkey-${name}`,
    points,
    duration: windowSeconds,
    // A key over its limit is rejected without asking the database.
    inMemoryBlockOnConsumed: points + 1,
  })
  const alone = createMemoryCounter(points)
  let retryAt = 0
  return async (key) => {
    if (Date.now() < retryAt) return alone(key)
    try {
      return await consume(shared, key)
    } catch (error) {
      const message = 'HALFKEY_RATE_LIMIT_URL does not respond; this server counts alone'
      if (Date.now() >= retryAt) log.warn({ limit: name, reason: reasonOf(error) }, message)
      retryAt = Date.now() + retryAfterMs
      return alone(key)
    }
  }
}

export function createRateLimiter<Name extends string>(parts: RateLimiterParts<Name>): RateLimiter<Name> {
  const { limits, hash, store, log } = parts
  const counters = Object.fromEntries(
    Object.entries<number>(limits).map(([name, points]) => [
      name,
      store ? createSharedCounter(name, points, store, log) : createMemoryCounter(points),
    ]),
  ) as Record<Name, Counter>
  return {
    count: (name, key) => counters[name](hash(key).toString('base64url')),
    close: async () => store?.close(),
  }
}
