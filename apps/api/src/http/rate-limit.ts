/** Rate limits: who is counted for what, and what a reply says of it. */
import { windowSeconds } from '../adapters/rate-limiter.ts'
import { networksAround } from '../domain/policies/network.ts'
import type { Token } from '../domain/tokens/token.ts'
import type { Context, Deps } from './context.ts'
import { callerAddress, callerOf } from './context.ts'
import { ApiError } from './errors.ts'
import type { AddressLimit, LimitName, TokenLimit, Width } from './limit-names.ts'
import { widths } from './limit-names.ts'

/**
 * Counts a request, for its reply's RateLimit headers (draft-ietf-httpapi-ratelimit-headers-10), or refuses it. Past
 * one of the limits the next ones aren't counted, so that nobody uses up what its neighbours share.
 *
 * @throws ApiError RATE_LIMITED with Retry-After.
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

/** By the caller's networks; all unknown callers together. */
function countAddress(c: Context, deps: Deps, name: AddressLimit): Promise<void> {
  const address = callerAddress(c, deps)
  const networks = address === null ? ['unknown'] : networksAround(address)
  const names = (Object.keys(widths) as Width[]).map((width): LimitName => `${name}${width}`)
  return countRequest(
    c,
    deps,
    networks.map((network, index) => [names[index] ?? name, network]),
  )
}

const countToken = (c: Context, deps: Deps, name: TokenLimit, { id }: Token): Promise<void> =>
  countRequest(c, deps, [[name, id]])

/** Of what is refused the first of a burst goes into the log later. */
async function countOrTell(c: Context, deps: Deps, name: AddressLimit): Promise<void> {
  try {
    await countAddress(c, deps, name)
  } catch (refusal) {
    deps.denials.addFirst(c.req.param('slug') ?? '', 'RATE_LIMITED', callerOf(c, deps))
    throw refusal
  }
}

/**
 * Status, code and reveal calls. Comes before anything is looked up, so that its verdict tells nothing of a slug
 * (spec/protocol.md, claim C3).
 */
export const limitOpening = (c: Context, deps: Deps): Promise<void> => countOrTell(c, deps, 'open')

/**
 * Calls that turned out to show no right proof, and calls that need none, unless something counted them before. Whoever
 * has the proof never pays for others at the same address: an acknowledgement must not be lost.
 */
export async function limitUnproven(c: Context, deps: Deps): Promise<void> {
  if (!c.get('rateLimit')) await countOrTell(c, deps, 'unproven')
}

/** Creates, by token, or by address where there is none. */
export const limitCreating = (c: Context, deps: Deps, token: Token | null): Promise<void> =>
  token ? countToken(c, deps, 'create-by-token', token) : countAddress(c, deps, 'create')

/** Reveals of named secrets, by address: before the token is looked up. */
export const limitKmsReveals = (c: Context, deps: Deps): Promise<void> => countAddress(c, deps, 'kms-reveal')

export const limitKmsRevealsOf = (c: Context, deps: Deps, token: Token): Promise<void> =>
  countToken(c, deps, 'kms-reveal-by-token', token)
