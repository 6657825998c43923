import type { Policy } from './policy.ts'

/** The newest one-time code. A wrong one is counted by the store before the caller learns of it. */
export const otp: Policy = ({ secret, otp }) => {
  const details = { attempts_left: secret.maxAttempts - secret.failedAttempts }
  if (otp === 'missing') return { code: 'OTP_REQUIRED', details }
  return otp === 'wrong' ? { code: 'OTP_WRONG', details } : null
}
