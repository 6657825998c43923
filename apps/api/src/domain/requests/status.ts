/** spec/protocol.md section 10, status: whether a request takes answers, and else how it ended. */
import type { Denial } from '../policies/policy.ts'
import { gone } from '../policies/policy.ts'
import type { RequestRecord } from './request.ts'
import { stateAt } from './request.ts'

/** null: it takes answers. */
export function denialOf(request: RequestRecord, now: number): Denial | null {
  const state = stateAt(request, now)
  return state === 'open' ? null : gone(state, request.endedAt ?? request.expiresAt)
}
