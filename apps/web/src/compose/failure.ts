import { HalfkeyError } from '@halfkey/sdk'
import type { FailureWords } from './words.ts'

/** Of a failure that is the server's, the network's or the page's own. `offline`: what to do then. */
export function explainCommon(error: unknown, words: FailureWords, offline: string): string {
  if (!(error instanceof HalfkeyError)) return words.UNKNOWN
  const { code, requestId } = error
  const named = requestId === undefined ? '' : ` ${words.requestNamed(requestId)}`
  switch (code) {
    case 'NETWORK':
      return navigator.onLine ? words.NETWORK : offline
    case 'TIMEOUT':
      return words.TIMEOUT
    case 'SERVER_ERROR':
    case 'UNAVAILABLE':
      return words[code] + named
    default:
      return words.UNKNOWN + named
  }
}
