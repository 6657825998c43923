/** Until when a reveal's grant fetches files (spec/protocol.md section 9, step 4), and with it an ended secret keeps them. */
import type { Denial } from '../policies/policy.ts'
import { gone } from '../policies/policy.ts'
import type { Decision } from './decision.ts'
import { unchanged } from './decision.ts'
import type { Cause } from './secret.ts'
import { hasEnded } from './secret.ts'

/** A reveal, and what of its secret decides over its grant. */
export interface GrantFacts {
  openedAt: number
  filesUntil: number
  ackedAt: number | null
  cause: Cause | null
  endedAt: number | null
  expiresAt: number
  /** When the files of the ended secret are destroyed; null: it lives, or they are. */
  destroyFilesAt: number | null
}

export type GrantOutcome =
  /** Fetches until `until`, and can't be extended past `latest`. */
  { kind: 'open'; until: number; latest: number } | { kind: 'denied'; denial: Denial }

const maxGrantMs = 86_400_000

function denialOf({ cause, endedAt, expiresAt, ackedAt, filesUntil }: GrantFacts, now: number): Denial {
  if (cause !== null && endedAt !== null) return gone(cause, endedAt)
  return expiresAt <= now ? gone('expired', expiresAt) : gone('viewed', ackedAt ?? filesUntil)
}

/** `facts` null: no such reveal is recorded. */
export function checkGrant(facts: GrantFacts | null, now: number): GrantOutcome {
  if (!facts) return { kind: 'denied', denial: { code: 'NOT_FOUND' } }
  // An ended secret without a time to destroy its files at has none left, whatever its reveals say.
  const filesAreGone = hasEnded(facts) && facts.destroyFilesAt === null
  if (facts.ackedAt === null && facts.filesUntil > now && !filesAreGone)
    return { kind: 'open', until: facts.filesUntil, latest: facts.openedAt + maxGrantMs }
  return { kind: 'denied', denial: denialOf(facts, now) }
}

export interface ExtendFacts {
  reveal: GrantFacts | null
  /** The end of the last grant among the secret's other reveals; null: none is open. */
  othersUntil: number | null
}

export interface ExtendCommand {
  /** 16 bytes. */
  revealId: Buffer
  now: number
  graceMs: number
}

/** Lets the grant last for `graceMs` from now, and with it the files of an ended secret. */
export function extendGrant(facts: ExtendFacts, { revealId, now, graceMs }: ExtendCommand): Decision<GrantOutcome> {
  const outcome = checkGrant(facts.reveal, now)
  if (outcome.kind === 'denied') return unchanged(outcome)
  const until = Math.min(Math.max(outcome.until, now + graceMs), outcome.latest)
  const filesAt = Math.max(until, facts.othersUntil ?? 0)
  const waits = facts.reveal?.destroyFilesAt !== null
  return {
    outcome: { ...outcome, until },
    changes: [
      { kind: 'extend grant', revealId, until },
      ...(waits ? [{ kind: 'destroy files later', at: filesAt } as const] : []),
    ],
  }
}
