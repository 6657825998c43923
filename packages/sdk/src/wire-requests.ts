/** The storage API's requests and replies about requests for secrets (spec/protocol.md section 10): types alone. */
import type { WireEnvelope, WireStatus } from './wire.ts'

/** Where a request is in its life. `answered`: no place is left; while an upload may be abandoned, one may come back. */
export type WireRequestStatus = 'open' | 'answered' | 'expired' | 'withdrawn'
/** Why a request takes no answers: `details.cause` of GONE. */
export type WireRequestCause = Exclude<WireRequestStatus, 'open'>

/** What a request allows each answer. */
export interface WireAnswerLimits {
  /** Times that it can be opened, 1 … 10. */
  maximum_views: number
  /** Seconds that it is kept, 60 … 3,600,000. */
  expires_in: number
  /** Encrypted bytes of its text and files together. */
  maximum_bytes: number
  /** 0 … 100. */
  maximum_files: number
}

/** `POST /api/v1/requests` */
export interface WireAskRequest {
  /** 13 characters of base 58, derived from the access verifier. */
  slug: string
  /** b64 of SHA-256 of the ask link's access value. */
  access_verifier: string
  /** b64 of SHA-256 of the collect link's access value. */
  collect_verifier: string
  /** b64 of 1216 bytes. */
  public_key: string
  /** Sealed: read by holders of the ask link. */
  note: string
  /** Sealed under the workspace key: read by the owner alone. */
  meta?: string
  /** 1 … 100. Default 1. */
  maximum_answers?: number
  /** Seconds, 60 … 3,600,000. Default 604,800 (7 days), or the server's maximum if that is less. */
  expires_in?: number
  /** Default: one view, 7 days, the workspace's limits, 100 files. */
  answer?: Partial<WireAnswerLimits>
  /** Who is notified of answers and of the expiry. */
  notify?: { email: string }
}

/** The reply to a request's creation. The same bytes sent again get the same reply. */
export interface WireAsked {
  /** As in the request. */
  slug: string
  /** Without the fragment, which the server never sees. */
  ask_url: string
  /** Without the fragment. */
  collect_url: string
  /** As asked for. */
  maximum_answers: number
  /** Until when it takes answers. */
  expiration: string
  /** In effect. */
  limits: WireAnswerLimits
  /** When it was created. */
  created_at: string
}

/** One request as its owner sees it. */
export interface WireRequest {
  /** 13 characters of base 58, derived from the access verifier. */
  slug: string
  /** The token's name, or `anonymous`. */
  creator: string
  /** Where it is in its life. */
  status: WireRequestStatus
  /** How many answers it takes. */
  maximum_answers: number
  /** Places taken, by answers that are being uploaded too. */
  answers_count: number
  /** Places left; 0 once it has ended. */
  answers_left: number
  /** Until when it takes answers. */
  expiration: string
  /** What it allows each answer. */
  limits: WireAnswerLimits
  /** Without the fragment. */
  ask_url: string
  /** Without the fragment. */
  collect_url: string
  /** Sealed; null once it is destroyed. */
  note: string | null
  /** Sealed; null: none. */
  meta: string | null
  /** When it was created. */
  created_at: string
  /** When its record last changed. */
  updated_at: string
  /** null: it is open. */
  ended_at: string | null
}

/** `PATCH /api/v1/requests/{slug}`: nothing can be loosened; of an ended request only `meta` can be replaced. */
export interface WireRequestPatch {
  /** Seconds from now; must end earlier than before. */
  expires_in?: number
  /** Lower than before, and not below the places taken. */
  maximum_answers?: number
  /** Sealed; replaces what there is. */
  meta?: string
}

/** `GET /api/v1/requests/{slug}/answers`: one answer as whoever asked sees it, oldest first. */
export interface WireAnswer {
  /** Of the answer. */
  slug: string
  /** b64 of 1168 bytes; absent once it is destroyed. */
  sealed_key_b?: string
  /** As of any secret. */
  status: WireStatus
  /** When it was sent. */
  created_at: string
  /** Its first opening; absent: it hasn't been opened. */
  collected_at?: string
  /** When it ended; absent: it can be opened. */
  ended_at?: string
  /** How many files it has. */
  attachments_count: number
  /** Encrypted bytes of its text and files together. */
  size: number
}

/** `GET /api/v1/requests/stats` */
export interface WireRequestStats {
  /** Ever created. */
  total_requests: number
  /** That take answers. */
  open_requests: number
  /** Without a place left, purged ones included, as the next two. */
  answered_requests: number
  /** Whose time has run out. */
  expired_requests: number
  /** Withdrawn by their owners or the operator. */
  withdrawn_requests: number
  /** Ever sent, without those whose upload was abandoned. */
  total_answers: number
  /** Opened at least once. */
  collected_answers: number
}

/** `POST /api/v1/asks/{slug}/status` */
export interface WireAskStatus {
  /** Sealed. */
  note: string
  /** b64 of 1216 bytes. */
  public_key: string
  /** At least 1. */
  answers_left: number
  /** Until when it takes answers. */
  expiration: string
  /** What it allows each answer. */
  limits: WireAnswerLimits
  /** `anonymous`, or the workspace's name: on the server's word. */
  asked_by: string
}

/** `POST /api/v1/asks/{slug}/answers` */
export interface WireAnswerRequest {
  /** Of the answer, derived from its access verifier. */
  slug: string
  /** The sealed content. */
  envelope: WireEnvelope
  /** b64 of 32 bytes: the server's half of the key. */
  key_a: string
  /** b64 of SHA-256 of the answer's access value. */
  access_verifier: string
  /** b64 of SHA-256 of the password's proof. */
  password_verifier?: string
  /** b64 of SHA-256 of the manage key. */
  manage_verifier: string
  /** Sealed: read before the reveal. */
  note?: string
  /** Sizes are encrypted sizes in bytes. */
  attachments?: { id: string; size: number }[]
  /** b64 of 1168 bytes: the other half of the key, for whoever asked. */
  sealed_key_b: string
}

/** The reply to an answer. The same bytes sent again get the same reply, whatever has happened to the request since. */
export interface WireAnswered {
  /** As in the request. */
  slug: string
  /** When the answer expires. */
  expiration: string
  /** How many files are to be uploaded. */
  attachments_count: number
  /** When it was created. */
  created_at: string
}
