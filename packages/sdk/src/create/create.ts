import { throwIfInvalid } from '../errors.ts'
import { FILE_ID_BYTES, fileKey, sealContent, sealNote, type FileEntry } from '../protocol/content.ts'
import { b64, isObject, type Bytes } from '../protocol/encoding.ts'
import { encryptedSize } from '../protocol/chunks.ts'
import { KEY_LENGTH, PASSWORD, stretchPassword, verifierOf, type WorkspaceKey } from '../protocol/keys.ts'
import { deriveLink, formatLink } from '../protocol/link.ts'
import type { PlatformCryptoKey } from '../platform.ts'
import {
  BOOLEAN,
  findProblems,
  isBytes,
  isIntegerIn,
  isText,
  listRule,
  listOf,
  matches,
  NETWORKS,
  FUNCTION,
  SIGNAL,
  TEXT,
  type CallOptions,
  type ProgressOptions,
  type Rule,
  type Rules,
} from '../options.ts'
import { sealMeta, type OwnerMeta } from '../protocol/owner.ts'
import { random } from '../provider.ts'
import { boolean, date, integer, malformedReply, nullable, record, string } from '../transport/read.ts'
import type { SecretFields } from './secret.ts'
import { ATTACHMENTS, type Attachment, type Source } from './sources.ts'
import { isEmail, SEND_TO, type SendTo } from './send-to.ts'
import type { WireCreateRequest, WireLockout, WireOtp } from '../wire.ts'

/** What `createSecret` takes beside the content. */
export interface CreateOptions extends CallOptions, ProgressOptions {
  /** Until expiry, 1/60 … 1000. Default 24. */
  hours?: number | undefined
  /** 1 … 10,000, null: any number until expiry. Default 1. */
  views?: number | null | undefined
  /** Shown only in the owner's own lists; needs a workspace key. */
  description?: string | undefined
  /** For the recipient, who reads it before the reveal. */
  message?: string | undefined
  /** 1 to 1024 bytes of UTF-8. Give it to the recipient separately from the link. */
  password?: string | undefined
  /** Addresses and CIDR ranges, v4 and v6, that may open it: a list, or a string with commas between them. */
  ipWhitelist?: string | readonly string[] | undefined
  /** ISO 3166-1 alpha-2 codes of the countries from which it may be opened: a list, or a string with commas. */
  geolocation?: string | readonly string[] | undefined
  /** Asks the recipient to solve a captcha before each reveal. Default false. */
  captcha?: boolean | undefined
  /** Asks the recipient for a one-time code: sent by e-mail or SMS, or from an authenticator app (RFC 6238). */
  otp?: WireOtp | undefined
  /** Wrong passwords and codes before the lock-out, 1 … 100. Default 10. */
  maxAttempts?: number | undefined
  /** Default `lock`. */
  onLockout?: WireLockout | undefined
  /** E-mail address that is notified of the first opening, a lock-out and an unopened expiry. */
  notify?: string | undefined
  /** Mails the link to the recipient, from here and not from the server: needs the client's `mailer`, and Node. */
  sendTo?: SendTo | undefined
  /** Keeps the link for the owner, sealed under the workspace key. */
  recoverable?: boolean | undefined
  /** At most 100. Each is read once, from start to end. */
  attachments?: Attachment[] | undefined
}

export const HOURS: Rule = [
  (value) => typeof value === 'number' && value >= 60 / 3600 && value <= 1000,
  'must be a number from 1/60 (one minute) to 1000',
]
export const VIEWS: Rule = [isIntegerIn(1, 10_000), 'must be a whole number from 1 to 10,000']

/** Expiry as it travels, in seconds. */
export function secondsOf(hours: number): number {
  return Math.round(hours * 3600)
}

const isOtp = (value: unknown) => {
  if (!isObject(value) || Object.keys(value).length !== 2) return false
  const { type, to, secret } = value
  if (type === 'totp') return matches(/^[A-Z2-7]+=*$/i)(secret)
  return (type === 'email' && isEmail(to)) || (type === 'sms' && matches(/^\+?[0-9 ]+$/)(to))
}

/** Normalises what people copy: secrets in lower case or padded, numbers with spaces. */
function plainOtp(otp: WireOtp): WireOtp {
  if (otp.type === 'totp') return { ...otp, secret: otp.secret.replace(/(?<!=)=+$/, '').toUpperCase() }
  return otp.type === 'sms' ? { ...otp, to: otp.to.replaceAll(' ', '') } : otp
}

