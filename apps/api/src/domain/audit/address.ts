import type { Config } from '../../config.ts'
import { truncateAddress } from '../addresses.ts'

/** What the access log keeps of an address: all of it, its /24 or /48 as a CIDR block, or nothing. */
export function keepAddress(mode: Config['HALFKEY_LOG_ADDRESSES'], address: string | null): string | null {
  if (address === null || mode === 'off') return null
  return mode === 'full' ? address : truncateAddress(address)
}
