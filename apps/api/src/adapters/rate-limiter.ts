/** Counts requests in windows of a minute: in this process, or in a database where several servers count together. */
import type { Logger } from 'pino'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { RateStore } from './rate-store.ts'
import { reasonOf } from './rate-store.ts'

export const windowSeconds = 60

export interface Count {
  allowed: boolean
  /** Requests that a key may make in a window. */
  limit: number
  remaining: number
  /** Until the key's window ends. */
  resetMs: number
}

export interface RateLimiter<Name extends string> {
  /** Counts one request of `key`. Never rejects: without its database this process counts alone. */
  count(name: Name, key: string): Promise<Count>
  close(): Promise<void>
}

export interface RateLimiterParts<Name extends string> {
  limits: Record<Name, number>
  /** Keyed and the same on all servers: keys stay out of the database, and nobody can choose a bucket. */
  hash: (key: string) => Buffer
  /** null: this process counts alone. */
  store: RateStore | null
  log: Logger
}

type Counter = (key: string) => Promise<Count>

/** Keys that a limit counts by name; newcomers past that share buckets, so that a flood of them costs bounded memory. */
const mostNamed = 50_000
/** Characters of 6 bits: 4096 buckets. */
const bucketNameLength = 2
/** How long a database that failed isn't asked again. */
const restMs = 5000

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
    if (named.size >= mostNamed && !named.has(key)) return consume(limiter, key.slice(0, bucketNameLength))
    named.add(key)
    return consume(limiter, key)
  }
}

function createSharedCounter(name: string, points: number, store: RateStore, log: Logger): Counter {
  const shared = store.createLimiter({
    keyPrefix: `halfkey-${name}`,
    points,
    duration: windowSeconds,
    // Once over its limit, a key is refused without asking the database.
    inMemoryBlockOnConsumed: points + 1,
  })
  const alone = createMemoryCounter(points)
  let restUntil = 0
  return async (key) => {
    if (Date.now() < restUntil) return alone(key)
    try {
      return await consume(shared, key)
    } catch (error) {
      const message = 'HALFKEY_RATE_LIMIT_URL does not answer: this server counts alone'
      if (Date.now() >= restUntil) log.warn({ limit: name, reason: reasonOf(error) }, message)
      restUntil = Date.now() + restMs
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
