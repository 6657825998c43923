/** What the page says of a failure, in the reader's words. */
import { HalfkeyError } from '@halfkey/sdk'
import { explainCommon } from '../compose/failure.ts'
import type { Formats } from '../i18n/formats.ts'
import type { AskWords } from './page.ts'

export interface Saying {
  title: string
  text: string
}

interface Voice {
  words: AskWords
  formats: Formats
}

/** Whether the same may succeed later. */
export const mayPass = (error: unknown): boolean =>
  error instanceof HalfkeyError &&
  ['NETWORK', 'TIMEOUT', 'RATE_LIMITED', 'SERVER_ERROR', 'UNAVAILABLE'].includes(error.code)

/** @param offline  what to do without a network */
export function explain(error: unknown, voice: Voice, offline: string): Saying {
  const { words: w } = voice
  const { code, details } = error instanceof HalfkeyError ? error : {}
  switch (code) {
    case 'LINK_NO_FRAGMENT':
    case 'LINK_CUT_SHORT':
    case 'LINK_MISTYPED':
    case 'LINK_NEWER_VERSION':
      return { title: w.badLink, text: w[code] }
    case 'GONE':
      return explainGone(details, voice)
    case 'NOT_FOUND':
      return { title: w.nothingHere, text: w.NOT_FOUND }
    case 'TAMPERED':
    case 'MALFORMED':
      return { title: w.dontAnswer, text: w[code] }
    case 'PERMISSION_DENIED':
      return { title: w.offTitle, text: w.off }
    case 'UNSUPPORTED':
      return { title: w.unsupported, text: isSecureContext ? w.oldBrowser : w.insecure }
    case 'RATE_LIMITED':
    case 'QUOTA_EXCEEDED':
      return { title: w.failedTitle, text: w[code] }
    default:
      return { title: w.failedTitle, text: explainCommon(error, w, offline) }
  }
}

function explainGone(details: HalfkeyError['details'], { words: w, formats }: Voice): Saying {
  const at = new Date(String(details?.['at']))
  const when = Number.isNaN(at.getTime()) ? w.unknownTime : formats.moment(at)
  switch (details?.['cause']) {
    case 'answered':
      return { title: w.answeredTitle, text: w.answered(when) }
    case 'withdrawn':
      return { title: w.withdrawnTitle, text: w.withdrawn(when) }
    default:
      return { title: w.expiredTitle, text: w.expired(when) }
  }
}
