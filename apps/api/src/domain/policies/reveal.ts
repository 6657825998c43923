/** Everything that stands before `keyA`, in the order that spends least: a rule is asked only if all before it passed. */
import { captcha } from './captcha.ts'
import { country } from './country.ts'
import { lifetime } from './lifetime.ts'
import { lockout } from './lockout.ts'
import { network } from './network.ts'
import { otp } from './otp.ts'
import { password } from './password.ts'
import type { Denial, Facts, Policy } from './policy.ts'

export const revealPolicies: readonly Policy[] = [lifetime, lockout, network, country, captcha, password, otp]

/** What stands before the status: a caller from elsewhere learns nothing of what a reveal needs. */
export const statusPolicies: readonly Policy[] = [lifetime, lockout, network, country]

/** A code that an app makes, or that nobody asks for, can't be sent: told before a password is tried. */
const sendable: Policy = ({ secret: { otpType } }) => {
  if (otpType === 'email' || otpType === 'sms') return null
  const problem = otpType === 'totp' ? 'The code comes from an authenticator app.' : 'This secret asks for no code.'
  return { code: 'VALIDATION_ERROR', details: { otp: [problem] } }
}

/** What stands before a one-time code is sent: all that stands before the code in a reveal. */
export const codePolicies: readonly Policy[] = [lifetime, lockout, network, country, sendable, captcha, password]

export function firstDenial(policies: readonly Policy[], facts: Facts): Denial | null {
  for (const policy of policies) {
    const denial = policy(facts)
    if (denial) return denial
  }
  return null
}