const createRules: Rules<CreateOptions> = {
  hours: HOURS,
  views: [(value) => value === null || VIEWS[0](value), 'must be a whole number from 1 to 10,000, or null'],
  description: TEXT,
  message: TEXT,
  password: PASSWORD,
  ipWhitelist: NETWORKS,
  geolocation: listRule(/^[A-Z]{2}$/, 'two-letter country codes (ISO 3166-1 alpha-2)'),
  captcha: BOOLEAN,
  otp: [isOtp, 'must be {type: "email" or "sms", to} or {type: "totp", secret}'],
  maxAttempts: [isIntegerIn(1, 100), 'must be a whole number from 1 to 100'],
  onLockout: [matches(/^(lock|burn)$/), 'must be lock or burn'],
  notify: [isEmail, 'must be an e-mail address'],
  sendTo: SEND_TO,
  recoverable: BOOLEAN,
  attachments: ATTACHMENTS,
  onProgress: FUNCTION,
  signal: SIGNAL,
}

/** @throws HalfkeyError VALIDATION_ERROR with everything that is wrong. */
export function checkCreate(
  content: string | Uint8Array,
  options: CreateOptions,
  has: { workspaceKey: boolean; mailer: boolean },
): void {
  const problems = findProblems(options, createRules)
  if (!isText(content) && !isBytes(content))
    problems['content'] = ['must be well-formed Unicode text, a Buffer or a Uint8Array']
  else if (content.length === 0 && !(options as CreateOptions | null)?.attachments?.length)
    problems['content'] = ['must not be empty']
  const need = (name: 'sendTo' | 'description' | 'recoverable', has: boolean, problem: string) => {
    if (!has && isObject(options) && options[name]) (problems[name] ??= []).push(problem)
  }
  need('sendTo', has.mailer, 'needs the client to have a mailer')
  need('description', has.workspaceKey, 'needs the client to have a workspaceKey')
  need('recoverable', has.workspaceKey, 'needs the client to have a workspaceKey')
  throwIfInvalid(problems)
}

export interface SealedSecret {
  slug: string
  /** JSON of a `WireCreateRequest`. */
  body: string
  /** 32 bytes each. */
  keyB: Bytes
  manageKey: Bytes
  files: SealedFile[]
}

/** An attachment that is to follow its secret, chunk by chunk. */
export interface SealedFile {
  id: string
  source: Source
  key: PlatformCryptoKey
}

/** The keys of a new secret. */
export interface SecretParts {
  /** 32 bytes each, never used before. */
  keyB: Bytes
  manageKey: Bytes
  /** Further members of the sealed metadata, which need a workspace key. */
  meta?: Record<string, unknown>
}

/** Draws the keys of a new secret and seals it. Nothing of `body` is drawn after this, so every attempt sends the same bytes. */
export async function sealSecret(
  content: string | Uint8Array,
  options: CreateOptions,
  workspaceKey: WorkspaceKey | undefined,
  sources: Source[],
): Promise<SealedSecret> {
  const [keyB, manageKey] = await Promise.all([random(KEY_LENGTH), random(KEY_LENGTH)])
  return sealSecretWith({ keyB, manageKey }, content, options, workspaceKey, sources)
}

/** `sealSecret` with its link's and its owner's key given. */
export async function sealSecretWith(
  parts: SecretParts,
  content: string | Uint8Array,
  options: CreateOptions,
  workspaceKey: WorkspaceKey | undefined,
  sources: Source[],
): Promise<SealedSecret> {
  const { hours = 24, views = 1, description, message, captcha, notify } = options
  const { keyB, manageKey } = parts
  const { slug, fields, files, names } = await sealFields({ keyB, manageKey }, content, options, sources)
  const meta: OwnerMeta = {
    ...parts.meta,
    ...(description !== undefined && { description }),
    ...(message !== undefined && { note: message }),
    ...(names.length > 0 && { files: names }),
    ...(options.recoverable && { fragment: formatLink('', slug, keyB).slice(slug.length + 2) }),
  }
  const { attachments, ...sealed } = fields
  const request: OrUndefined<WireCreateRequest> = {
    ...sealed,
    meta: workspaceKey && (await sealMeta(workspaceKey, slug, meta)),
    maximum_views: views,
    expires_in: secondsOf(hours),
    ip_whitelist: options.ipWhitelist === undefined ? undefined : listOf(options.ipWhitelist),
    geolocation: options.geolocation === undefined ? undefined : listOf(options.geolocation),
    captcha: captcha === true ? true : undefined,
    otp: options.otp && plainOtp(options.otp),
    max_attempts: options.maxAttempts,
    on_lockout: options.onLockout,
    notify: notify === undefined ? undefined : { email: notify },
    attachments,
  }
  return { slug, body: JSON.stringify(request), keyB, manageKey, files }
}

