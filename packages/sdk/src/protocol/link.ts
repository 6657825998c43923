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
  return deriveSlug(keyB, 'halfkey/v1 access')
}

/** The access value that a link's key gives under a label, and from it verifier and slug. */
export async function deriveSlug(key: Bytes, label: string): ReturnType<typeof deriveLink> {
  const access = await (await hkdf(key))('', label)
  const accessVerifier = await verifierOf(access)
  return { access, accessVerifier, slug: b58(accessVerifier.subarray(0, SLUG_BYTES), SLUG_CHARS) }
}

/**
 * @param base  an origin, with a path prefix if need be, without a trailing slash
 * @param key  32 bytes
 */
export function formatLink(base: string, slug: string, key: Bytes, kind: LinkKind = 'share'): string {
  return `${base}/${kind === 'share' ? '' : `${kind}/`}${slug}#${VERSION}${b58(key, KEY_CHARS)}`
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

/** The kinds of links (spec/protocol.md section 3), told apart by the path before the slug. */
export type LinkKind = 'share' | 'ask' | 'collect' | 'status'

const KINDS: Record<LinkKind, { name: string; use: string }> = {
  share: { name: 'a share link', use: 'open a secret' },
  ask: { name: 'an ask link', use: 'answer a request' },
  collect: { name: 'a collect link', use: "read a request's answers" },
  status: { name: 'a status link', use: 'see what became of an answer' },
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
  const { base, slug, key: keyB } = readLink(text, 'share')
  const derived = await deriveLink(keyB)
  if (derived.slug !== slug) throw refused('LINK_MISTYPED', 'share')
  return { base, slug, keyB, access: derived.access }
}

/**
 * Reads a link of one kind, whose slug is still to be compared with the one that its key gives.
 *
 * @returns `key`, 32 bytes
 * @throws HalfkeyError as `parseLink`; LINK_WRONG_KIND has the link's kind in `details.kind`.
 */
export function readLink(text: string, wanted: LinkKind): { base: string; slug: string; key: Bytes } {
  const { url, fragment } = splitLink(text)
  const folders = url?.pathname.split('/').filter((folder) => folder !== '') ?? []
  const slug = folders.pop() ?? ''
  const last = folders.at(-1)
  const kind = last === 'ask' || last === 'collect' || last === 'status' ? last : 'share'
  if (kind !== wanted && slug !== '') {
    throw new HalfkeyError(
      'LINK_WRONG_KIND',
      `This is ${KINDS[kind].name}, which is used to ${KINDS[kind].use}. ` +
        `To ${KINDS[wanted].use}, you need ${KINDS[wanted].name}.`,
      { details: { kind } },
    )
  }
  if (kind !== 'share') folders.pop()

  if (fragment === '') throw refused('LINK_NO_FRAGMENT', wanted)
  if (!fragment.startsWith(VERSION)) {
    throw refused(unb58(fragment.charAt(0), 1, 1) ? 'LINK_NEWER_VERSION' : 'LINK_MISTYPED', wanted)
  }
  const digits = fragment.slice(VERSION.length)
  if (digits.length < KEY_CHARS) throw refused('LINK_CUT_SHORT', wanted)
  const key = unb58(digits, KEY_CHARS, KEY_LENGTH)
  if (!key || !url || !unb58(slug, SLUG_CHARS, SLUG_BYTES)) throw refused('LINK_MISTYPED', wanted)
  return { base: [url.origin, ...folders].join('/'), slug, key }
}

/** A link's two halves, whatever its kind. `url` is null where there is no address. */
function splitLink(text: string): { url: URL | null; fragment: string } {
  let link = text.replace(/[\p{White_Space}\p{Cf}]/gu, '')
  link = link.slice(Math.max(link.search(/https?:\/\//i), 0)).replaceAll('&#35;', '#')
  if (!link.includes('#')) link = link.replace('%23', '#')
  const [address = '', rest = ''] = link.split('#', 2)
  const [fragment = ''] = /^[A-Za-z\d]*/.exec(rest) ?? []
  const url = /^http/i.test(address) && URL.canParse(address) ? new URL(address) : null
  return { url, fragment }
}

type LinkErrorCode = Exclude<Extract<LocalErrorCode, `LINK_${string}`>, 'LINK_WRONG_KIND'>

const COPY_AGAIN = 'Copy the whole link again, or ask for it again.'

/** The sentences say whether anything was used up: only opening a secret uses up something. */
export function refused(code: LinkErrorCode, kind: LinkKind): HalfkeyError {
  const unspent = kind === 'share' ? "This didn't use up an opening." : 'Nothing was sent.'
  // Whole sentences where the error is made: the pages, which have words of their own, leave these out.
  switch (code) {
    case 'LINK_NO_FRAGMENT':
      return new HalfkeyError(
        'LINK_NO_FRAGMENT',
        `The link is incomplete: the part after # is missing. ${unspent} ${COPY_AGAIN}`,
      )
    case 'LINK_CUT_SHORT':
      return new HalfkeyError('LINK_CUT_SHORT', `The link was cut short. ${unspent} ${COPY_AGAIN}`)
    case 'LINK_MISTYPED':
      return new HalfkeyError('LINK_MISTYPED', `The link was mistyped, or changed on the way. ${unspent} ${COPY_AGAIN}`)
    case 'LINK_NEWER_VERSION':
      return new HalfkeyError(
        'LINK_NEWER_VERSION',
        `The link was made by a newer version of Halfkey. Update this program. ${unspent}`,
      )
  }
}
