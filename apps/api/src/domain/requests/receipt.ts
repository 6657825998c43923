/** spec/protocol.md section 10, receipt: an answer can be taken back by its sender until its first recorded reveal. */
import type { Decision } from '../secrets/decision.ts'
import { unchanged } from '../secrets/decision.ts'
import type { BurnCommand, EndingFacts } from '../secrets/endings.ts'
import { burn } from '../secrets/endings.ts'

export type TakeBackOutcome = 'burned' | 'collected'

/** Again, or of one that ended unread: `burned`, and nothing happens. It gives no place back. */
export function takeBack(facts: EndingFacts, command: Omit<BurnCommand, 'reason'>): Decision<TakeBackOutcome> {
  if (facts.secret.views > 0) return unchanged('collected')
  const changes = burn(facts, { ...command, reason: null })
  return {
    outcome: 'burned',
    changes: changes.map((change) => (change.kind === 'end' ? { ...change, unread: true } : change)),
  }
}
