/**
 * The storage API's requests and replies as they travel: snake_case, times ISO 8601 UTC with milliseconds,
 * binary as `b64` (base64url without padding). Types alone, no code: the API imports this file too.
 */
import type { WireErrorCode } from './wire-codes.ts'

export type { WireErrorCode }

/** Sealed content, spec/protocol.md section 5. `salt` and `commitment` hold 32 bytes, `iv` 12. */
export interface WireEnvelope {
  v: 1
  salt: string
  iv: string
  commitment: string
  ciphertext: string
}

export type WireOtp = { type: 'email' | 'sms'; to: string } | { type: 'totp'; secret: string }
export type WireOtpType = WireOtp['type']
export type WireLockout = 'lock' | 'burn'

/** `POST /api/v1/secrets` */
export interface WireCreateRequest {
  slug: string
  envelope: WireEnvelope
  key_a: string
  access_verifier: string
  password_verifier?: string
  manage_verifier: string
  note?: string
  meta?: string
  /** 1 … 10000, null: any number until expiry. Default 1. */
  maximum_views?: number | null
  /** Seconds, 60 … 3,600,000. Default 86,400. */
  expires_in?: number
  ip_whitelist?: string[]
  geolocation?: string[]
  captcha?: boolean
  otp?: WireOtp
  /** Failed passwords and codes before the lock-out, 1 … 100. Default 10. */
  max_attempts?: number
  on_lockout?: WireLockout
  /** Sizes are encrypted sizes in bytes. */
  attachments?: { id: string; size: number }[]
  notify?: { email: string }
}

/** The reply to a create. The same bytes sent again get the same reply. */
export interface WireCreated {
  slug: string
  /** Without the fragment, which the server never sees. */
  share_url: string
  maximum_views: number | null
  current_views: 0
  expiration: string
  has_password: boolean
  has_attachments: boolean
  attachments_count: number
  created_at: string
}

export type WireStatus = 'active' | 'uploading' | 'viewed' | 'expired' | 'burned' | 'locked'
export type WireCause = 'viewed' | 'expired' | 'burned' | 'locked_out'

/** The reply to `PUT /api/v1/secrets/{slug}/files/{id}/parts/{n}`. The same bytes sent again get the same reply. */
export interface WirePart {
  part: number
  /** Encrypted bytes. */
  size: number
}

/** `GET /api/v1/secrets/{slug}/files/{id}/parts` */
export interface WireParts {
  /** Numbers of the parts that are there, ascending. */
  parts: number[]
  /** How many there must be. */
  total: number
  /** Encrypted bytes of the file. */
  size: number
}

/** One secret as its owner sees it: everything but the content. */
export interface WireDetails {
  slug: string
  /** The token's name, or `anonymous`. */
  creator: string
  maximum_views: number | null
  current_views: number
  expiration: string
  has_password: boolean
  has_attachments: boolean
  attachments_count: number
  captcha: boolean
  otp_type: WireOtpType | null
  ip_whitelist: string[]
  geolocation: string[]
  is_expired: boolean
  status: WireStatus
  share_url: string
  note: string | null
  meta: string | null
  created_at: string
  updated_at: string
}

/** `PATCH /api/v1/secrets/{slug}`: nothing can be loosened. */
export interface WirePatchRequest {
  /** Seconds from now; must end earlier than before. */
  expires_in?: number
  /** Lower than before, and above the views already spent. */
  maximum_views?: number
  /** Clears the failed attempts of a locked secret. */
  unlock?: true
  meta?: string
}

/** `purged`: in the workspace's log alone, where it tells that entries were emptied. */
export type WireEventType = 'created' | 'changed' | 'opened' | 'denied' | 'acked' | 'burned' | 'expired' | 'purged'

export interface WireEvent {
  type: WireEventType
  /**
   * Of `denied`: the error code that the caller got; of those who got the 404, NOT_FOUND if it showed no proof of holding
   * the link, NOT_OWNER if it asked as an owner without the right token or manage key. Of `burned`: `locked_out`,
   * `operator` (taken down), or null for the owner. null for the other types.
   */
  reason: string | null
  at: string
  /** An address, or the CIDR block that the server keeps of it; null: not kept, or unknown. */
  ip: string | null
  user_agent: string | null
  country: string | null
}

