import type { Policy } from './policy.ts'
import { gone } from './policy.ts'

/** Views, expiry and burning: a secret that has ended never comes back. */
export const lifetime: Policy = ({ secret, now }) => {
  if (secret.cause !== null && secret.endedAt !== null) return gone(secret.cause, secret.endedAt)
  return secret.expiresAt <= now ? gone('expired', secret.expiresAt) : null
}
