import { b58, unb58, type Bytes } from './encoding.ts'
import { HalfkeyError, throwIfInvalid, type LocalErrorCode } from '../errors.ts'
import { hkdf, KEY_LENGTH, verifierOf } from './keys.ts'

const VERSION = '1'
const KEY_CHARS = 44
const SLUG_BYTES = 9
const SLUG_CHARS = 13

/**
 * What `keyB` (32 bytes) says about its secret (spec/protocol.md section 3).
 *
 * @returns `access`, which the recipient's calls send, and `accessVerifier`, which the server keeps, 32 bytes each;
 *   `slug`, 13 characters of base 58
 */
export async function deriveLink(keyB: Bytes): Promise<{ access: Bytes; accessVerifier: Bytes; slug: string }> {
  const access = await (await hkdf(keyB))('', 'halfkey/v1 access')
  const accessVerifier = await verifierOf(access)
  return { access, accessVerifier, slug: b58(accessVerifier.subarray(0, SLUG_BYTES), SLUG_CHARS) }
}

/** `base` is an origin, with a path prefix if need be, without a trailing slash. */
export function formatLink(base: string, slug: string, keyB: Bytes): string {
  return `${base}/${slug}#${VERSION}${b58(keyB, KEY_CHARS)}`
}

/** A share link's parts. */
export interface ParsedLink {
  /** Origin and path prefix of the server, without a trailing slash. */
  base: string
  /** 13 characters of base 58. */
  slug: string
  /** 32 bytes: the half of the key that no server sees. */
  keyB: Bytes
  /** 32 bytes, derived from `keyB`: shows the server that the caller holds the link. */
  access: Bytes
}

/**
 * Reads a share link and checks it against itself, without a request. What chats and mail programs do to links is forgiven
 * (spec/protocol.md section 3): text and punctuation around it, white space and invisible characters anywhere, an escaped
 * `#`, a query, extra slashes.
 *
 * @throws HalfkeyError LINK_WRONG_KIND with `details.kind` `ask`, `collect` or `status`; LINK_NO_FRAGMENT,
 *   LINK_CUT_SHORT, LINK_NEWER_VERSION or LINK_MISTYPED.
 *
 * @example
 * ```ts
 * import { parseLink } from '@halfkey/sdk'
 *
 * const { base, slug } = await parseLink(secret.shareUrl)
 * console.log(base, slug)
 * ```
 */
export async function parseLink(text: string): Promise<ParsedLink> {
  if (typeof text !== 'string') throwIfInvalid({ shareUrl: ['must be text'] })
  const { url, fragment } = readLink(text)
  const folders = url?.pathname.split('/').filter((folder) => folder !== '') ?? []
  const slug = folders.pop()
  const kind = folders.at(-1)
  if (kind && /^(ask|collect|status)$/.test(kind)) {
    throw new HalfkeyError(
      'LINK_WRONG_KIND',
      `This kind of link (${kind}) doesn't open a secret. Ask the sender for the share link.`,
      { details: { kind } },
    )
  }

  if (fragment === '') throw refused('LINK_NO_FRAGMENT')
  if (!fragment.startsWith(VERSION)) {
    throw refused(unb58(fragment.charAt(0), 1, 1) ? 'LINK_NEWER_VERSION' : 'LINK_MISTYPED')
  }
  const digits = fragment.slice(VERSION.length)
  if (digits.length < KEY_CHARS) throw refused('LINK_CUT_SHORT')
  const keyB = unb58(digits, KEY_CHARS, KEY_LENGTH)
  if (!keyB || !url) throw refused('LINK_MISTYPED')

  const derived = await deriveLink(keyB)
  if (derived.slug !== slug) throw refused('LINK_MISTYPED')
  return { base: [url.origin, ...folders].join('/'), slug, keyB, access: derived.access }
}

/** A link's two halves, whatever its kind. `url` is null where there is no address. */
function readLink(text: string): { url: URL | null; fragment: string } {
  let link = text.replace(/[\p{White_Space}\p{Cf}]/gu, '')
  link = link.slice(Math.max(link.search(/https?:\/\//i), 0)).replaceAll('&#35;', '#')
  if (!link.includes('#')) link = link.replace('%23', '#')
  const [address = '', rest = ''] = link.split('#', 2)
  const [fragment = ''] = /^[A-Za-z\d]*/.exec(rest) ?? []
  const url = /^http/i.test(address) && URL.canParse(address) ? new URL(address) : null
  return { url, fragment }
}

type LinkErrorCode = Exclude<Extract<LocalErrorCode, `LINK_${string}`>, 'LINK_WRONG_KIND'>

const UNSPENT = "This didn't use up an opening."
const COPY_AGAIN = 'Copy the whole link again, or ask the sender for it.'

function refused(code: LinkErrorCode): HalfkeyError {
  // Whole sentences where the error is made: the pages, which have words of their own, leave these out.
  switch (code) {
    case 'LINK_NO_FRAGMENT':
      return new HalfkeyError(
        'LINK_NO_FRAGMENT',
        `The link is incomplete: the part after # is missing. ${UNSPENT} ${COPY_AGAIN}`,
      )
    case 'LINK_CUT_SHORT':
      return new HalfkeyError('LINK_CUT_SHORT', `The link was cut short. ${UNSPENT} ${COPY_AGAIN}`)
    case 'LINK_MISTYPED':
      return new HalfkeyError('LINK_MISTYPED', `The link was mistyped, or changed on the way. ${UNSPENT} ${COPY_AGAIN}`)
    case 'LINK_NEWER_VERSION':
      return new HalfkeyError(
        'LINK_NEWER_VERSION',
        `The link was made by a newer version of Halfkey. Update this program. ${UNSPENT}`,
      )
  }
}
