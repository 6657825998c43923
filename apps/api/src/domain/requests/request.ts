/** A request for secrets as the server knows it: spec/protocol.md section 10. */
import type { WireRequestStatus } from '@halfkey/sdk'

export type { WireRequestEventType as RequestEventType } from '@halfkey/sdk'

/**
 * `answered`: no place is left. It isn't final while an answer is being uploaded: abandoned, that gives its place back.
 */
export type RequestState = WireRequestStatus

/** What each answer may be. Fixed when the request is created, so that a repeated answer gets the same reply. */
export interface AnswerLimits {
  maximumViews: number
  /** Seconds. */
  expiresIn: number
  /** Encrypted bytes of text and files together. */
  maximumBytes: number
  maximumFiles: number
}

/** The record that outlives its content. Times are milliseconds since the epoch; verifiers are SHA-256, 32 bytes. */
export interface RequestRecord {
  id: number
  slug: string
  /** null: made without a token. */
  workspaceId: number | null
  /** The token's id; null: made without a token. */
  tokenId: string | null
  /** The token's name, or `anonymous`. */
  creator: string
  state: RequestState
  accessVerifier: Buffer
  collectVerifier: Buffer
  maximumAnswers: number
  /** Places taken, by answers that are being uploaded too. */
  answers: number
  limits: AnswerLimits
  createdAt: number
  updatedAt: number
  expiresAt: number
  /** When its last place was taken, or its end; null: it is open. */
  endedAt: number | null
}

/** What is destroyed once the request takes no answers any more. */
export interface RequestContent {
  /** 1216 bytes. */
  publicKey: Buffer
  note: string
  /** Who is told of answers and of the expiry, under the server key. */
  sealedNotify: Buffer | null
}

export interface NewRequest extends Omit<RequestRecord, 'id' | 'state' | 'answers' | 'endedAt'> {
  content: RequestContent
  meta: string | null
  /** SHA-256 of the request's bytes: the same bytes sent again get the same reply. */
  createDigest: Buffer
}

/** What a request's own bytes count against the quota. Its answers count theirs. */
export const requestBytes = ({ content, meta }: Pick<NewRequest, 'content' | 'meta'>): number =>
  content.publicKey.length + content.note.length + (meta?.length ?? 0)

/** A request counts as expired when it is due, even if the sweeper hasn't processed it yet. */
export const stateAt = ({ state, expiresAt }: Pick<RequestRecord, 'state' | 'expiresAt'>, now: number): RequestState =>
  state === 'open' && expiresAt <= now ? 'expired' : state

/**
 * From when on nobody needs the content: an answered request may be open again until it expires. null: it is open.
 */
export function contentUntil(state: RequestState, { expiresAt }: Pick<RequestRecord, 'expiresAt'>, now: number) {
  if (state === 'open') return null
  return state === 'withdrawn' ? now : expiresAt
}
