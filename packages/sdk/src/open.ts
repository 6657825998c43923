/** For recipients: all that a page which opens links needs, as an entry of its own. */
import { openNote } from './protocol/content.ts'
import { post } from './link/conversation.ts'
import { b64 } from './protocol/encoding.ts'
import { HalfkeyError } from './errors.ts'
import type { TransportOptions } from './transport/http.ts'
import { parseLink } from './protocol/link.ts'
import { checkOptions, SIGNAL, TEXT, transportRules, type CallOptions, type Rules } from './options.ts'
import { random } from './provider.ts'
import { boolean, date, integer, list, nullable, record, string, type Reader } from './transport/read.ts'
import { Link, REVEAL_ID, REVEAL_ID_LENGTH } from './link/reveal.ts'
import type { WireOtpType } from './wire.ts'

export type { SolveOptions } from './link/captcha.ts'
export { solveCaptcha } from './link/reveal-parts.ts'
export { HalfkeyError, type ErrorCode, type LocalErrorCode } from './errors.ts'
export { parseLink, type ParsedLink } from './protocol/link.ts'
export type { CallOptions, Progress, ProgressOptions } from './options.ts'
export type { TransportOptions } from './transport/http.ts'
export type { OpenedFile, ReadFileOptions, SaveFileOptions } from './link/opened-file.ts'
export type { Opened } from './link/opened.ts'
export type { Link, Needs, RequestCodeOptions, RevealOptions, SentCode, SolveCaptcha } from './link/reveal.ts'

/** For `openLink`. */
export interface OpenOptions extends TransportOptions, CallOptions {
  /** `link.revealId` of a reveal that was cut short, perhaps by a crash: continues it. */
  revealId?: string | undefined
}

const openRules: Rules<OpenOptions> = {
  ...transportRules,
  signal: SIGNAL,
  revealId: REVEAL_ID,
}

const readStatus = record({
  password: boolean,
  otp: nullable(record({ type: string as Reader<WireOtpType>, to: nullable(string) })),
  captcha: boolean,
  note: nullable(string),
  expiration: date,
  viewsLeft: nullable(integer),
  attemptsLeft: integer,
  files: list(record({ id: string, size: integer })),
})

/**
 * Checks a link, then asks the link's own server what a reveal will need. Spends nothing.
 *
 * @throws HalfkeyError LINK_* before anything is sent; NOT_FOUND; GONE with `details` `{cause, at}`; LOCKED; TAMPERED for a
 *   note that was changed.
 *
 * @example
 * ```ts
 * const link = await openLink(secret.shareUrl)
 * console.log(link.note, link.needs.password)
 * ```
 */
export async function openLink(shareUrl: string, options: OpenOptions = {}): Promise<Link> {
  checkOptions(options, openRules, { shareUrl: [shareUrl, TEXT] })
  const { revealId = b64(await random(REVEAL_ID_LENGTH)), signal, ...transport } = options
  const link = await parseLink(shareUrl)
  try {
    const { note, ...status } = readStatus(await post(link, transport, 'status', {}, signal))
    const opened = note === null ? undefined : await openNote(link.keyB, link.slug, note)
    return new Link({ link, transport, revealId, status: { ...status, note: opened } })
  } catch (error) {
    // A recorded reveal can be repeated even after its secret ended or was locked (claim C6): only the reveal can tell.
    const code = options.revealId !== undefined && error instanceof HalfkeyError ? error.code : undefined
    if (code !== 'GONE' && code !== 'LOCKED') throw error
    return new Link({ link, transport, revealId, status: closedStatus(error as HalfkeyError) })
  }
}

function closedStatus({ details }: HalfkeyError) {
  const expiration = details ? date(details['at']) : new Date(NaN)
  const needs = { password: null, otp: null, captcha: false }
  return { ...needs, note: undefined, expiration, viewsLeft: 0, attemptsLeft: 0, files: [] }
}
