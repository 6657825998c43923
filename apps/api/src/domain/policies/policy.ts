/**
 * A policy is a pure rule: from what is known of the secret and of the request, at one moment, either nothing or the
 * reason to refuse. The store asks inside the write that would spend the view, and enforces there what can race.
 */
import type { WireErrorCode } from '@halfkey/sdk'
import type { Secret } from '../secrets/secret.ts'

export interface Denial {
  code: WireErrorCode
  details?: Record<string, unknown>
}

/** What a caller showed, compared with what the secret asks for. */
export type Evidence = 'right' | 'missing' | 'wrong'

export interface Facts {
  secret: Secret
  /** How the password proof compares with the verifier; `right` if there is no password. */
  proof: Evidence
  /** The captcha's solution; `right` if none is asked for. */
  captcha: Evidence
  /** The one-time code; `right` if none is asked for. */
  otp: Evidence
  /** null: unknown, and then no list holds it. */
  ip: string | null
  /** ISO 3166-1 alpha-2; null: unknown. */
  country: string | null
  now: number
}

export type Policy = (facts: Facts) => Denial | null

export const gone = (cause: string, at: number): Denial => ({
  code: 'GONE',
  details: { cause, at: new Date(at).toISOString() },
})
