/** Rate limits: who is counted for what, and what a reply says of it. */
import { isIPv6 } from 'node:net'
import type { Config } from '../config.ts'
import { windowSeconds } from '../adapters/rate-limiter.ts'
import { groupsOf } from '../domain/policies/network.ts'
import type { Token } from '../domain/tokens/token.ts'
import type { Context, Deps } from './context.ts'
import { callerAddress, callerOf } from './context.ts'
import { ApiError } from './errors.ts'

export type LimitName = 'create' | 'create-by-token' | 'open' | 'kms-reveal' | 'kms-reveal-by-token'

const perToken = 10

/** Requests in a window, of one address or one token. */
export const rateLimits = (config: Config): Record<LimitName, number> => ({
  create: config.HALFKEY_RATE_CREATE,
  'create-by-token': config.HALFKEY_RATE_CREATE * perToken,
  open: config.HALFKEY_RATE_OPEN,
  'kms-reveal': config.HALFKEY_RATE_KMS_REVEAL,
  'kms-reveal-by-token': config.HALFKEY_RATE_KMS_REVEAL * perToken,
})

/** An IPv4 address, an IPv6 /64 (the least that one subscriber has: RFC 6177), or all unknown callers together. */
function networkOf(address: string | null): string {
  if (address === null) return 'unknown'
  return isIPv6(address) ? groupsOf(address).slice(0, 4).join(':') : address
}

/**
 * Counts a request, for its reply's RateLimit headers (draft-ietf-httpapi-ratelimit-headers-10), or refuses it. Comes
 * before anything is looked up, so that its verdict tells nothing of a slug (spec/protocol.md, claim C3).
 *
 * @throws ApiError RATE_LIMITED with Retry-After.
 */
async function countRequest(c: Context, { rateLimiter }: Deps, name: LimitName, key: string): Promise<void> {
  if (!rateLimiter) return
  const { allowed, limit, remaining, resetMs } = await rateLimiter.count(name, key)
  const seconds = String(Math.max(1, Math.ceil(resetMs / 1000)))
  c.set('rateLimit', {
    'RateLimit-Policy': `"${name}";q=${limit};w=${windowSeconds}`,
    RateLimit: `"${name}";r=${remaining};t=${seconds}`,
  })
  if (!allowed) throw new ApiError('RATE_LIMITED', { limit: name, maximum: limit }, { 'Retry-After': seconds })
}

/** Status, code and reveal calls, by address. Of those refused the first of a burst goes into the log later. */
export async function limitOpening(c: Context, deps: Deps): Promise<void> {
  try {
    await countRequest(c, deps, 'open', networkOf(callerAddress(c, deps)))
  } catch (refusal) {
    deps.denials.addFirst(c.req.param('slug') ?? '', 'RATE_LIMITED', callerOf(c, deps))
    throw refusal
  }
}

/** Creates, by token, or by address where there is none. */
export const limitCreating = (c: Context, deps: Deps, token: Token | null): Promise<void> =>
  token
    ? countRequest(c, deps, 'create-by-token', token.id)
    : countRequest(c, deps, 'create', networkOf(callerAddress(c, deps)))

/** Reveals of named secrets, by address: before the token is looked up. */
export const limitKmsReveals = (c: Context, deps: Deps): Promise<void> =>
  countRequest(c, deps, 'kms-reveal', networkOf(callerAddress(c, deps)))

export const limitKmsRevealsOf = (c: Context, deps: Deps, token: Token): Promise<void> =>
  countRequest(c, deps, 'kms-reveal-by-token', token.id)
