/** For recipients: all that a page which opens links needs, as an entry of its own. */
import { parseLink } from './protocol/link.ts'
import { checkOptions, SIGNAL, TEXT, transportRules, type Rules } from './options.ts'
import { REVEAL_ID, type Link } from './link/reveal.ts'
import { openParsedLink, type OpenOptions } from './link/status.ts'

export type { SolveOptions } from './link/captcha.ts'
export { solveCaptcha } from './link/reveal-parts.ts'
export { HalfkeyError, type ErrorCode, type LocalErrorCode } from './errors.ts'
export { parseLink, type ParsedLink } from './protocol/link.ts'
export type { CallOptions, Progress, ProgressOptions } from './options.ts'
export type { TransportOptions } from './transport/http.ts'
export type { OpenedFile, ReadFileOptions, SaveFileOptions } from './link/opened-file.ts'
export type { Opened } from './link/opened.ts'
export type { OpenOptions } from './link/status.ts'
export type { Link, Needs, RequestCodeOptions, RevealOptions, SentCode, SolveCaptcha } from './link/reveal.ts'

const openRules: Rules<OpenOptions> = {
  ...transportRules,
  signal: SIGNAL,
  revealId: REVEAL_ID,
}

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
  return openParsedLink(await parseLink(shareUrl), options)
}