/** What may happen to a named secret: docs/kms.md. */
export type WireKmsEventType =
  'kms.put' | 'kms.revealed' | 'kms.denied' | 'kms.updated' | 'kms.expired' | 'kms.destroyed' | 'kms.deleted'

/** Why a call for a named secret was refused: the caller learns PERMISSION_DENIED alone, or that its token is of no use. */
export type WireKmsRefusal =
  | 'token_revoked'
  | 'token_expired'
  | 'token_ip'
  | 'scope'
  | 'handler'
  | 'unknown_handler'
  | 'unknown_version'
  | 'whitelist'
  | 'destroyed'
  | 'expired'

/** Who did what to a named secret. */
export interface WireKmsEvent extends Omit<WireEvent, 'type' | 'reason'> {
  id: number
  type: WireKmsEventType
  /** Of `kms.denied`; null for the other types. */
  reason: WireKmsRefusal | null
  /** null: it concerns no one version, or the newest of a handler that there isn't. */
  version: number | null
  /** null: nobody's call, such as an expiry. */
  token_id: string | null
  /** The token's name. */
  token: string | null
}

/** An entry of the workspace's access log: docs/access-log.md. */
export interface WireAuditEntry extends Omit<WireEvent, 'type'> {
  type: WireEventType | WireKmsEventType
  /** Rises with time; has gaps, because other workspaces' entries are counted too. */
  id: number
  /** null: of a named secret, or purged, and so is everything but id, type, time and hashes. */
  slug: string | null
  /** This and the following three are of named secrets alone. */
  handler: string | null
  version: number | null
  token_id: string | null
  token: string | null
  /**
   * What expiry and purge rest on: of `created` and `changed` the limits that were set, of `purged` since when, how long
   * (seconds; null: the owner asked for it) and how many entries were emptied.
   */
  basis:
    | { expires_at: string; maximum_views: number | null }
    | { since: string; retention: number | null; entries: number }
    | null
  purged: boolean
  /** The `purged` entry that tells of it; null: not purged, or by version 0.1. */
  purged_by: number | null
  /** Random, part of what is hashed; null: purged. */
  nonce: string | null
  /**
   * SHA-256 of the JSON of `[id,nonce,slug,type,reason,at,ip,user_agent,country]`, of a named secret's entry with
   * `handler,version,token_id,token` after those, then `basis` unless it is null; 32 bytes.
   */
  entry_hash: string
  /** HMAC under the server key of the chain before this entry and `entry_hash`, 32 bytes. */
  chain: string
}

/** The newest entry: kept elsewhere, it shows later whether the log still holds everything up to it. */
export interface WireAuditHead {
  id: number
  chain: string
}

/** `GET /api/v1/audit`, oldest first. */
export interface WireAuditPage {
  entries: WireAuditEntry[]
  /** Of the whole log; null: it is empty. */
  head: WireAuditHead | null
  /** The `after` of the next page; null: this is the last. */
  next: number | null
}

/** `POST /api/v1/audit/verify` */
export interface WireAuditVerifyRequest {
  /** Any entry noted before: whether the log still holds it, and everything before it. */
  head?: WireAuditHead
}

export interface WireAuditProblem {
  /** Of the entry where it shows. */
  id: number
  /**
   * `changed`: it doesn't say what was recorded. `misplaced`: it doesn't follow the entry before it, so one was removed,
   * inserted or moved here. `missing`: the given head is not in the log, so its end was cut off or rewritten.
   * `purge`: a purge emptied other entries than it says, or too early. `record`: the record of the secret whose first
   * entry this is (0: it has none) isn't as its log has it.
   */
  problem: 'changed' | 'misplaced' | 'missing' | 'purge' | 'record'
}

export interface WireAuditVerified {
  valid: boolean
  /** How many were walked. */
  entries: number
  head: WireAuditHead | null
  problems: WireAuditProblem[]
}

export interface WireStats {
  total_secrets: number
  active_secrets: number
  expired_secrets: number
  total_views: number
  secrets_with_password: number
  secrets_created_today: number
  secrets_created_this_week: number
  secrets_created_this_month: number
}

