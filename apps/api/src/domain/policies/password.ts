import type { Policy } from './policy.ts'

/** The proof must hash to the verifier. A wrong one is counted by the store before the caller learns of it. */
export const password: Policy = ({ secret, proof }) => {
  const details = { attempts_left: secret.maxAttempts - secret.failedAttempts }
  if (proof === 'missing') return { code: 'PASSWORD_REQUIRED', details }
  return proof === 'wrong' ? { code: 'PASSWORD_WRONG', details } : null
}
