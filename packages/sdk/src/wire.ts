/**
 * The storage API's requests and replies as they travel: snake_case, times ISO 8601 UTC with milliseconds,
 * binary as `b64` (base64url without padding). Types alone, no code: the API imports this file too.
 */

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
  share_domain?: string
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

export type WireEventType = 'created' | 'opened' | 'denied' | 'acked' | 'burned' | 'expired'

export interface WireEvent {
  type: WireEventType
  /** The error code that a denied caller got; null for the other types. */
  reason: string | null
  at: string
  ip: string | null
  user_agent: string | null
  country: string | null
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

export interface WireWorkspace {
  name: string
  workspace_check: string | null
  limits: Record<string, number | null>
  usage: Record<string, number>
}

/** `POST /api/v1/links/{slug}/status` */
export interface WireLinkStatus {
  password: boolean
  otp: { type: WireOtpType; to: string | null } | null
  captcha: boolean
  note: string | null
  expiration: string
  /** null: any number until expiry. */
  views_left: number | null
  /** Failed passwords and codes left before the lock-out. */
  attempts_left: number
  files: { id: string; size: number }[]
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

/** `POST /api/v1/links/{slug}/ack` */
export interface WireAckRequest {
  reveal_id: string
}

export interface WireGone {
  cause: WireCause
  at: string
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

/** Every code that the API answers with. The API's table of statuses and messages is checked against this union. */
export type WireErrorCode =
  | 'AUTHENTICATION_ERROR'
  | 'PERMISSION_DENIED'
  | 'QUOTA_EXCEEDED'
  | 'VALIDATION_ERROR'
  | 'NOT_FOUND'
  | 'GONE'
  | 'CONFLICT'
  | 'IP_DENIED'
  | 'GEO_DENIED'
  | 'PASSWORD_REQUIRED'
  | 'PASSWORD_WRONG'
  | 'OTP_REQUIRED'
  | 'OTP_WRONG'
  | 'CAPTCHA_REQUIRED'
  | 'CAPTCHA_WRONG'
  | 'WRONG_REGION'
  | 'LOCKED'
  | 'RATE_LIMITED'
  | 'PAYLOAD_TOO_LARGE'
  | 'UPLOAD_INCOMPLETE'
  | 'SERVER_ERROR'
  | 'UNAVAILABLE'
