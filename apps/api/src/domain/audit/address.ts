import { isIPv4 } from 'node:net'
import type { Config } from '../../config.ts'
import { parseAddress } from '../../adapters/network.ts'

/** The first 48 bits of an IPv6 address as RFC 4291 writes it, a v4-mapped one excepted. */
function v6Prefix(address: string): string {
  const [left = '', right = ''] = address
    .replace(/[\d.]{1,15}$/, (tail) => (tail.includes('.') ? '0:0' : tail))
    .split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const [before, after] = [groups(left), groups(right)]
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  return [...before, ...zeros, ...after].slice(0, 3).join(':')
}

/** What the access log keeps of an address: all of it, its /24 or /48 as a CIDR block, or nothing. */
export function keepAddress(mode: Config['HALFKEY_LOG_ADDRESSES'], address: string | null): string | null {
  if (address === null || mode === 'off') return null
  if (mode === 'full') return address
  if (isIPv4(address)) return `${address.replace(/\d{1,3}$/, '0')}/24`
  const prefix = parseAddress(`${v6Prefix(address)}::`)
  return prefix === null ? null : `${prefix}/48`
}
