/**
 * Proof of work for a captcha, ALTCHA's scheme (spec/captcha.md): a challenge bound to a slug, which expires and is used
 * once. Nobody's server but this one is asked.
 */
import { createHash } from 'node:crypto'
import type { WireChallenge } from '@halfkey/sdk'
import { createChallenge, extractParams, verifySolution } from 'altcha-lib/v1'
import type { Clock } from './clock.ts'
import type { ServerKey } from '../domain/server-key.ts'

export interface Captcha {
  challenge(slug: string): Promise<WireChallenge>
  /** The solution's id and expiry for the store to use up, or `wrong`. */
  verify(slug: string, solution: string): Promise<{ id: Buffer; expiresAt: number } | 'wrong'>
}

const lifeMs = 600_000

type Solution = Omit<WireChallenge, 'maxnumber'> & { number: number }

/** `cost`: SHA-256 hashes that a solution takes at most; half of them on average. */
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

/** The base64 JSON of a solution, or null for anything else. */
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
