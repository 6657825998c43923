import type { Policy } from './policy.ts'

function v4Groups(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [(a << 8) | b, (c << 8) | d]
}

function v6Groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => (group.includes('.') ? v4Groups(group) : Number.parseInt(group, 16)))
}

/** An address in 16-bit groups, of which IPv4 has 2 and IPv6 has 8 (RFC 4291 section 2.2); it must be a right one. */
export function groupsOf(address: string): number[] {
  if (!address.includes(':')) return v4Groups(address)
  const [before = [], after = []] = address.split('::').map(v6Groups)
  const zeros = Array<number>(8 - before.length - after.length).fill(0)
  return [...before, ...zeros, ...after]
}

/**
 * The networks that an address is counted in, from the narrowest: of IPv4 the address and its /24; of IPv6 its /64 (the
 * least that one subscriber has: RFC 6177), /48 (a site, and what tunnels and hosts give away) and /32 (a provider).
 */
export function networksAround(address: string): string[] {
  if (!address.includes(':')) return [address, address.split('.').slice(0, 3).join('.')]
  const groups = groupsOf(address).map((group) => group.toString(16))
  return [4, 3, 2].map((length) => groups.slice(0, length).join(':'))
}

interface Block {
  groups: number[]
  /** Of the prefix, in bits. */
  length: number
}

const mappedGroups = 6

/** An address or CIDR block as a caller wrote it, which must be a right one; v4-mapped ones as v4 (RFC 4291 section 2.5.5.2). */
function blockOf(text: string): Block {
  const [start = '', prefix] = text.split('/')
  const groups = groupsOf(start)
  const length = prefix === undefined ? groups.length * 16 : Number(prefix)
  const isMapped = groups.length === 8 && groups.slice(0, mappedGroups).join() === '0,0,0,0,0,65535'
  return isMapped ? { groups: groups.slice(mappedGroups), length: length - mappedGroups * 16 } : { groups, length }
}

/** A BlockList does the same, but to build one costs a reveal more than all else that the policies do. */
const blockHolds = ({ groups, length }: Block, address: readonly number[]): boolean =>
  groups.length === address.length &&
  groups.every((group, index) => {
    const ignored = 16 - Math.min(16, Math.max(0, length - index * 16))
    return group >> ignored === (address[index] ?? 0) >> ignored
  })

/** Whether one of the networks holds the address; null: unknown, and in none. */
export function isWithin(networks: readonly string[], ip: string | null): boolean {
  const address = ip === null ? null : groupsOf(ip)
  return address !== null && networks.some((network) => blockHolds(blockOf(network), address))
}

/** Whether `outer` holds every address of `inner`. */
export function coversNetwork(outer: string, inner: string): boolean {
  const [outerBlock, innerBlock] = [blockOf(outer), blockOf(inner)]
  return innerBlock.length >= outerBlock.length && blockHolds(outerBlock, innerBlock.groups)
}

/**
 * The caller's address, never v4-mapped, must be in the list, whose entries are as the sender wrote them. An unknown
 * address is in no list.
 */
export const network: Policy = ({ secret, ip }) =>
  secret.ipWhitelist === null || isWithin(secret.ipWhitelist, ip) ? null : { code: 'IP_DENIED' }
