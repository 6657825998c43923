/** Decides which addresses are public, so that a server can safely send requests to them on behalf of its users. */
import { BlockList, isIPv4 } from 'node:net'
import { parseAddress, parseNetwork } from './network.ts'

function listOf(...networks: string[]): BlockList {
  const list = new BlockList()
  for (const text of networks) {
    const network = parseNetwork(text)
    if (network) list.addSubnet(network.address, network.length, network.family)
  }
  return list
}

/** The IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast (RFC 5771) and class E. */
const specialV4 = listOf(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
)

/** Global unicast (RFC 4291 section 2.4). Excludes NAT64, unique local, link-local, loopback and multicast. */
const globalV6 = listOf('2000::/3')

/** Exceptions within it: protocol assignments with Teredo, documentation, 6to4 (RFC 6890, 4380, 3849, 3056, 9637). */
const specialV6 = listOf('2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20')

/** false if it isn't an address. An IPv4-mapped address counts as its IPv4 address. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text)
  if (address === null) return false
  if (isIPv4(address)) return !specialV4.check(address)
  return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')
}