/** `GET /api/v1/limits`: what the token's sender may ask for, or anybody without one. */
export interface WireLimits {
  /** Whether creating needs no token. */
  anonymous: boolean
  ciphertext_bytes: number
  /** Seconds. */
  expires_in: number
  maximum_views: number
  /** 0: this server takes none. */
  attachments: number
  /** Of each attachment, encrypted. */
  file_bytes: number
  /** Of all attachments of a secret, encrypted; null: as many as each may have. */
  files_bytes: number | null
  password_required: boolean
  otp: WireOtpType[]
  geolocation: boolean
  notify: boolean
}

export interface WireWorkspace {
  name: string
  workspace_check: string | null
  limits: Record<string, number | null>
  usage: Record<string, number>
}

/** `PUT /api/v1/workspace/check` */
export interface WireWorkspaceCheckRequest {
  workspace_check: string
  /** What it replaces, for a rekey; without it the value is set once. */
  previous?: string
}

/** `PUT /api/v1/kms/{handler}`, spec/protocol.md section 8: what is left out stays as it was, but for the expiry. */
export interface WireKmsPutRequest {
  /** The newest + 1. */
  version: number
  key_a: string
  envelope: WireEnvelope
  meta?: string
  /** Addresses and CIDR blocks; empty: from anywhere. */
  whitelist?: string[]
  /** Seconds until this version isn't given out any more. */
  expires_in?: number
  /** Seconds after which a newer version is due; null: no reminder. */
  rotate_after?: number | null
  /** The value of the version before, sealed anew: its expiry and its time of rotation stay. */
  same_value?: boolean
  /** Of the key that it is sealed under: where the workspace has a check value, another or none is refused. */
  workspace_check?: string
}

/** The reply to a put: made of the request and its first time alone, so that the same bytes get the same reply. */
export interface WireKmsPut {
  handler: string
  version: number
  created_at: string
}

/** `PATCH /api/v1/kms/{handler}`: what is left out stays as it was. */
export interface WireKmsPatchRequest {
  meta?: string
  /** What `meta` replaces, null for none: refused if it was changed meanwhile. */
  previous_meta?: string | null
  whitelist?: string[]
  /** Of the newest version, from now; null: never. */
  expires_in?: number | null
  rotate_after?: number | null
  workspace_check?: string
}

/** A named secret as its owner sees it: everything but the content. */
export interface WireKmsEntry {
  handler: string
  id: string
  meta: string | null
  /** Empty: from anywhere. */
  whitelist: string[]
  /** The newest. */
  version: number
  /** How many aren't destroyed. */
  versions: number
  created_at: string
  updated_at: string
  /** Of the newest version, as the next; null: never. */
  expires_at: string | null
  destroyed_at: string | null
  /** Seconds. */
  rotate_after: number | null
  /** null: never. */
  rotation_due_at: string | null
  rotation_due: boolean
}

export interface WireKmsVersion {
  version: number
  created_at: string
  /** The token's name. */
  creator: string
  expires_at: string | null
  destroyed_at: string | null
}

export interface WireKmsRevealed {
  version: number
  key_a: string
  envelope: WireEnvelope
}

/** `GET /api/v1/kms/{handler}/events`, newest first. */
export interface WireKmsEvents {
  events: WireKmsEvent[]
  /** The `before` of the next page; null: this is the last. */
  next: number | null
}

export type WireScope =
  'secrets:read' | 'secrets:write' | 'kms:read' | 'kms:write' | 'kms:reveal' | 'audit:read' | 'tokens:admin'

/** `POST /api/v1/tokens`: what is left out is as with the token that asks. */
export interface WireTokenRequest {
  name: string
  scopes: WireScope[]
  /** Patterns of handlers, where `*` stands for any characters. */
  handlers?: string[]
  /** Addresses and CIDR blocks. */
  ips?: string[]
  /** Seconds. */
  expires_in?: number
}

export interface WireToken {
  id: string
  name: string
  scopes: WireScope[]
  /** Empty: every handler. */
  handlers: string[]
  /** Empty: from anywhere. */
  ips: string[]
  /** The token that made it; null: the operator did, or version 0.1. */
  parent_id: string | null
  created_at: string
  expires_at: string | null
  revoked_at: string | null
  last_used_at: string | null
}

/** The reply to a token's revocation. */
export interface WireTokensRevoked {
  revoked: WireToken[]
  /** Tokens that it made, directly or not, and that are still valid. */
  valid_descendants: WireToken[]
}

