/**
 * The storage API's requests and replies as they travel: snake_case, times ISO 8601 UTC with milliseconds,
 * binary as `b64` (base64url without padding). Types alone, no code: the API imports this file too.
 */
import type { WireErrorCode } from './wire-codes.ts'

export type { WireErrorCode }
export type * from './wire-requests.ts'

/** Sealed content, spec/protocol.md section 5. `salt` and `commitment` hold 32 bytes, `iv` 12. */
export interface WireEnvelope {
  /** The protocol's version. */
  v: 1
  /** b64 of 32 bytes. */
  salt: string
  /** b64 of 12 bytes. */
  iv: string
  /** b64 of 32 bytes: recognises a wrong key. */
  commitment: string
  /** b64 of AES-256-GCM's output, tag included. */
  ciphertext: string
}

/**
 * Where one-time codes come from: sent by e-mail or SMS, or by an authenticator app (RFC 6238; the secret is base32).
 */
export type WireOtp = { type: 'email' | 'sms'; to: string } | { type: 'totp'; secret: string }
/** The kinds of one-time codes. */
export type WireOtpType = WireOtp['type']
/** What too many failures do: lock the secret until its owner unlocks it, or burn it. */
export type WireLockout = 'lock' | 'burn'

/** `POST /api/v1/secrets` */
export interface WireCreateRequest {
  /** 13 characters of base 58, derived from the access verifier. */
  slug: string
  /** The sealed content. */
  envelope: WireEnvelope
  /** b64 of 32 bytes: the server's half of the key. */
  key_a: string
  /** b64 of SHA-256 of the link's access value. */
  access_verifier: string
  /** b64 of SHA-256 of the password's proof. */
  password_verifier?: string
  /** b64 of SHA-256 of the manage key. */
  manage_verifier: string
  /** Sealed: read by the link's holder before the reveal. */
  note?: string
  /** Sealed under the workspace key: read by the owner alone. */
  meta?: string
  /** 1 … 10000, null: any number until expiry. Default 1. */
  maximum_views?: number | null
  /** Seconds, 60 … 3,600,000. Default 86,400. */
  expires_in?: number
  /** Addresses and CIDR ranges that may open it. */
  ip_whitelist?: string[]
  /** ISO 3166-1 alpha-2 codes of countries from which it may be opened. */
  geolocation?: string[]
  /** Whether a reveal needs a captcha. Default false. */
  captcha?: boolean
  /** The one-time code that a reveal needs. Default none. */
  otp?: WireOtp
  /** Failed passwords and codes before the lock-out, 1 … 100. Default 10. */
  max_attempts?: number
  /** Default `lock`. */
  on_lockout?: WireLockout
  /** Sizes are encrypted sizes in bytes. */
  attachments?: { id: string; size: number }[]
  /** Who is notified of the first opening, a lock-out and an unopened expiry. */
  notify?: { email: string }
}

/** The reply to a create. The same bytes sent again get the same reply. */
export interface WireCreated {
  /** As in the request. */
  slug: string
  /** Without the fragment, which the server never sees. */
  share_url: string
  /** null: any number until expiry. */
  maximum_views: number | null
  /** 0: it is new. */
  current_views: 0
  /** When it expires. */
  expiration: string
  /** Whether it needs a password. */
  has_password: boolean
  /** Whether it has files. */
  has_attachments: boolean
  /** How many files it has. */
  attachments_count: number
  /** When it was created. */
  created_at: string
}

/** Where a secret is in its life. */
export type WireStatus = 'active' | 'uploading' | 'viewed' | 'expired' | 'burned' | 'locked'
/** Why a secret ended: `details.cause` of GONE. */
export type WireCause = 'viewed' | 'expired' | 'burned' | 'locked_out'

