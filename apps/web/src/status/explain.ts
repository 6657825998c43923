/** What the page says of an answer, and of failures, in the reader's words. */
import { HalfkeyError, type ReceiptStatus } from '@halfkey/sdk'
import { explainCommon } from '../compose/failure.ts'
import type { Formats } from '../i18n/formats.ts'
import type { StatusWords } from './page.ts'

export interface Saying {
  title: string
  text: string
}

interface Voice {
  words: StatusWords
  formats: Formats
}

export function explainStatus({ state, collectedAt, expiration }: ReceiptStatus, { words: w, formats }: Voice): Saying {
  const until = formats.moment(expiration)
  switch (state) {
    case 'uploading':
      return { title: w.uploadingTitle, text: w.uploading }
    case 'waiting':
      return { title: w.waitingTitle, text: w.waiting(until) }
    case 'collected':
      return { title: w.collectedTitle, text: w.collected(collectedAt ? formats.moment(collectedAt) : w.unknownTime) }
    case 'expired':
      return { title: w.expiredTitle, text: w.expired(until) }
    case 'burned':
      return { title: w.burnedTitle, text: w.burned }
  }
}

/** Whether the same may succeed later. */
export const mayPass = (error: unknown): boolean =>
  error instanceof HalfkeyError &&
  ['NETWORK', 'TIMEOUT', 'RATE_LIMITED', 'SERVER_ERROR', 'UNAVAILABLE'].includes(error.code)

export function explainFailure(error: unknown, w: StatusWords): Saying {
  const code = error instanceof HalfkeyError ? error.code : undefined
  switch (code) {
    case 'LINK_NO_FRAGMENT':
    case 'LINK_CUT_SHORT':
    case 'LINK_MISTYPED':
    case 'LINK_NEWER_VERSION':
      return { title: w.badLink, text: w[code] }
    case 'NOT_FOUND':
      return { title: w.nothingHere, text: w.NOT_FOUND }
    case 'RATE_LIMITED':
      return { title: w.failedTitle, text: w.RATE_LIMITED }
    default:
      return { title: w.failedTitle, text: explainCommon(error, w, w.offline) }
  }
}