/** The reply to a token's creation. */
export interface WireTokenMade extends WireToken {
  /** `hkt_<id>_<secret>`, shown only here. */
  token: string
}

/** A captcha to solve, in ALTCHA's scheme: spec/captcha.md. */
export interface WireChallenge {
  algorithm: 'SHA-256'
  /** SHA-256 of `salt` and the number looked for, in hex. */
  challenge: string
  /** The largest that the number can be. */
  maxnumber: number
  /** With the slug and the expiry in it. */
  salt: string
  signature: string
}

/** `POST /api/v1/links/{slug}/status` */
export interface WireLinkStatus {
  password: boolean
  otp: { type: WireOtpType; to: string | null } | null
  captcha: boolean
  /** The captcha to solve; null if there is none. */
  challenge: WireChallenge | null
  note: string | null
  expiration: string
  /** null: any number until expiry. */
  views_left: number | null
  /** Failed passwords and codes left before the lock-out. */
  attempts_left: number
  files: { id: string; size: number }[]
}

/** The reply to `POST /api/v1/links/{slug}/otp`, whose body is `{password_proof?}`. */
export interface WireCodeSent {
  type: 'email' | 'sms'
  /** Where the code went, masked. */
  to: string
  expires_at: string
}

/** `POST /api/v1/links/{slug}/reveal` */
export interface WireRevealRequest {
  reveal_id: string
  password_proof?: string
  otp?: string
  captcha?: string
}

export interface WireRevealed {
  key_a: string
  envelope: WireEnvelope
  grant: string
}

/** Where a workspace is told of events. */
export interface WireWebhook {
  id: string
  url: string
  created_at: string
  /** Until then the secret before the last rotation signs too; null: only the newest does. */
  previous_until: string | null
}

/** The reply to a webhook's creation and to its rotation. */
export interface WireWebhookSecret extends WireWebhook {
  /** `whsec_` and base64, as Standard Webhooks has it; shown only here. */
  secret: string
}

interface WireNoticeOf<Type extends string, Data> {
  type: Type
  /** When it happened, not when it was sent. */
  timestamp: string
  data: Data
}

interface WireNoticedSecret {
  slug: string
  at: string
  /** The token's name, or `anonymous`. */
  creator: string
}

/** What an owner is told, by webhook and by e-mail. */
export type WireOwnerNotice =
  | WireNoticeOf<'secret.opened' | 'secret.expired_unread', WireNoticedSecret>
  | WireNoticeOf<'secret.locked', WireNoticedSecret & { burned: boolean }>

/** What a workspace is told of its named secrets, by webhook alone: once a version. */
export type WireKmsNotice = WireNoticeOf<
  'kms.rotation_due' | 'kms.expired',
  { handler: string; version: number; at: string }
>

/** The body of a webhook. */
export type WireNotice = WireOwnerNotice | WireKmsNotice | WireNoticeOf<'webhook.test', { webhook_id: string }>

/** What a recipient is told, by e-mail alone: `POST /api/v1/secrets/{slug}/notice`. */
export type WireSharedNotice = WireNoticeOf<'secret.shared', { slug: string; sender: string; expires_at: string }>

export type WireDeliveryStatus = 'pending' | 'delivered' | 'failed'

/** A notice on its way to one receiver. */
export interface WireDelivery {
  /** The `webhook-id`. */
  id: string
  kind: 'email' | 'webhook'
  webhook_id: string | null
  type: (WireNotice | WireSharedNotice)['type']
  /** null: it tells of no secret. */
  slug: string | null
  /** null: it tells of no named secret. */
  handler: string | null
  status: WireDeliveryStatus
  attempts: number
  created_at: string
  /** null: delivered, or given up. */
  next_at: string | null
  delivered_at: string | null
  last_error: string | null
}

export interface WirePagination {
  current_page: number
  per_page: number
  total: number
  last_page: number
}

export interface WireSuccess<T> {
  success: true
  message: string
  data: T
}

export interface WireList<T> extends WireSuccess<T[]> {
  pagination: WirePagination
}

export interface WireFailure {
  success: false
  error: {
    code: WireErrorCode
    message: string
    details?: Record<string, unknown>
    request_id?: string
  }
}
