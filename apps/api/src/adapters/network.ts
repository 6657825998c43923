/** Parses addresses and networks into a canonical form. */
import { isIP, SocketAddress } from 'node:net'

export interface Network {
  address: string
  /** Prefix length in bits. */
  length: number
  family: 'ipv4' | 'ipv6'
}

const mappedPrefix = '::ffff:'
const mappedBits = 96

/**
 * The canonical form of an address (RFC 5952); IPv4-mapped addresses (RFC 4291 section 2.5.5.2) become IPv4. null for
 * anything else, such as octal and shortened forms, zones and ports.
 */
export function parseAddress(text: string): string | null {
  const version = isIP(text)
  if (version === 0 || text.includes('%')) return null
  if (version === 4) return text
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  const mapped = address.startsWith(mappedPrefix) && address.includes('.')
  return mapped ? address.slice(mappedPrefix.length) : address
}

/**
 * Parses an address or CIDR block (RFC 4632, RFC 4291); IPv4-mapped ones become IPv4. null for anything else, including
 * prefixes that are too long.
 */
export function parseNetwork(text: string): Network | null {
  const [written = '', prefix, ...rest] = text.split('/')
  const address = parseAddress(written)
  if (address === null || rest.length > 0) return null
  const [bits, family] = isIP(address) === 4 ? ([32, 'ipv4'] as const) : ([128, 'ipv6'] as const)
  if (prefix === undefined) return { address, length: bits, family }
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix)) return null
  const length = Number(prefix) - (isIP(written) === 6 && family === 'ipv4' ? mappedBits : 0)
  return length >= 0 && length <= bits ? { address, length, family } : null
}
