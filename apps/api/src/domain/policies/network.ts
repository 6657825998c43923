import { isWithin } from '../addresses.ts'
import type { Policy } from './policy.ts'

/** The caller's address must be in the list, whose entries are as the sender wrote them. An unknown one is in no list. */
export const network: Policy = ({ secret, ip }) =>
  secret.ipWhitelist === null || isWithin(secret.ipWhitelist, ip) ? null : { code: 'IP_DENIED' }
