/**
 * What the log says of a record. The database alone can change a record's times and counts, but not the entries that
 * were chained under the server key when they were set: expiring and purging rest on those.
 */
import type { Secret } from '../secrets/secret.ts'
import type { EntryContent } from './entry.ts'

/** A secret as its entries tell of it. Times are milliseconds since the epoch. */
export interface History {
  createdAt: number
  /** undefined: made by version 0.1, whose entries don't say. */
  limits: { expiresAt: number; maximumViews: number | null } | undefined
  views: number
  lastOpenedAt: number | null
  ended: Pick<Secret, 'cause' | 'endedAt'> | null
}

/** Longest that a secret lives: `expires_in` is 1000 hours at most. */
const maxLifeMs = 3_600_000_000

type Entry = Pick<EntryContent, 'type' | 'reason' | 'at' | 'basis'>

/** From the genuine entries of one secret, oldest first, refusals left out; null: they don't begin with its creation. */
export function readHistory([created, ...later]: readonly Entry[]): History | null {
  if (created?.type !== 'created') return null
  const history: History = {
    createdAt: created.at,
    limits: limitsOf(created),
    views: 0,
    lastOpenedAt: null,
    ended: null,
  }
  for (const entry of later) {
    const { type, reason, at } = entry
    if (type === 'changed') history.limits = limitsOf(entry)
    if (type === 'opened') history.views += 1
    if (type === 'opened') history.lastOpenedAt = at
    if (type === 'expired') history.ended = { cause: 'expired', endedAt: at }
    if (type === 'burned') history.ended = { cause: reason === 'locked_out' ? 'locked_out' : 'burned', endedAt: at }
  }
  return history
}

const limitsOf = ({ basis }: Entry): History['limits'] =>
  basis && 'maximum_views' in basis
    ? { expiresAt: Date.parse(basis.expires_at), maximumViews: basis.maximum_views }
    : undefined

const still = { cause: null, endedAt: null }

/** Whether a record has the times, views and end that its log has. */
export function agrees(record: Secret, { createdAt, limits, views, lastOpenedAt, ended }: History): boolean {
  const { expiresAt, maximumViews } = limits ?? record
  const lastView = maximumViews !== null && views >= maximumViews
  const end = ended ?? (lastView ? { cause: 'viewed', endedAt: lastOpenedAt } : still)
  return (
    record.createdAt === createdAt &&
    record.expiresAt === expiresAt &&
    record.maximumViews === maximumViews &&
    record.views === views &&
    record.cause === end.cause &&
    record.endedAt === end.endedAt
  )
}

/**
 * When the retention time of an ended secret began. Of one that version 0.1 made, whose expiry no entry proves, not
 * before the longest life that it can have had.
 */
export const retainedFrom = ({ createdAt, limits }: History, endedAt: number): number =>
  limits ? endedAt : Math.max(endedAt, createdAt + maxLifeMs)
