/** What the services' errors have in common: whose fault a failure is, and what the operator is told of it. */
import { HalfkeyError } from '@halfkey/sdk'

export type Log = (problem: string) => void

/** A service's refusals, and how it names what failed at the Halfkey server or on the way there. */
export interface Refusals<R extends Error> {
  isRefusal: (error: unknown) => error is R
  refusalOf: (error: HalfkeyError) => R
  /** For whatever is the bridge's own fault. */
  unexpected: () => R
  /** Whether the failure is the caller's, and no news to the operator. */
  isCallers: (error: HalfkeyError, refusal: R) => boolean
}

/** The refusal for an error. What isn't the caller's fault is also logged, without anything of the request. */
export function refusalFor<R extends Error>(error: unknown, refusals: Refusals<R>, log: Log): R {
  if (refusals.isRefusal(error)) return error
  if (!(error instanceof HalfkeyError)) {
    log(error instanceof Error ? `${error.name}: ${error.stack ?? ''}` : 'something was thrown that is no error')
    return refusals.unexpected()
  }
  const refusal = refusals.refusalOf(error)
  if (!refusals.isCallers(error, refusal)) log(`${error.code}: ${error.message}`)
  return refusal
}

/** After these nobody knows whether the server did what it was asked. */
export const isUnanswered = (error: unknown): error is HalfkeyError =>
  error instanceof HalfkeyError &&
  ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'SERVER_ERROR', 'MALFORMED'].includes(error.code)
