/** The server's records of secrets, and their metadata, which the workspace key opens. */
import type { WorkspaceKey } from '../protocol/keys.ts'
import { hideInLogs } from '../logs.ts'
import { openMeta, type OwnerMeta } from '../protocol/owner.ts'
import { boolean, date, integer, list, nullable, object, record, string, type Reader } from '../transport/read.ts'
import { openWithAny } from './workspace-keys.ts'
import type { WireEventType, WireOtpType, WireStatus } from '../wire.ts'

/** A secret as its owner sees it: everything but the content. */
export interface SecretDetails {
  /** 13 characters that name the secret. */
  slug: string
  /** The token's name, or `anonymous`. */
  creator: string
  /** null: any number until expiry. */
  maximumViews: number | null
  /** Openings so far. */
  currentViews: number
  /** When it expires. */
  expiration: Date
  /** Whether it needs a password. */
  hasPassword: boolean
  /** Whether it has files. */
  hasAttachments: boolean
  /** How many files it has. */
  attachmentsCount: number
  /** Whether it needs a captcha. */
  captcha: boolean
  /** The kind of one-time code that it needs; null: none. */
  otpType: WireOtpType | null
  /** Addresses and CIDR ranges that may open it; empty: any. */
  ipWhitelist: string[]
  /** Countries from which it may be opened (ISO 3166-1 alpha-2); empty: any. */
  geolocation: string[]
  /** Ended, whatever the cause: `status` is expired, viewed or burned. */
  isExpired: boolean
  /** Where it is in its life. */
  status: WireStatus
  /** Without the fragment: it opens nothing. */
  shareUrl: string
  /** When it was created. */
  createdAt: Date
  /** When its record last changed. */
  updatedAt: Date
  /** This and the following are known only with the workspace key that the secret was made with. */
  description: string | undefined
  /** The note for the recipient. */
  message: string | undefined
  /** Its files' names. */
  attachments: { name: string }[]
  /** The fragment of a link that was made `recoverable`: `shareUrl`, `#` and this open the secret. */
  fragment: string | undefined
  /** In lists: the sealed metadata didn't open. Wrong workspace key, or tampered. */
  metaError?: true
}

/** An event in the life of a secret. */
export interface SecretEvent {
  /** What happened. */
  type: WireEventType
  /**
   * The code that a denied caller got (NOT_FOUND: it showed no proof of holding the link; NOT_OWNER: nor of owning it), or
   * why it was burned.
   */
  reason: string | null
  /** When. */
  at: Date
  /** An address, or the CIDR block that the server keeps of it. */
  ip: string | null
  /** The caller's `User-Agent`; null: not kept, or none. */
  userAgent: string | null
  /** ISO 3166-1 alpha-2, of the address; null: unknown. */
  country: string | null
}

/** A workspace, as its tokens see it. */
export interface Workspace {
  /** Its name. */
  name: string
  /** b64 of 32 bytes; null until it is set. */
  workspaceCheck: string | null
  /** By the server's own names. */
  limits: Record<string, number | null>
  /** By the server's own names. */
  usage: Record<string, number>
}

/** Where a page of a list stands. */
export interface Pagination {
  /** From 1. */
  currentPage: number
  /** Items a page. */
  perPage: number
  /** Items in all. */
  total: number
  /** At least 1. */
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

/** `openDetails` for lists, which must not fail because one item doesn't open. */
export async function openListed(secret: SecretRecord, workspaceKeys: readonly WorkspaceKey[]): Promise<SecretDetails> {
  try {
    return await openDetails(secret, workspaceKeys)
  } catch {
    return { ...(await openDetails(secret, [])), metaError: true }
  }
}
