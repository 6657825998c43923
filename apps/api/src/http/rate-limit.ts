/** Rate limits: what is counted for whom, and the headers of the reply. */
import { windowSeconds } from '../adapters/rate-limiter.ts'
import { networksAround } from '../domain/addresses.ts'
import type { Token } from '../domain/tokens/token.ts'
import type { Context, Deps } from './context.ts'
import { callerAddress, callerOf } from './context.ts'
import { ApiError } from './errors.ts'
import type { AddressLimit, LimitName, TokenLimit, Width } from './limit-names.ts'
import { widths } from './limit-names.ts'

/**
 * Counts a request, and sets its RateLimit headers (draft-ietf-httpapi-ratelimit-headers-10). Once one limit is exceeded,
 * wider ones aren't counted, so that one caller can't use up the limit that its neighbors share.
 *
 * @throws ApiError RATE_LIMITED with Retry-After
 */
async function countRequest(c: Context, { rateLimiter }: Deps, keys: [LimitName, string][]): Promise<void> {
  if (!rateLimiter) return
  for (const [index, [name, key]] of keys.entries()) {
    const { allowed, limit, remaining, resetMs } = await rateLimiter.count(name, key)
    if (allowed && index > 0) continue
    const seconds = String(Math.max(1, Math.ceil(resetMs / 1000)))
    c.set('rateLimit', {
      'RateLimit-Policy': `"${name}";q=${limit};w=${windowSeconds}`,
      RateLimit: `"${name}";r=${remaining};t=${seconds}`,
    })
    if (!allowed) throw new ApiError('RATE_LIMITED', { limit: name, maximum: limit }, { 'Retry-After': seconds })
  }
}

/** Counts by the caller's networks; all unknown callers share one count. */
async function countAddress(c: Context, deps: Deps, name: AddressLimit): Promise<void> {
  if (!deps.rateLimiter) return
  const address = callerAddress(c, deps)
  const networks = address === null ? ['unknown'] : networksAround(address)
  const names = (Object.keys(widths) as Width[]).map((width): LimitName => `${name}${width}`)
  await countRequest(
    c,
    deps,
    networks.map((network, index) => [names[index] ?? name, network]),
  )
}

const countToken = (c: Context, deps: Deps, name: TokenLimit, { id }: Token): Promise<void> =>
  countRequest(c, deps, [[name, id]])

/** Counts by address. The first rejection of a burst is logged later. */
async function countAndLog(
  c: Context,
  deps: Deps,
  name: AddressLimit,
  type: 'denied' | 'request.refused' = 'denied',
): Promise<void> {
  try {
    await countAddress(c, deps, name)
  } catch (refusal) {
    deps.denials.addFirst(c.req.param('slug') ?? '', 'RATE_LIMITED', callerOf(c, deps), type)
    throw refusal
  }
}

/**
 * Limits status, code and reveal calls, before anything is looked up, so that the result reveals nothing about a slug
 * (spec/protocol.md, claim C3).
 */
export const limitOpening = (c: Context, deps: Deps): Promise<void> => countAndLog(c, deps, 'open')

/** Limits looks at requests, and answers, in the same way: the first with the openings, the others with the creates. */
export const limitLooking = (c: Context, deps: Deps): Promise<void> => countAndLog(c, deps, 'open', 'request.refused')
export const limitAnswering = (c: Context, deps: Deps): Promise<void> =>
  countAndLog(c, deps, 'create', 'request.refused')

/**
 * Limits calls without valid proof, and calls that need none, unless they were already counted. Callers with valid proof
 * are never limited because of others at the same address: an acknowledgment must not be lost.
 */
export async function limitUnproven(c: Context, deps: Deps): Promise<void> {
  if (!c.get('rateLimit')) await countAndLog(c, deps, 'unproven')
}

/** Limits creates by token, or by address without one. */
export const limitCreating = (c: Context, deps: Deps, token: Token | null): Promise<void> =>
  token ? countToken(c, deps, 'create-by-token', token) : countAddress(c, deps, 'create')

/** Limits reveals of named secrets by address, before the token is looked up. */
export const limitKmsReveals = (c: Context, deps: Deps): Promise<void> => countAddress(c, deps, 'kms-reveal')

export const limitKmsRevealsOf = (c: Context, deps: Deps, token: Token): Promise<void> =>
  countToken(c, deps, 'kms-reveal-by-token', token)
