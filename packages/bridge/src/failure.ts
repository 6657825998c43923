/** Error handling that all services share: whether a failure is the caller's, and what to log. */
import { HalfkeyError } from '@halfkey/sdk'

export type Log = (problem: string) => void

/** How a service presents errors of the Halfkey server and of the bridge. */
interface Refusals<R extends Error> {
  isRefusal: (error: unknown) => error is R
  refusalOf: (error: HalfkeyError) => R
  /** For errors of the bridge itself. */
  unexpected: () => R
  /** Whether the caller caused the failure, so that it isn't logged. */
  isCallers: (error: HalfkeyError, refusal: R) => boolean
}

/** Turns any error into a service's refusal. Logs it, without any data of the request, unless the caller caused it. */
export const createToRefusal =
  <R extends Error>({ isRefusal, refusalOf, unexpected, isCallers }: Refusals<R>) =>
  (error: unknown, log: Log): R => {
    if (isRefusal(error)) return error
    if (!(error instanceof HalfkeyError)) {
      log(error instanceof Error ? `${error.name}: ${error.stack ?? ''}` : 'something other than an Error was thrown')
      return unexpected()
    }
    const refusal = refusalOf(error)
    if (!isCallers(error, refusal)) log(`${error.code}: ${error.message}`)
    return refusal
  }

/** After these errors it is unknown whether the server has processed the request. */
export const isUnanswered = (error: unknown): error is HalfkeyError =>
  error instanceof HalfkeyError &&
  ['NETWORK', 'TIMEOUT', 'UNAVAILABLE', 'SERVER_ERROR', 'MALFORMED'].includes(error.code)
