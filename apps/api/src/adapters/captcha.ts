/**
 * Proof-of-work captchas in ALTCHA's format (spec/captcha.md): challenges are bound to a slug, expire, and can be used
 * once. No other server is involved.
 */
import { createHash } from 'node:crypto'
import type { WireChallenge } from '@halfkey/sdk'
import { createChallenge, extractParams, verifySolution } from 'altcha-lib/v1'
import type { Clock } from './clock.ts'
import type { ServerKey } from '../domain/server-key.ts'

export interface Captcha {
  challenge(slug: string): Promise<WireChallenge>
  /** Resolves to the solution's id and expiry, which the store marks as used, or to `wrong`. */
  verify(slug: string, solution: string): Promise<{ id: Buffer; expiresAt: number } | 'wrong'>
}

const lifeMs = 600_000

type Solution = Omit<WireChallenge, 'maxnumber'> & { number: number }

/** @param cost  the maximum number of SHA-256 hashes for a solution; on average half as many */
export function createCaptcha(serverKey: ServerKey, clock: Clock, cost: number): Captcha {
  const hmacKey = serverKey.mac('captcha').toString('hex')
  return {
    async challenge(slug) {
      const expires = new Date(clock.now() + lifeMs)
      const { challenge, salt, signature } = await createChallenge({
        hmacKey,
        maxnumber: cost,
        expires,
        params: { slug },
      })
      return { algorithm: 'SHA-256', challenge, maxnumber: cost, salt, signature }
    },

    async verify(slug, solution) {
      const solved = parseSolution(solution)
      if (!solved || !(await verifySolution(solved, hmacKey, false))) return 'wrong'
      const { slug: boundTo, expires } = extractParams(solved)
      const expiresAt = Number(expires) * 1000
      if (boundTo !== slug || !(expiresAt > clock.now())) return 'wrong'
      return { id: createHash('sha256').update(solved.signature).digest(), expiresAt }
    },
  }
}

/** Parses the base64 JSON of a solution; null if it is invalid. */
function parseSolution(solution: string): Solution | null {
  try {
    const { algorithm, challenge, number, salt, signature } = JSON.parse(atob(solution)) as Record<string, unknown>
    const texts = typeof challenge === 'string' && typeof salt === 'string' && typeof signature === 'string'
    if (algorithm !== 'SHA-256' || !texts || !Number.isSafeInteger(number)) return null
    return { algorithm, challenge, number: number as number, salt, signature }
  } catch {
    return null
  }
}
