/** Everything that stands before `keyA`, in the order that spends least: a rule is asked only if all before it passed. */
import { lifetime } from './lifetime.ts'
import { lockout } from './lockout.ts'
import { password } from './password.ts'
import type { Denial, Facts, Policy } from './policy.ts'

export const revealPolicies: readonly Policy[] = [lifetime, lockout, password]

/** What a caller without any proof may learn: whether the secret can be revealed at all. */
export const statusPolicies: readonly Policy[] = [lifetime, lockout]

export function firstDenial(policies: readonly Policy[], facts: Facts): Denial | null {
  for (const policy of policies) {
    const denial = policy(facts)
    if (denial) return denial
  }
  return null
}
