/** What happens to a request when something happens to one of its answers. */
import { nobody, unchanged } from '../secrets/decision.ts'
import type { Caller } from '../secrets/secret.ts'
import type { RequestDecision } from './decision.ts'
import { log, notify } from './decision.ts'
import type { RequestRecord } from './request.ts'
import { contentUntil } from './request.ts'

export interface ToldFacts {
  request: RequestRecord
  /** Who is told by mail (sealed); null: nobody, or destroyed. */
  sealedNotify: Buffer | null
}

interface Happened {
  now: number
  caller: Caller
}

/** Its first recorded reveal. */
export const collected = (_facts: ToldFacts, { now, caller }: Happened): RequestDecision<null> => ({
  outcome: null,
  changes: [{ kind: 'count collected' }, log('request.collected', now, caller)],
})

/** Its files are there, so that it can be collected. */
export const completed = ({ request, sealedNotify }: ToldFacts, { now }: Happened): RequestDecision<null> => ({
  outcome: null,
  changes: [notify('request.answered', request, sealedNotify, now, now)],
})

/** Its upload wasn't completed in time. A request without a place left is open again, or expires if it is due. */
export function abandoned(facts: ToldFacts, { now }: Happened): RequestDecision<null> {
  const { request, sealedNotify } = facts
  const { state, answers, expiresAt } = request
  if (answers === 0) return unchanged(null)
  const isDue = expiresAt <= now
  const to = state !== 'answered' ? state : isDue ? 'expired' : 'open'
  const endedAt = state !== 'answered' ? request.endedAt : isDue ? expiresAt : null
  const after: RequestRecord = { ...request, answers: answers - 1 }
  const hasExpired = state === 'answered' && isDue
  return {
    outcome: null,
    changes: [
      {
        kind: 'give back place',
        at: now,
        answers: after.answers,
        from: state,
        to,
        endedAt,
        contentUntil: contentUntil(to, request, now),
      },
      log('request.abandoned', now, nobody),
      ...(hasExpired
        ? [log('request.expired', expiresAt, nobody), notify('request.expired', after, sealedNotify, expiresAt, now)]
        : []),
    ],
  }
}
