/** When the log of deleted named secrets, and of refusals for handlers that there never were, is emptied. */
import type { Decision } from '../secrets/decision.ts'
import { unchanged } from '../secrets/decision.ts'
import type { PurgeCommand, SweepOutcome } from '../secrets/endings.ts'
import type { KmsChange, LoggedEntry } from './decision.ts'

export interface KmsPurgeFacts {
  deletedAt: number
  /** When it was deleted, null if it is there, as its newest genuine entry has it; undefined: none has. */
  loggedDeletion: number | null | undefined
  /** The next of its entries, that of its deletion last; an empty list: none is left. */
  entries: readonly LoggedEntry[]
  /** Whether these are all that are left. */
  isLast: boolean
}

/** Empties entries of a deleted named secret, if the log agrees that it was deleted then; after the last its versions go. */
export function purge(
  { deletedAt, loggedDeletion, entries, isLast }: KmsPurgeFacts,
  { now, retention }: PurgeCommand & { retention: number },
): Decision<SweepOutcome, KmsChange> {
  if (deletedAt + retention > now) return unchanged('early')
  const end: KmsChange[] = isLast ? [{ kind: 'forget versions' }] : []
  if (entries.length === 0) return { outcome: 'done', changes: end }
  const isTrue = ({ type, at, isGenuine }: LoggedEntry): boolean =>
    isGenuine && (type === 'kms.denied' || at <= deletedAt)
  if (loggedDeletion !== deletedAt || !entries.every(isTrue)) return unchanged('disputed')
  return { outcome: 'done', changes: [{ kind: 'purge log', entries, since: deletedAt, retention, at: now }, ...end] }
}

/** A refusal for a handler that there was none of. */
export interface LoggedRefusal extends LoggedEntry {
  workspaceId: number | null
}

/** One purge a workspace. */
export interface RefusalPurge {
  workspaceId: number | null
  entries: readonly LoggedRefusal[]
  /** Of the newest of them. */
  since: number
  /** Milliseconds. */
  retention: number
  at: number
}

/** Empties refusals that rest on their own time alone. The outcome: ids of those that aren't as they were recorded. */
export function purgeRefusals(
  refusals: readonly LoggedRefusal[],
  { now, retention }: PurgeCommand & { retention: number },
): Decision<number[], RefusalPurge> {
  const isTrue = ({ type, at, isGenuine }: LoggedRefusal): boolean =>
    isGenuine && type === 'kms.denied' && at + retention <= now
  const due = refusals.filter(isTrue)
  const workspaces = [...new Set(due.map(({ workspaceId }) => workspaceId))]
  return {
    outcome: refusals.filter((refusal) => !isTrue(refusal)).map(({ id }) => id),
    changes: workspaces.map((workspaceId) => {
      const entries = due.filter((refusal) => refusal.workspaceId === workspaceId)
      return { workspaceId, entries, since: Math.max(...entries.map(({ at }) => at)), retention, at: now }
    }),
  }
}
