/** The first step of a recipient's conversation: what a reveal will need. */
import { HalfkeyError } from '../errors.ts'
import { openNote } from '../protocol/content.ts'
import { b64 } from '../protocol/encoding.ts'
import { random } from '../provider.ts'
import type { CallOptions } from '../options.ts'
import type { TransportOptions } from '../transport/http.ts'
import { boolean, date, integer, list, nullable, record, string, type Reader } from '../transport/read.ts'
import type { WireOtpType } from '../wire.ts'
import { post, type LinkAccess } from './conversation.ts'
import { Link, REVEAL_ID_LENGTH } from './reveal.ts'

/** For `openLink`. */
export interface OpenOptions extends TransportOptions, CallOptions {
  /** `link.revealId` of a reveal that was cut short, perhaps by a crash: continues it. */
  revealId?: string | undefined
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

/** Asks the link's server for its status, which spends nothing. @throws HalfkeyError as `openLink`, but for LINK_*. */
export async function openParsedLink(link: LinkAccess, options: OpenOptions): Promise<Link> {
  const { revealId = b64(await random(REVEAL_ID_LENGTH)), signal, ...transport } = options
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
