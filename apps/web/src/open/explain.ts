/** What the page says of a failure, in the reader's words. */
import { HalfkeyError } from '@halfkey/sdk/open'
import type { Formats } from '../i18n/formats.ts'
import { attemptsLeft, mayPass } from './conversation.ts'
import type { OpenWords } from './page.ts'

export interface Saying {
  title: string
  text: string
}

export interface Voice {
  words: OpenWords
  formats: Formats
}

/** Of a failure that ends it. `resumed`: the tab had sent this reveal before. */
export function explainEnd(error: unknown, { words: w, formats }: Voice, resumed: boolean): Saying {
  if (!(error instanceof HalfkeyError)) return { title: w.failedTitle, text: w.UNKNOWN }
  const { code } = error
  switch (code) {
    case 'LINK_NO_FRAGMENT':
    case 'LINK_CUT_SHORT':
    case 'LINK_MISTYPED':
    case 'LINK_NEWER_VERSION':
    case 'LINK_WRONG_KIND':
      return { title: w.badLink, text: unspent(w[code], w) }
    case 'GONE':
      return explainGone(error, { words: w, formats }, resumed)
    case 'NOT_FOUND':
      return { title: w.nothingHere, text: w.NOT_FOUND }
    case 'LOCKED':
      return { title: w.lockedTitle, text: unspent(w.LOCKED, w) }
    case 'PASSWORD_WRONG':
    case 'OTP_WRONG':
      return { title: w.lockedTitle, text: w.lastTry }
    case 'IP_DENIED':
    case 'GEO_DENIED':
    case 'WRONG_REGION':
      return { title: w.notHere, text: unspent(w[code], w) }
    case 'WRONG_KEY':
    case 'TAMPERED':
    case 'MALFORMED':
    case 'NEWER_VERSION':
      return { title: w.cantOpen, text: w[code] }
    case 'UNSUPPORTED':
      return { title: w.unsupported, text: explainUnsupported(w) }
    default:
      return { title: w.failedTitle, text: explainPassing(error, w) }
  }
}

/** Of a failure after which the same click may succeed. */
export function explainPassing(error: unknown, w: OpenWords): string {
  if (!(error instanceof HalfkeyError)) return w.UNKNOWN
  const { code, requestId } = error
  const named = requestId === undefined ? '' : ` ${w.requestNamed(requestId)}`
  switch (code) {
    case 'PASSWORD_REQUIRED':
    case 'OTP_REQUIRED':
      return w[code]
    case 'PASSWORD_WRONG':
    case 'OTP_WRONG': {
      const left = attemptsLeft(error)
      return unspent(left === undefined ? w[code] : `${w[code]} ${w.triesLeft(left)}`, w)
    }
    case 'VALIDATION_ERROR':
      return w.invalidPassword
    case 'CAPTCHA_REQUIRED':
    case 'CAPTCHA_WRONG':
      return unspent(w.CAPTCHA_WRONG, w)
    case 'NETWORK':
      return navigator.onLine ? w.NETWORK : w.offline
    case 'TIMEOUT':
    case 'RATE_LIMITED':
      return w[code]
    case 'SERVER_ERROR':
    case 'UNAVAILABLE':
      return w[code] + named
    default:
      return w.UNKNOWN + named
  }
}

const unspent = (text: string, w: OpenWords): string => `${text} ${w.spentNothing}`

const explainUnsupported = (w: OpenWords): string =>
  'subtle' in crypto ? w.UNSUPPORTED : unspent(isSecureContext ? w.oldBrowser : w.insecure, w)

function explainGone({ details }: HalfkeyError, { words: w, formats }: Voice, resumed: boolean): Saying {
  const at = new Date(String(details?.['at']))
  const when = Number.isNaN(at.getTime()) ? w.unknownTime : formats.moment(at)
  switch (details?.['cause']) {
    case 'expired':
      return { title: w.expiredTitle, text: w.expired(when) }
    case 'burned':
      return { title: w.burnedTitle, text: w.burned(when) }
    case 'locked_out':
      return { title: w.lockedOutTitle, text: w.lockedOut(when) }
    default:
      return { title: w.viewedTitle, text: resumed ? w.viewedHere(when) : w.viewed(when) }
  }
}

/** Of a code that wasn't sent. */
export function explainCode(error: unknown, w: OpenWords): string {
  if (error instanceof HalfkeyError && error.code === 'RATE_LIMITED') return w.tooManyCodes
  return mayPass(error) ? explainPassing(error, w) : w.codeNotSent
}
