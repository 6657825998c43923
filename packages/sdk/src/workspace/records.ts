/** What the server tells an owner, and what the workspace key opens of it. */
import type { WorkspaceKey } from '../protocol/keys.ts'
import { hideInLogs } from '../logs.ts'
import { openMeta, type OwnerMeta } from '../protocol/owner.ts'
import { boolean, date, integer, list, nullable, object, record, string, type Reader } from '../transport/read.ts'
import { openWithAny } from './workspace-keys.ts'
import type { WireEventType, WireOtpType, WireStatus } from '../wire.ts'

export interface SecretDetails {
  slug: string
  /** The token's name, or `anonymous`. */
  creator: string
  /** null: any number until expiry. */
  maximumViews: number | null
  currentViews: number
  expiration: Date
  hasPassword: boolean
  hasAttachments: boolean
  attachmentsCount: number
  captcha: boolean
  otpType: WireOtpType | null
  ipWhitelist: string[]
  geolocation: string[]
  /** Ended, whatever the cause: `status` is expired, viewed or burned. */
  isExpired: boolean
  status: WireStatus
  /** Without the fragment: it opens nothing. */
  shareUrl: string
  createdAt: Date
  updatedAt: Date
  /** This and the following are known only with the workspace key that the secret was made with. */
  description: string | undefined
  message: string | undefined
  attachments: { name: string }[]
  /** The fragment of a link that was made `recoverable`: `shareUrl`, `#` and this open the secret. */
  fragment: string | undefined
  /** In lists: the sealed metadata didn't open. Wrong workspace key, or tampered. */
  metaError?: true
}

export interface SecretEvent {
  type: WireEventType
  /**
   * The code that a denied caller got (NOT_FOUND: it showed no proof of holding the link; NOT_OWNER: nor of owning it), or
   * why it was burned.
   */
  reason: string | null
  at: Date
  /** An address, or the CIDR block that the server keeps of it. */
  ip: string | null
  userAgent: string | null
  country: string | null
}

export interface Workspace {
  name: string
  /** b64 of 32 bytes; null until it is set. */
  workspaceCheck: string | null
  /** By the server's own names. */
  limits: Record<string, number | null>
  usage: Record<string, number>
}

export interface Pagination {
  currentPage: number
  perPage: number
  total: number
  lastPage: number
}

/** A secret as the server has it; `meta` is sealed. */
export type SecretRecord = ReturnType<typeof readSecret>

export const readSecret = record({
  slug: string,
  creator: string,
  maximumViews: nullable(integer),
  currentViews: integer,
  expiration: date,
  hasPassword: boolean,
  hasAttachments: boolean,
  attachmentsCount: integer,
  captcha: boolean,
  otpType: nullable(string as Reader<WireOtpType>),
  ipWhitelist: list(string),
  geolocation: list(string),
  isExpired: boolean,
  status: string as Reader<WireStatus>,
  shareUrl: string,
  createdAt: date,
  updatedAt: date,
  meta: nullable(string),
})

export const readSecrets = list(readSecret)

export const eventFields = {
  type: string as Reader<WireEventType>,
  reason: nullable(string),
  at: date,
  ip: nullable(string),
  userAgent: nullable(string),
  country: nullable(string),
}

export const readEvents: Reader<SecretEvent[]> = list(record(eventFields))

export const readWorkspace: Reader<Workspace> = record({
  name: string,
  workspaceCheck: nullable(string),
  limits: object as Reader<Workspace['limits']>,
  usage: object as Reader<Workspace['usage']>,
})

export const readPagination: Reader<Pagination> = record({
  currentPage: integer,
  perPage: integer,
  total: integer,
  lastPage: integer,
})

/** @throws HalfkeyError WRONG_KEY if the metadata was sealed under another workspace key, or changed. */
export async function openDetails(
  { meta, ...known }: SecretRecord,
  workspaceKeys: readonly WorkspaceKey[],
): Promise<SecretDetails> {
  const sealed = workspaceKeys.length > 0 ? meta : null
  const opened: OwnerMeta =
    sealed === null ? {} : await openWithAny(workspaceKeys, (key) => openMeta(key, known.slug, sealed))
  const { description, note, files = [], fragment } = opened
  const details = { ...known, description, message: note, attachments: files.map((name) => ({ name })), fragment }
  return hideInLogs(details, 'fragment')
}

/** `openDetails` for lists, where one that doesn't open must not hide the others. */
export async function openListed(secret: SecretRecord, workspaceKeys: readonly WorkspaceKey[]): Promise<SecretDetails> {
  try {
    return await openDetails(secret, workspaceKeys)
  } catch {
    return { ...(await openDetails(secret, [])), metaError: true }
  }
}