/** The reply to `PUT /api/v1/secrets/{slug}/files/{id}/parts/{n}`. The same bytes sent again get the same reply. */
export interface WirePart {
  /** Its number, from 0. */
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
  /** 13 characters of base 58, derived from the access verifier. */
  slug: string
  /** The token's name, or `anonymous`. */
  creator: string
  /** null: any number until expiry. */
  maximum_views: number | null
  /** Openings so far. */
  current_views: number
  /** When it expires. */
  expiration: string
  /** Whether it needs a password. */
  has_password: boolean
  /** Whether it has files. */
  has_attachments: boolean
  /** How many files it has. */
  attachments_count: number
  /** Whether it needs a captcha. */
  captcha: boolean
  /** The kind of one-time code that it needs; null: none. */
  otp_type: WireOtpType | null
  /** Empty: any. */
  ip_whitelist: string[]
  /** Empty: any. */
  geolocation: string[]
  /** Ended, whatever the cause: `status` is expired, viewed or burned. */
  is_expired: boolean
  /** Where it is in its life. */
  status: WireStatus
  /** Without the fragment. */
  share_url: string
  /** Sealed; null: none. */
  note: string | null
  /** Sealed; null: none. */
  meta: string | null
  /** When it was created. */
  created_at: string
  /** When its record last changed. */
  updated_at: string
  /** Of an answer to a request alone: its first opening. Absent: it hasn't been opened, or isn't an answer. */
  collected_at?: string
}

/** `PATCH /api/v1/secrets/{slug}`: nothing can be loosened. */
export interface WirePatchRequest {
  /** Seconds from now; must end earlier than before. */
  expires_in?: number
  /** Lower than before, and above the views already spent. */
  maximum_views?: number
  /** Clears the failed attempts of a locked secret. */
  unlock?: true
  /** Sealed; replaces what there is. */
  meta?: string
}

/** `purged`: only in the workspace's log, where it records that entries were emptied. */
export type WireEventType = 'created' | 'changed' | 'opened' | 'denied' | 'acked' | 'burned' | 'expired' | 'purged'

/** An event in the life of a secret. */
export interface WireEvent {
  /** What happened. */
  type: WireEventType
  /**
   * Of `denied`: the error code that the caller got; of those who got the 404, NOT_FOUND if it showed no proof of holding
   * the link, NOT_OWNER if it asked as an owner without the right token or manage key. Of `burned`: `locked_out`,
   * `operator` (taken down), or null for the owner. null for the other types.
   */
  reason: string | null
  /** When. */
  at: string
  /** An address, or the CIDR block that the server keeps of it; null: not kept, or unknown. */
  ip: string | null
  /** The caller's `User-Agent`; null: not kept, or none. */
  user_agent: string | null
  /** ISO 3166-1 alpha-2, of the address; null: unknown. */
  country: string | null
}

/** What may happen to a named secret: docs/kms.md. */
export type WireKmsEventType =
  'kms.put' | 'kms.revealed' | 'kms.denied' | 'kms.updated' | 'kms.expired' | 'kms.destroyed' | 'kms.deleted'

/** What may happen to a request; `seen`: somebody with the ask link looked at it. */
export type WireRequestEventType =
  | 'request.asked'
  | 'request.changed'
  | 'request.seen'
  | 'request.answered'
  | 'request.refused'
  | 'request.abandoned'
  | 'request.collected'
  | 'request.withdrawn'
  | 'request.expired'

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
  /** Rises with time; has gaps. */
  id: number
  /** What happened. */
  type: WireKmsEventType
  /** Of `kms.denied`; null for the other types. */
  reason: WireKmsRefusal | null
  /** null: it concerns no one version, or the newest of a handler that there isn't. */
  version: number | null
  /** null: no one called, as at an expiry. */
  token_id: string | null
  /** The token's name. */
  token: string | null
}

/** An entry of the workspace's access log: docs/access-log.md. */
export interface WireAuditEntry extends Omit<WireEvent, 'type'> {
  /** What happened. */
  type: WireEventType | WireKmsEventType | WireRequestEventType
  /** Rises with time; has gaps, because other workspaces' entries are counted too. */
  id: number
  /** null: it is about a named secret, or purged, as is everything but id, type, time and hashes. */
  slug: string | null
  /** This and the following three are of named secrets alone. */
  handler: string | null
  /** Of the named secret. */
  version: number | null
  /** Of the token that made the call. */
  token_id: string | null
  /** The token's name. */
  token: string | null
  /**
   * What expiry and purge rest on: of `created` and `changed` the limits that were set (of a request's entries the
   * answers), of `purged` since when, how long (seconds; null: the owner asked for it) and how many entries were emptied.
   */
  basis:
    | { expires_at: string; maximum_views: number | null }
    | { expires_at: string; maximum_answers: number }
    | { since: string; retention: number | null; entries: number }
    | null
  /** Emptied: only id, type, time and hashes are left. */
  purged: boolean
  /** Id of the `purged` entry that records it; null: not purged, or by version 0.1. */
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
  /** Of the entry. */
  id: number
  /** b64 of 32 bytes. */
  chain: string
}

