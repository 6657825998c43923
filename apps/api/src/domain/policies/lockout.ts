import type { Policy } from './policy.ts'

/** Too many failed attempts lock a secret until its owner unlocks it. */
export const lockout: Policy = ({ secret }) => (secret.state === 'locked' ? { code: 'LOCKED' } : null)
