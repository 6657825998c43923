/** Addresses and networks (RFC 4291, RFC 4632). IPv4-mapped ones count as IPv4 (RFC 4291 section 2.5.5.2). */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** An address, and the length of the prefix in bits. */
export type Network = [Address, number]

/** null for anything but an address: for zones, ports, and the octal and shortened forms that ipaddr.js would read. */
function read(text: string): Address | null {
  if (isIP(text) === 0 || text.includes('%')) return null
  // ipaddr.js takes ::192.0.2.1, an IPv4-compatible address (RFC 4291 section 2.5.5.1), for an IPv4-mapped one.
  return ipaddr.process(text.replace(/^::(?=\d+\.)/, '0::'))
}

/** The canonical form of an address (RFC 5952); null for anything else. */
export const parseAddress = (text: string): string | null =>
  isIP(text) === 4 ? text : (read(text)?.toString() ?? null)

/** Parses an address or CIDR block; null for anything else, including prefixes that are too long. */
export function parseNetwork(text: string): Network | null {
  const [written = '', prefix, ...rest] = text.split('/')
  const address = read(written)
  if (address === null || rest.length > 0) return null
  const bits = address.kind() === 'ipv4' ? 32 : 128
  if (prefix === undefined) return [address, bits]
  if (!/^(0|[1-9]\d{0,2})$/.test(prefix)) return null
  const mappedBits = bits === 32 && isIP(written) === 6 ? 96 : 0
  const length = Number(prefix) - mappedBits
  return length >= 0 && length <= bits ? [address, length] : null
}

const holds = (network: Network, address: Address): boolean =>
  network[0].kind() === address.kind() && address.match(network)

/** Whether one of the networks, as text or parsed, holds the address. null (unknown) is in none. */
export function isWithin(networks: readonly (string | Network)[], ip: string | null): boolean {
  const address = ip === null ? null : read(ip)
  if (address === null) return false
  return networks.some((network) => {
    const parsed = typeof network === 'string' ? parseNetwork(network) : network
    return parsed !== null && holds(parsed, address)
  })
}

/** Whether `outer` holds every address of `inner`. */
export function coversNetwork(outer: string, inner: string): boolean {
  const [outerNetwork, innerNetwork] = [parseNetwork(outer), parseNetwork(inner)]
  if (outerNetwork === null || innerNetwork === null) return false
  return innerNetwork[1] >= outerNetwork[1] && holds(outerNetwork, innerNetwork[0])
}

/**
 * The networks that an address is counted in, from the narrowest: for IPv4 the address and its /24; for IPv6 its /64 (the
 * least that one subscriber has: RFC 6177), /48 (a site, or what a tunnel or host provides) and /32 (a provider).
 */
export function networksAround(address: string): string[] {
  if (!address.includes(':')) return [address, address.split('.').slice(0, 3).join('.')]
  const groups = ipaddr.IPv6.parse(address).parts.map((group) => group.toString(16))
  return [4, 3, 2].map((length) => groups.slice(0, length).join(':'))
}

/** Global unicast (RFC 4291 section 2.4): of the rest, ipaddr.js calls "unicast" what isn't allocated. */
const globalUnicast: Network = [ipaddr.IPv6.parse('2000::'), 3]

/** Whether requests can safely be sent there on behalf of users (IANA's special-purpose registries, RFC 6890). */
export function isPublicAddress(text: string): boolean {
  const address = read(text)
  return address?.range() === 'unicast' && (address.kind() === 'ipv4' || holds(globalUnicast, address))
}

/** The address's /24 or /48 as a CIDR block. */
export function truncateAddress(address: string): string {
  const block = isIP(address) === 4 ? `${address}/24` : `${address}/48`
  const start = isIP(address) === 4 ? ipaddr.IPv4 : ipaddr.IPv6
  return `${start.networkAddressFromCIDR(block).toString()}/${block.split('/')[1]}`
}