/** What secrets and answers to requests have in common, sealed: the fields as they travel, and the files to follow. */
export async function sealFields(
  { keyB, manageKey }: Pick<SecretParts, 'keyB' | 'manageKey'>,
  content: string | Uint8Array,
  { message, password }: Pick<CreateOptions, 'message' | 'password'>,
  sources: Source[],
): Promise<{ slug: string; fields: SealedFields; files: SealedFile[]; names: string[] }> {
  const { accessVerifier, slug } = await deriveLink(keyB)
  const stretched = password === undefined ? undefined : await stretchPassword(password, keyB, slug)
  const entries = await Promise.all(sources.map(fileEntry))
  const payload = {
    ...(content.length > 0 && (typeof content === 'string' ? { text: content } : { bytes: b64(content) })),
    ...(entries.length > 0 && { files: entries }),
  }
  const keys = { keyB, slug, passwordKey: stretched?.key }
  const [{ keyA, envelope }, manageVerifier, passwordVerifier, note] = await Promise.all([
    sealContent({ ...keys, payload }),
    verifierOf(manageKey),
    stretched && verifierOf(stretched.proof),
    message === undefined ? undefined : sealNote(keyB, slug, message),
  ])
  const fields: SealedFields = {
    slug,
    envelope,
    key_a: b64(keyA),
    access_verifier: b64(accessVerifier),
    password_verifier: passwordVerifier && b64(passwordVerifier),
    manage_verifier: b64(manageVerifier),
    note,
    attachments: entries.length > 0 ? entries.map(({ id, size }) => ({ id, size: encryptedSize(size) })) : undefined,
  }
  // Keys that no script can read, so that what they are derived from needn't be kept for the upload.
  const files = sources.map(async (source, i): Promise<SealedFile> => {
    const { id } = entries[i] as FileEntry
    return { id, source, key: await fileKey({ ...keys, keyA }, { salt: envelope.salt }, id, 'encrypt') }
  })
  return { slug, fields, files: await Promise.all(files), names: entries.map(({ name }) => name) }
}

type SealedFields = OrUndefined<
  Pick<
    WireCreateRequest,
    'slug' | 'envelope' | 'key_a' | 'access_verifier' | 'password_verifier' | 'manage_verifier' | 'note' | 'attachments'
  >
>

async function fileEntry({ name, type, size }: Source): Promise<FileEntry> {
  return { id: b64(await random(FILE_ID_BYTES)), name, type, size }
}

/** JSON has no members that are undefined. */
export type OrUndefined<T> = { [Name in keyof T]: T[Name] | undefined }

const readCreated = record({
  slug: string,
  shareUrl: string,
  maximumViews: nullable(integer),
  currentViews: integer,
  expiration: date,
  hasPassword: boolean,
  hasAttachments: boolean,
  attachmentsCount: integer,
  createdAt: date,
})

/** The reply to a create, its link completed with the fragment. @throws HalfkeyError MALFORMED. */
export function presentSecret(data: unknown, { slug, keyB, manageKey }: SealedSecret): SecretFields {
  const created = readCreated(data)
  const base = created.slug === slug && linkBase(created.shareUrl, slug)
  if (!base) throw malformedReply()
  return { ...created, shareUrl: formatLink(base, slug, keyB), manageKey: b64(manageKey) }
}

/**
 * What comes before a link's path, if the server's `address` is one that a fragment may be put behind.
 *
 * @param path  the slug; of other links than share links, their kind and the slug
 */
export function linkBase(address: string, path: string): string | null {
  const url = URL.canParse(address) ? new URL(address) : null
  const fits = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}${url.pathname}`
  return fits && url.pathname.endsWith(`/${path}`) ? url.href.slice(0, -path.length - 1) : null
}