/** `GET /api/v1/audit`, oldest first. */
export interface WireAuditPage {
  /** Oldest first. */
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

/** What the server found wrong with its log. */
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

/** The reply to `POST /api/v1/audit/verify`. */
export interface WireAuditVerified {
  /** Whether nothing is wrong. */
  valid: boolean
  /** How many were walked. */
  entries: number
  /** Of the whole log; null: it is empty. */
  head: WireAuditHead | null
  /** What is wrong, and where. */
  problems: WireAuditProblem[]
}

/** `GET /api/v1/stats`. Days are UTC; weeks start on Monday. */
export interface WireStats {
  /** Ever created. */
  total_secrets: number
  /** Not ended. */
  active_secrets: number
  /** Ended, whatever the cause. */
  expired_secrets: number
  /** Openings of all secrets together. */
  total_views: number
  /** Of all that were ever created, those with a password. */
  secrets_with_password: number
  /** Since midnight, UTC. */
  secrets_created_today: number
  /** Since Monday, UTC. */
  secrets_created_this_week: number
  /** Since the first of the month, UTC. */
  secrets_created_this_month: number
}

/** `GET /api/v1/limits`: what the token allows, or without a token what is open to anyone. */
export interface WireLimits {
  /** Whether creating needs no token. */
  anonymous: boolean
  /** Of an envelope. */
  ciphertext_bytes: number
  /** Seconds. */
  expires_in: number
  /** The most that may be asked for. */
  maximum_views: number
  /** 0: this server takes none. */
  attachments: number
  /** Of each attachment, encrypted. */
  file_bytes: number
  /** Of all attachments of a secret, encrypted; null: as many as each may have. */
  files_bytes: number | null
  /** Whether every secret needs one. */
  password_required: boolean
  /** The kinds of one-time codes that this server can ask for. */
  otp: WireOtpType[]
  /** Whether this server can restrict countries. */
  geolocation: boolean
  /** Whether this server can send e-mail to owners. */
  notify: boolean
  /** Whether secrets can be requested. */
  requests: boolean
}

/** `GET /api/v1/workspace` */
export interface WireWorkspace {
  /** Its name. */
  name: string
  /** b64 of 32 bytes; null until it is set. */
  workspace_check: string | null
  /** null: no limit. */
  limits: Record<string, number | null>
  /** By the names of the limits, and others. */
  usage: Record<string, number>
}

/** `PUT /api/v1/workspace/check` */
export interface WireWorkspaceCheckRequest {
  /** b64 of 32 bytes. */
  workspace_check: string
  /** What it replaces, for a rekey; without it the value is set once. */
  previous?: string
}

/** `PUT /api/v1/kms/{handler}`, spec/protocol.md section 8: what is left out stays as it was, but for the expiry. */
export interface WireKmsPutRequest {
  /** The newest + 1. */
  version: number
  /** b64 of 32 bytes: the server's half of the key. */
  key_a: string
  /** The sealed value. */
  envelope: WireEnvelope
  /** Sealed name and properties. */
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
  /** As in the path. */
  handler: string
  /** As in the request. */
  version: number
  /** When it was created. */
  created_at: string
}

/** `PATCH /api/v1/kms/{handler}`: what is left out stays as it was. */
export interface WireKmsPatchRequest {
  /** Sealed name and properties. */
  meta?: string
  /** What `meta` replaces, null for none: refused if it was changed meanwhile. */
  previous_meta?: string | null
  /** Addresses and CIDR blocks; empty: from anywhere. */
  whitelist?: string[]
  /** Of the newest version, from now; null: never. */
  expires_in?: number | null
  /** Seconds after which a newer version is due; null: never. */
  rotate_after?: number | null
  /** Of the key that `meta` is sealed under: refused if the workspace has another. */
  workspace_check?: string
}

/** A named secret as its owner sees it: everything but the content. */
export interface WireKmsEntry {
  /** Its name. */
  handler: string
  /** The same for all its versions. */
  id: string
  /** Sealed name and properties; null: none. */
  meta: string | null
  /** Empty: from anywhere. */
  whitelist: string[]
  /** The newest. */
  version: number
  /** How many aren't destroyed. */
  versions: number
  /** When its first version was put. */
  created_at: string
  /** When it last changed. */
  updated_at: string
  /** Of the newest version, as the next; null: never. */
  expires_at: string | null
  /** Of the newest version; null: it isn't destroyed. */
  destroyed_at: string | null
  /** Seconds. */
  rotate_after: number | null
  /** null: never. */
  rotation_due_at: string | null
  /** Whether a newer version is due. */
  rotation_due: boolean
}

/** One version of a named secret, without its value. */
export interface WireKmsVersion {
  /** From 1. */
  version: number
  /** When it was put. */
  created_at: string
  /** The token's name. */
  creator: string
  /** null: never. */
  expires_at: string | null
  /** null: it isn't destroyed. */
  destroyed_at: string | null
}

/** The reply to `POST /api/v1/kms/{handler}/reveal`. */
export interface WireKmsRevealed {
  /** Which one it is. */
  version: number
  /** b64 of 32 bytes: the server's half of the key. */
  key_a: string
  /** The sealed value. */
  envelope: WireEnvelope
}

/** `GET /api/v1/kms/{handler}/events`, newest first. */
export interface WireKmsEvents {
  /** Newest first. */
  events: WireKmsEvent[]
  /** The `before` of the next page; null: this is the last. */
  next: number | null
}

/** What a token may be allowed to do. */
export type WireScope =
  | 'secrets:read'
  | 'secrets:write'
  | 'kms:read'
  | 'kms:write'
  | 'kms:reveal'
  | 'requests:read'
  | 'requests:write'
  | 'audit:read'
  | 'tokens:admin'

/** `POST /api/v1/tokens`: what is left out is copied from the token that asks. */
export interface WireTokenRequest {
  /** For people. */
  name: string
  /** At least one. */
  scopes: WireScope[]
  /** Patterns of handlers, where `*` stands for any characters. */
  handlers?: string[]
  /** Addresses and CIDR blocks. */
  ips?: string[]
  /** Seconds. */
  expires_in?: number
}

/** An API token, without its secret half. */
export interface WireToken {
  /** Letters and digits; the part of the token after `hkt_`. */
  id: string
  /** For people. */
  name: string
  /** What it may do. */
  scopes: WireScope[]
  /** Empty: every handler. */
  handlers: string[]
  /** Empty: from anywhere. */
  ips: string[]
  /** The token that made it; null: the operator did, or version 0.1. */
  parent_id: string | null
  /** When it was created. */
  created_at: string
  /** null: never. */
  expires_at: string | null
  /** null: it isn't revoked. */
  revoked_at: string | null
  /** null: never. */
  last_used_at: string | null
}

/** The reply to a token's revocation. */
export interface WireTokensRevoked {
  /** The token, and those that it made if that was asked for. */
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
  /** The hash of the proof of work. */
  algorithm: 'SHA-256'
  /** SHA-256 of `salt` and the number looked for, in hex. */
  challenge: string
  /** The largest that the number can be. */
  maxnumber: number
  /** With the slug and the expiry in it. */
  salt: string
  /** The server's, in hex. */
  signature: string
}

/** `POST /api/v1/links/{slug}/status` */
export interface WireLinkStatus {
  /** Whether a reveal needs a password. */
  password: boolean
  /** The one-time code that a reveal needs, and the masked address that it goes to; null: none. */
  otp: { type: WireOtpType; to: string | null } | null
  /** Whether a reveal needs a captcha. */
  captcha: boolean
  /** The captcha to solve; null if there is none. */
  challenge: WireChallenge | null
  /** Sealed; null: none. */
  note: string | null
  /** When the secret expires. */
  expiration: string
  /** null: any number until expiry. */
  views_left: number | null
  /** Failed passwords and codes left before the lock-out. */
  attempts_left: number
  /** Encrypted sizes, in bytes. */
  files: { id: string; size: number }[]
}

/** The reply to `POST /api/v1/links/{slug}/otp`, whose body is `{password_proof?}`. */
export interface WireCodeSent {
  /** By e-mail or SMS. */
  type: 'email' | 'sms'
  /** Where the code went, masked. */
  to: string
  /** Until when the code counts. */
  expires_at: string
}

/** `POST /api/v1/links/{slug}/reveal` */
export interface WireRevealRequest {
  /** b64 of 16 random bytes: the same id again gets the same reply, and spends nothing more. */
  reveal_id: string
  /** b64 of 32 bytes, derived from the password. */
  password_proof?: string
  /** The one-time code. */
  otp?: string
  /** The solution: base64 of ALTCHA's JSON. */
  captcha?: string
}

/** The reply to a reveal. */
export interface WireRevealed {
  /** b64 of 32 bytes: the server's half of the key. */
  key_a: string
  /** The sealed content. */
  envelope: WireEnvelope
  /** Allows the download of the files, as `Halfkey-Grant`. */
  grant: string
}

/** An address that a workspace has notified of events. */
export interface WireWebhook {
  /** Names it in the other calls. */
  id: string
  /** Where messages are posted. */
  url: string
  /** When it was created. */
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

/** What an owner is notified of, by webhook and by e-mail. */
export type WireOwnerNotice =
  | WireNoticeOf<'secret.opened' | 'secret.expired_unread', WireNoticedSecret>
  | WireNoticeOf<'secret.locked', WireNoticedSecret & { burned: boolean }>

/** What a workspace is notified of about its named secrets: by webhook only, once a version. */
export type WireKmsNotice = WireNoticeOf<
  'kms.rotation_due' | 'kms.expired',
  { handler: string; version: number; at: string }
>

/** What whoever asked is notified of, by webhook and by e-mail: an answer that can be collected, and the request's expiry. */
export type WireRequestNotice = WireNoticeOf<
  'request.answered' | 'request.expired',
  WireNoticedSecret & { answers_count: number; maximum_answers: number }
>

/** The body of a webhook. */
export type WireNotice =
  WireOwnerNotice | WireKmsNotice | WireRequestNotice | WireNoticeOf<'webhook.test', { webhook_id: string }>

/** What a recipient is notified of, by e-mail only: `POST /api/v1/secrets/{slug}/notice`. */
export type WireSharedNotice = WireNoticeOf<'secret.shared', { slug: string; sender: string; expires_at: string }>

/** Waiting for a try, delivered, or given up. */
export type WireDeliveryStatus = 'pending' | 'delivered' | 'failed'

/** A notice on its way to one receiver. */
export interface WireDelivery {
  /** The `webhook-id`. */
  id: string
  /** By webhook or by e-mail. */
  kind: 'email' | 'webhook'
  /** null: it goes by e-mail, or the webhook was deleted. */
  webhook_id: string | null
  /** What it is about. */
  type: (WireNotice | WireSharedNotice)['type']
  /** The secret that it is about; null: none. */
  slug: string | null
  /** The named secret that it is about; null: none. */
  handler: string | null
  /** Whether it arrived. */
  status: WireDeliveryStatus
  /** Tries so far. */
  attempts: number
  /** When the event happened. */
  created_at: string
  /** null: delivered, or given up. */
  next_at: string | null
  /** null: not yet, or never. */
  delivered_at: string | null
  /** Why the last try failed; null: none has. */
  last_error: string | null
}

/** Where a page of a list stands. */
export interface WirePagination {
  /** From 1. */
  current_page: number
  /** Items a page. */
  per_page: number
  /** Items in all. */
  total: number
  /** At least 1. */
  last_page: number
}

/** Every reply that isn't a failure or a file. */
export interface WireSuccess<T> {
  /** Tells it from a failure. */
  success: true
  /** For people. */
  message: string
  /** What was asked for. */
  data: T
}

/** A page of a list. */
export interface WireList<T> extends WireSuccess<T[]> {
  /** Where the page stands. */
  pagination: WirePagination
}

/** Every failure. */
export interface WireFailure {
  /** Tells it from a success. */
  success: false
  /** `details` as the table of codes has them (spec/errors.md); `request_id` is for the server's operator. */
  error: {
    code: WireErrorCode
    message: string
    details?: Record<string, unknown>
    request_id?: string
  }
}
