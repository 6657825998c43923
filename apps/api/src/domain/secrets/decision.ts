/**
 * What a rule answers: the caller's reply, and what a store has to write for it. A store applies the changes in order
 * and in one transaction, or none of them.
 */
import type { Basis } from '../audit/entry.ts'
import type { OwnerNotice } from '../notices/notice.ts'
import type { Caller, Cause, EventType, NewSecret, State } from './secret.ts'
import type { Usage } from './usage.ts'

/**
 * One step. A step that can race names what it rests on (`from`, the number before), and a store puts that into the
 * `WHERE` of the write: if it no longer holds, the write fails and nothing is changed. Times are milliseconds since the
 * epoch.
 */
export type Change =
  /** The record with its content, files and metadata. `bytes` of the quota are taken. */
  | { kind: 'insert'; secret: NewSecret; state: 'uploading' | 'active'; bytes: number; quota: Usage }
  /** Spends a view and records the reveal. `to` is `viewed` with the last view. */
  | {
      kind: 'spend view'
      revealId: Buffer
      at: number
      graceUntil: number
      /** The TOTP time step of the code; null: no such code. */
      totpStep: number | null
      /** With this one, of so many. */
      views: number
      maximumViews: number | null
      to: 'active' | 'viewed'
      /** When content and files are destroyed; null with views left, and for files that there aren't. */
      contentAt: number | null
      filesAt: number | null
    }
  /** Counts a failed attempt of an active secret. */
  | { kind: 'count failure'; at: number; failures: number; to: 'active' | 'locked' }
  /** Counts a failed attempt to repeat a recorded reveal. */
  | { kind: 'count repeat failure'; revealId: Buffer; failures: number }
  | { kind: 'ack'; revealId: Buffer; at: number }
  /** `unread`: only if it was never opened. */
  | { kind: 'end'; from: State; to: 'expired' | 'burned'; cause: Cause; at: number; unread?: true }
  | {
      kind: 'tighten'
      at: number
      expiresAt: number
      maximumViews: number | null
      clearFailures: boolean
      from: State
      to: State
    }
  /** `growth`: how many bytes of the quota it takes, or gives back if negative. */
  | { kind: 'replace meta'; meta: string; growth: number; quota: Usage }
  /** Every part of its files is there: recipients can open it. */
  | { kind: 'complete upload'; at: number }
  /** Keys, ciphertext, note, verifiers and addresses, for good. Again: nothing. */
  | { kind: 'destroy content' }
  /** Again: nothing. */
  | { kind: 'destroy files'; at: number }
  /** When content and files of an ended secret are to be destroyed; null: nothing to wait for. */
  | { kind: 'destroy later'; contentAt: number | null; filesAt: number | null }
  | { kind: 'extend grant'; revealId: Buffer; until: number }
  /** Of an ended secret whose files aren't destroyed yet. */
  | { kind: 'destroy files later'; at: number }
  | { kind: 'record code'; verifier: Buffer; expiresAt: number }
  | { kind: 'forget codes' }
  /** A captcha's solution, by the challenge that it solves. */
  | { kind: 'use captcha'; id: Buffer; expiresAt: number }
  /** Adds an entry to the access log. */
  | { kind: 'log'; type: EventType; at: number; caller: Caller; reason: string | null; basis: Basis | null }
  /** Queues a notice to every webhook of the workspace, and by mail where the sender left an address (sealed). */
  | { kind: 'notify'; notice: OwnerNotice; sealedTo: Buffer | null; at: number }
  /**
   * Tells the request that the answer belongs to: its first reveal, the end of its upload, or that its upload was never
   * completed.
   */
  | { kind: 'tell request'; what: 'collected' | 'completed' | 'abandoned'; at: number; caller: Caller }
  /** Empties the entries of the access log, which tells of it, and removes the record with its metadata. */
  | { kind: 'purge'; since: number; retention: number | null; at: number; state: State }

export interface Decision<Outcome, OneChange = Change> {
  outcome: Outcome
  changes: OneChange[]
}

export const unchanged = <Outcome>(outcome: Outcome): Decision<Outcome, never> => ({ outcome, changes: [] })

export const log = (
  type: EventType,
  at: number,
  caller: Caller,
  reason: string | null = null,
  basis: Basis | null = null,
): Change => ({ kind: 'log', type, at, caller, reason, basis })

/** Nobody: what the server does by itself. */
export const nobody: Caller = { ip: null, userAgent: null, country: null }
