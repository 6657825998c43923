/**
 * What the log says of a request. The database alone can change a record's times and counts, but not the entries that were
 * chained under the server key when they were set: expiring and purging rest on those.
 */
import type { EntryContent } from '../audit/entry.ts'
import type { RequestRecord, RequestState } from './request.ts'

export interface RequestHistory extends Pick<RequestRecord, 'createdAt' | 'expiresAt' | 'maximumAnswers' | 'answers'> {
  state: RequestState
  endedAt: number | null
}

type Entry = Pick<EntryContent, 'type' | 'at' | 'basis'>

const limitsOf = ({ basis }: Entry) =>
  basis && 'maximum_answers' in basis
    ? { expiresAt: Date.parse(basis.expires_at), maximumAnswers: basis.maximum_answers }
    : null

/** From the genuine entries of one request, oldest first; null: they don't begin with its creation. */
export function readRequestHistory([asked, ...later]: readonly Entry[]): RequestHistory | null {
  const limits = asked?.type === 'request.asked' ? limitsOf(asked) : null
  if (!asked || !limits) return null
  const history: RequestHistory = { createdAt: asked.at, ...limits, answers: 0, state: 'open', endedAt: null }
  const end = (state: RequestState, endedAt: number | null): unknown => Object.assign(history, { state, endedAt })
  for (const entry of later) {
    const { type, at } = entry
    if (type === 'request.changed') Object.assign(history, limitsOf(entry))
    if (type === 'request.answered') history.answers += 1
    if (type === 'request.abandoned') history.answers -= 1
    const isFull = history.answers >= history.maximumAnswers
    if (history.state === 'open' && isFull) end('answered', at)
    if (history.state === 'answered' && !isFull) end('open', null)
    if (type === 'request.withdrawn') end('withdrawn', at)
    if (type === 'request.expired') end('expired', at)
  }
  return history
}

/** Whether a record has the times, places and end that its log has. */
export const agrees = (record: RequestRecord, history: RequestHistory): boolean =>
  record.createdAt === history.createdAt &&
  record.expiresAt === history.expiresAt &&
  record.maximumAnswers === history.maximumAnswers &&
  record.answers === history.answers &&
  record.state === history.state &&
  record.endedAt === history.endedAt
