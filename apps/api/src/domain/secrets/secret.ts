/** A secret as the server knows it: everything but what would let it read one. Shared by both databases. */
import type { WireCause, WireEnvelope, WireEventType, WireLockout, WireOtpType as OtpType } from '@halfkey/sdk'

export type { WireCause as Cause, WireEventType as EventType, WireOtpType as OtpType } from '@halfkey/sdk'

/** `uploading`, `active` and `locked` can still be completed, revealed or unlocked; the others have ended for good. */
export type State = 'uploading' | 'active' | 'locked' | 'viewed' | 'expired' | 'burned'

/** Together they are all states: what `active` and what `expired` count in figures and lists. */
export const livingStates = ['uploading', 'active', 'locked'] as const satisfies State[]
export const endedStates = ['viewed', 'expired', 'burned'] as const satisfies State[]

/** The record that outlives its content, without its verifiers. Times are milliseconds since the epoch. */
export interface Secret {
  id: number
  slug: string
  /** The request that it answers (spec/protocol.md section 10); null: it answers none. */
  requestId: number | null
  /** null: made without a token. */
  workspaceId: number | null
  /** The token's id; null: made without a token. */
  tokenId: string | null
  /** The token's name, or `anonymous`. */
  creator: string
  state: State
  /** null: any number until expiry. */
  maximumViews: number | null
  views: number
  hasPassword: boolean
  maxAttempts: number
  failedAttempts: number
  onLockout: WireLockout
  /** Addresses and CIDR blocks; null: from anywhere. */
  ipWhitelist: string[] | null
  /** ISO 3166-1 alpha-2; null: from anywhere. */
  geolocation: string[] | null
  captcha: boolean
  otpType: OtpType | null
  /** The newest TOTP time step (RFC 6238) that opened it. */
  otpLastStep: number | null
  attachmentsCount: number
  createdAt: number
  updatedAt: number
  expiresAt: number
  /** Why and when it ended; null while it lives. */
  cause: WireCause | null
  endedAt: number | null
}

/**
 * What is destroyed when a secret ends. `sealedKeyA` is `keyA` under the server key; `passwordVerifier` is
 * SHA-256(passwordProof), spec/protocol.md section 4.
 */
export interface Content {
  sealedKeyA: Buffer
  envelope: WireEnvelope
  note: string | null
  passwordVerifier: Buffer | null
  /** The address of one-time codes, or the TOTP secret, under the server key. */
  sealedOtp: Buffer | null
  /** Who is told of openings and endings, under the server key. */
  sealedNotify: Buffer | null
}

/** What a recipient's and an owner's calls prove themselves against: SHA-256 of `access` and `manageKey`, 32 bytes. */
export interface Verifiers {
  accessVerifier: Buffer
  manageVerifier: Buffer
}

/** What is stored with a new secret: `sealedKeyB` is, of an answer, `keyB` sealed to whoever asked, 1168 bytes. */
export interface NewContent extends Content {
  sealedKeyB: Buffer | null
}

export interface NewSecret
  extends Omit<Secret, 'id' | 'state' | 'views' | 'failedAttempts' | 'otpLastStep' | 'cause' | 'endedAt'>, Verifiers {
  content: NewContent
  attachments: Attachment[]
  meta: string | null
  /** SHA-256 of the create request's bytes: the same bytes sent again get the same reply. */
  createDigest: Buffer
}

/** One file, as the server knows it: spec/protocol.md section 6. */
export interface Attachment {
  /** As the sender names it, 16 bytes. */
  fileId: Buffer
  /** Encrypted bytes. */
  size: number
}

/** Who called, as the access log keeps it. */
export interface Caller {
  ip: string | null
  userAgent: string | null
  /** ISO 3166-1 alpha-2; null: unknown. */
  country: string | null
}

export interface SecretEvent extends Caller {
  type: WireEventType
  /** The code that a denied caller got. */
  reason: string | null
  at: number
}

export const hasEnded = (secret: Pick<Secret, 'endedAt'>): boolean => secret.endedAt !== null
