/** How a request ends. Its end ends no answer, and its record stays until the last of them has ended. */
import type { SweepOutcome } from '../secrets/endings.ts'
import { nobody, unchanged } from '../secrets/decision.ts'
import type { Caller } from '../secrets/secret.ts'
import type { RequestDecision } from './decision.ts'
import { log, notify } from './decision.ts'
import type { RequestHistory } from './history.ts'
import { agrees } from './history.ts'
import type { RequestRecord } from './request.ts'
import { contentUntil, stateAt } from './request.ts'

export interface WithdrawCommand {
  now: number
  caller: Caller
  /** `operator`: a command of the server's; null: the owner. */
  reason: 'operator' | null
}

/**
 * Again, or of one that ended: nothing. One without a place left is withdrawn too, while an abandoned upload could open it
 * again.
 */
export function withdraw(
  request: RequestRecord,
  uploading: number,
  { now, caller, reason }: WithdrawCommand,
): RequestDecision<null> {
  const state = stateAt(request, now)
  const mayReopen = state === 'answered' && uploading > 0 && request.expiresAt > now
  if (state !== 'open' && !mayReopen) return unchanged(null)
  return {
    outcome: null,
    changes: [
      { kind: 'end', at: now, from: request.state, to: 'withdrawn', endedAt: now, contentUntil: now },
      log('request.withdrawn', now, caller, reason),
    ],
  }
}

export interface RequestEndingFacts {
  request: RequestRecord
  /** Who is told by mail (sealed); null: nobody, or destroyed. */
  sealedNotify: Buffer | null
  /** What the genuine entries of the access log tell of it; null: they aren't all genuine, or don't begin with it. */
  history: RequestHistory | null
}

/** Whether the record is as its log has it. */
export const isTrue = (request: RequestRecord, history: RequestHistory | null): history is RequestHistory =>
  history !== null && agrees(request, history)

/** Ends an open request whose time has run out. */
export function expire(
  { request, sealedNotify, history }: RequestEndingFacts,
  now: number,
): RequestDecision<SweepOutcome> {
  const { expiresAt } = request
  if (request.state !== 'open' || expiresAt > now) return unchanged('early')
  if (!isTrue(request, history)) return unchanged('disputed')
  const until = contentUntil('expired', request, now) ?? now
  return {
    outcome: 'done',
    changes: [
      { kind: 'end', at: now, from: 'open', to: 'expired', endedAt: expiresAt, contentUntil: until },
      log('request.expired', expiresAt, nobody),
      notify('request.expired', request, sealedNotify, expiresAt, now),
    ],
  }
}

export interface RequestPurgeFacts extends Pick<RequestEndingFacts, 'request' | 'history'> {
  /** When each answer ended; null: it hasn't. */
  answersEndedAt: readonly (number | null)[]
  /** Whether the entries of refused attempts, too, are genuine. */
  refusalsAreGenuine: boolean
}

export interface RequestPurgeCommand {
  now: number
  /** Milliseconds that the record is kept after its end and that of its answers; null: the owner asks for it. */
  retention: number | null
}

/** `living`: so many answers haven't ended. Only `done` changes something; the answers' records go before. */
export type RequestPurgeOutcome = { kind: SweepOutcome } | { kind: 'living'; answers: number }

/** Removes the record and what its log says of it, if the log agrees that it ended then, and after its answers. */
export function purge(
  facts: RequestPurgeFacts,
  { now, retention }: RequestPurgeCommand,
): RequestDecision<RequestPurgeOutcome> {
  const { request, history, answersEndedAt, refusalsAreGenuine } = facts
  const ended = answersEndedAt.filter((at) => at !== null)
  const answers = answersEndedAt.length - ended.length
  if (answers > 0) return unchanged({ kind: 'living', answers })
  if (request.endedAt === null || !isTrue(request, history)) return unchanged({ kind: 'disputed' })
  const since = Math.max(request.endedAt, ...ended)
  if (retention !== null && since + retention > now) return unchanged({ kind: 'early' })
  if (!refusalsAreGenuine) return unchanged({ kind: 'disputed' })
  return {
    outcome: { kind: 'done' },
    changes: [{ kind: 'destroy content' }, { kind: 'purge', since, retention, at: now, state: request.state }],
  }
}
