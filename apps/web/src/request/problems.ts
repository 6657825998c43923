/** What keeps a request from being made, in the asker's words, by the control that it is shown at. */
import { HalfkeyError } from '@halfkey/sdk'
import { explainCommon } from '../compose/failure.ts'
import type { RequestWords } from './page.ts'

export type FieldName = 'note' | 'until' | 'size' | 'notify' | 'token'

/** By the names of the SDK's options. */
const FIELDS: Record<string, FieldName> = {
  message: 'note',
  hours: 'until',
  'answer.hours': 'until',
  'answer.maxBytes': 'size',
  notify: 'notify',
  token: 'token',
}

/** The control that is to blame for a failure; undefined: none. */
export function fieldOf(error: unknown): FieldName | undefined {
  if (!(error instanceof HalfkeyError)) return undefined
  const { code, details = {} } = error
  switch (code) {
    case 'VALIDATION_ERROR':
      return Object.keys(details).flatMap((name) => FIELDS[name] ?? [])[0]
    case 'AUTHENTICATION_ERROR':
      return 'token'
    case 'PERMISSION_DENIED':
      return details['rule'] === 'requests_off' ? undefined : 'token'
    default:
      return undefined
  }
}

export function explain(error: unknown, w: RequestWords): string {
  const { code, details } = error instanceof HalfkeyError ? error : {}
  switch (code) {
    case 'VALIDATION_ERROR': {
      const field = fieldOf(error)
      return field === undefined ? w.UNKNOWN : w.wrong[field]
    }
    case 'AUTHENTICATION_ERROR':
      return w.wrong.token
    case 'PERMISSION_DENIED':
      return details?.['rule'] === 'requests_off' ? w.off : w.tokenDenied
    case 'RATE_LIMITED':
    case 'QUOTA_EXCEEDED':
      return w[code]
    default:
      return explainCommon(error, w, w.offline)
  }
}
