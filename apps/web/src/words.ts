/** What the page says. The SDK's own words where it has them. */
import { HalfkeyError, type ErrorCode, type Link } from '@halfkey/sdk/open'

export interface Saying {
  title: string
  text: string
}

export const CHECKING: Saying = { title: 'A secret for you', text: 'Checking the link …' }
export const OPENING = 'Opening …'
export const COPIED = 'Copied.'
export const SELECTED = 'The browser didn’t let the page copy. The text is selected: copy it with the keyboard.'

export const ACKED: Saying = {
  title: 'Finished',
  text: 'You opened this secret in this tab and let it go. Neither the tab nor the address has the key any more.',
}

const times = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
})

/** `resumed`: the tab has sent this reveal before. */
export function terms(link: Link, resumed: boolean): string {
  const sentences = link.viewsLeft === 0 ? [] : [views(link)]
  if (resumed) sentences.push('You asked for it in this tab before: asking again counts as the same view.')
  return sentences.join(' ')
}

function views({ viewsLeft, expiration }: Link): string {
  const until = `until ${times.format(expiration)}`
  if (viewsLeft === null) return `It can be opened any number of times ${until}.`
  if (viewsLeft === 1) return `It can be opened once, ${until}. Then it is destroyed.`
  return `It can be opened ${viewsLeft} more times, ${until}. Then it is destroyed.`
}

export function shown(isLast: boolean, isKept: boolean): Saying {
  const reload = 'Reloading this page shows it again for about ten minutes, at no further view'
  return {
    title: 'The secret',
    text: !isKept
      ? 'Save it before you leave: this browser doesn’t let the page keep what showing it again would need.'
      : isLast
        ? `${reload}; then the server destroys it by itself. Once you have it, destroy it now.`
        : `${reload}.`,
  }
}

export function finished(isLast: boolean): Saying {
  return isLast
    ? { title: 'Destroyed', text: 'The server was told to destroy it, and this page has forgotten it.' }
    : { title: 'Done', text: 'This page has forgotten it. The views that are left are for others.' }
}

export const finishLabel = (isLast: boolean): string => (isLast ? 'Destroy now' : 'I have it')

/** Failures after which the same click may succeed. */
const passing: readonly ErrorCode[] = [
  'PASSWORD_REQUIRED',
  'PASSWORD_WRONG',
  'VALIDATION_ERROR',
  'NETWORK',
  'TIMEOUT',
  'RATE_LIMITED',
  'SERVER_ERROR',
  'UNAVAILABLE',
]

export function mayPass(error: unknown): boolean {
  return error instanceof HalfkeyError && passing.includes(error.code) && attemptsLeft(error) !== 0
}

export function explain(error: unknown, resumed = false): Saying {
  if (!(error instanceof HalfkeyError)) return { title: 'That didn’t work', text: 'The page failed. Reload it.' }
  const { code, requestId } = error
  const said = sentence(error.message)
  if (code.startsWith('LINK_')) return { title: 'This link doesn’t work', text: said }
  switch (code) {
    case 'GONE':
      return explainEnd(error, resumed)
    case 'NOT_FOUND':
      return {
        title: 'Nothing here',
        text: 'The server knows no secret for this link. It may have been removed after it ended: ask its sender.',
      }
    case 'LOCKED':
      return { title: 'Locked', text: `${said} No view was spent.` }
    case 'PASSWORD_WRONG':
      return explainWrongPassword(attemptsLeft(error))
    case 'PASSWORD_REQUIRED':
      return { title: 'It needs a password', text: 'It needs the password that its sender gave you.' }
    case 'UNSUPPORTED':
      return { title: 'It can’t be opened here', text: isSecureContext ? said : `${said} ${INSECURE}` }
    case 'WRONG_KEY':
    case 'TAMPERED':
    case 'MALFORMED':
    case 'NEWER_VERSION':
      return { title: 'It can’t be opened', text: said }
    default:
      return {
        title: 'That didn’t work',
        text: requestId === undefined ? said : `${said} The server calls this request ${requestId}.`,
      }
  }
}

const INSECURE =
  'This page came over http://. Open the same link with https:// in front, or with the halfkey command. ' +
  'No view was spent.'

function explainEnd({ details }: HalfkeyError, resumed: boolean): Saying {
  const at = new Date(String(details?.['at']))
  const when = Number.isNaN(at.getTime()) ? '' : `, on ${times.format(at)}`
  switch (details?.['cause']) {
    case 'expired':
      return {
        title: 'Expired',
        text: `Its time ran out${when}, and it was destroyed. Ask its sender to share it again.`,
      }
    case 'burned':
      return { title: 'Withdrawn', text: `Its sender destroyed it${when}.` }
    case 'locked_out':
      return {
        title: 'Destroyed',
        text: `It was destroyed after too many wrong passwords${when}. If those weren’t yours, tell the sender.`,
      }
    default:
      return resumed
        ? {
            title: 'Opened already',
            text: `It was opened, perhaps by you in this tab${when}, and can’t be shown again. If that wasn’t you, tell the sender.`,
          }
        : {
            title: 'Opened already',
            text: `Somebody opened it before you${when}. If that wasn’t you, tell the sender.`,
          }
  }
}

function explainWrongPassword(left: number | undefined): Saying {
  if (left === 0) return { title: 'Locked', text: 'That password was wrong too, and it was the last try.' }
  const tries = left === undefined ? '' : left === 1 ? ' One try is left.' : ` ${left} tries are left.`
  return { title: 'Wrong password', text: `That password is wrong.${tries} No view was spent.` }
}

function attemptsLeft({ details }: HalfkeyError): number | undefined {
  const left = details?.['attempts_left']
  return typeof left === 'number' ? left : undefined
}

const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`)
