/** spec/protocol.md section 9, step 4: the reader has what it wanted, so that its reveal holds nothing any more. */
import type { Decision } from './decision.ts'
import { log, unchanged } from './decision.ts'
import type { HeldUntil } from './endings.ts'
import { letGo } from './endings.ts'
import type { Caller, Secret } from './secret.ts'

export interface AckFacts {
  secret: Secret
  /** What is recorded under the command's id; null: nothing. */
  recorded: { ackedAt: number | null } | null
  /** Whether content or files of the ended secret still wait to be destroyed. */
  isHeld: boolean
  /** By the other reveals. */
  held: HeldUntil
}

export interface AckCommand {
  revealId: Buffer
  now: number
  caller: Caller
}

export type AckOutcome = 'acked' | 'unknown'

export function ack(facts: AckFacts, { revealId, now, caller }: AckCommand): Decision<AckOutcome> {
  const { secret, recorded, isHeld, held } = facts
  if (!recorded) return unchanged('unknown')
  if (recorded.ackedAt !== null) return unchanged('acked')
  return {
    outcome: 'acked',
    changes: [
      { kind: 'ack', revealId, at: now },
      log('acked', now, caller),
      ...(isHeld ? letGo(secret, held, now) : []),
    ],
  }
}
