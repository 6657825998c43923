/**
 * What a rule of requests answers: the caller's reply, and what a store has to write for it. A store applies the changes in
 * order and in one transaction, or none of them.
 */
import type { Basis } from '../audit/entry.ts'
import type { RequestNotice } from '../notices/notice.ts'
import { requestNotice } from '../notices/notice.ts'
import type { Decision } from '../secrets/decision.ts'
import type { Caller } from '../secrets/secret.ts'
import type { Usage } from '../secrets/usage.ts'
import type { NewRequest, RequestEventType, RequestRecord, RequestState } from './request.ts'

/**
 * One step. A step that can race names what it rests on (`from`, the number before), and a store puts that into the
 * `WHERE` of the write: if it no longer holds, the write fails and nothing is changed. Times are milliseconds since the
 * epoch; `contentUntil` is from when on the content is to be destroyed, null: not yet.
 */
export type RequestChange =
  /** The record with its content and metadata. Its bytes of the quota are taken. */
  | { kind: 'insert'; request: NewRequest; bytes: number; quota: Usage }
  /** Of an open request that hasn't expired. `answers` with this one; `to` is `answered` with the last place. */
  | {
      kind: 'take place'
      at: number
      answers: number
      maximumAnswers: number
      to: 'open' | 'answered'
      contentUntil: number | null
    }
  /** `answers` without it. An answered request is open again, or expired if its time has run out. */
  | {
      kind: 'give back place'
      at: number
      answers: number
      from: RequestState
      to: RequestState
      endedAt: number | null
      contentUntil: number | null
    }
  | {
      kind: 'end'
      at: number
      from: RequestState
      to: 'expired' | 'withdrawn'
      endedAt: number
      contentUntil: number
    }
  /** Of an open request. `to` is `answered` if no place is left. */
  | {
      kind: 'tighten'
      at: number
      expiresAt: number
      maximumAnswers: number
      to: 'open' | 'answered'
      contentUntil: number | null
    }
  /** `growth`: how many bytes of the quota it takes, or gives back if negative. */
  | { kind: 'replace meta'; meta: string; growth: number; quota: Usage; at: number }
  /** One of its answers was opened for the first time. */
  | { kind: 'count collected' }
  /** Public key, note and address, for good. Again: nothing. */
  | { kind: 'destroy content' }
  /** Adds an entry to the access log. */
  | {
      kind: 'log'
      type: RequestEventType
      at: number
      caller: Caller
      reason: string | null
      basis: Basis | null
    }
  /** Queues a notice to every webhook of the workspace, and by mail where the asker left an address (sealed). */
  | { kind: 'notify'; notice: RequestNotice; sealedTo: Buffer | null; at: number }
  /** Empties its entries of the access log, which tells of it, and removes the record. */
  | { kind: 'purge'; since: number; retention: number | null; at: number; state: RequestState }

export type RequestDecision<Outcome> = Decision<Outcome, RequestChange>

export const log = (
  type: RequestEventType,
  at: number,
  caller: Caller,
  reason: string | null = null,
  basis: Basis | null = null,
): RequestChange => ({ kind: 'log', type, at, caller, reason, basis })

/** What a request's expiry and purge will rest on, as the access log keeps it. */
export const limitsOf = ({ expiresAt, maximumAnswers }: Pick<RequestRecord, 'expiresAt' | 'maximumAnswers'>) => ({
  expires_at: new Date(expiresAt).toISOString(),
  maximum_answers: maximumAnswers,
})

export const notify = (
  type: RequestNotice['type'],
  request: RequestRecord,
  sealedTo: Buffer | null,
  happenedAt: number,
  now: number,
): RequestChange => ({ kind: 'notify', notice: requestNotice(type, request, happenedAt), sealedTo, at: now })
