/** What the page says of a failure, in the owner's words. */
import { HalfkeyError } from '@halfkey/sdk'
import type { OwnWords } from './page.ts'

export function explain(error: unknown, w: OwnWords): string {
  if (!(error instanceof HalfkeyError)) return w.errors.UNKNOWN
  const { code, details = {}, requestId } = error
  const named = requestId === undefined ? '' : ` ${w.requestNamed(requestId)}`
  switch (code) {
    case 'PERMISSION_DENIED':
      return typeof details['scope'] === 'string' ? w.lacksScope(details['scope']) : w.errors.PERMISSION_DENIED
    case 'VALIDATION_ERROR':
      return w.invalid(Object.keys(details).join(', '))
    case 'NETWORK':
      return navigator.onLine ? w.errors.NETWORK : w.errors.offline
    case 'SERVER_ERROR':
    case 'UNAVAILABLE':
      return w.errors[code] + named
    case 'AUTHENTICATION_ERROR':
    case 'QUOTA_EXCEEDED':
    case 'NOT_FOUND':
    case 'GONE':
    case 'CONFLICT':
    case 'RATE_LIMITED':
    case 'PAYLOAD_TOO_LARGE':
    case 'TIMEOUT':
    case 'WRONG_KEY':
    case 'TAMPERED':
    case 'MALFORMED':
    case 'NEWER_VERSION':
      return w.errors[code]
    default:
      return w.errors.UNKNOWN + named
  }
}

/** Whether a failure has to do with a field that the server names so. */
export const concernsField = (error: unknown, field: string): boolean =>
  error instanceof HalfkeyError && error.code === 'VALIDATION_ERROR' && error.details?.[field] !== undefined
