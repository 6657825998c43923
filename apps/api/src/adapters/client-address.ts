/**
 * The caller's address. Without trusted proxies it is the peer's, and no header is believed. A trusted peer's header is
 * read from right to left: each trusted address vouches for the one before it; the first that isn't trusted, or that
 * nobody is named before, is the caller.
 */
import type { BlockList } from 'node:net'
import { isIPv4 } from 'node:net'
import { parseAddress } from './network.ts'

export interface AddressSettings {
  /** Networks of proxies; undefined: none is trusted. */
  trusted: BlockList | undefined
  /** The one header believed from them. */
  header: string
}

/** One entry of the header, which some proxies write with the caller's port: `192.0.2.7:49152`, `[2001:db8::7]:49152`. */
function parseHop(text: string): string | null {
  const [, bracketed, v4] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(text) ?? []
  return parseAddress(bracketed ?? v4 ?? text)
}

/** null: unknown, because a trusted proxy doesn't say, or says what isn't an address. */
export function createAddressOf({ trusted, header }: AddressSettings) {
  const isTrusted = (address: string): boolean => trusted?.check(address, isIPv4(address) ? 'ipv4' : 'ipv6') ?? false

  return (peer: string | undefined, read: (name: string) => string | undefined): string | null => {
    const nearest = peer === undefined ? null : parseAddress(peer)
    if (nearest === null || !isTrusted(nearest)) return nearest
    let caller: string | null = null
    for (const hop of read(header)?.split(',').reverse() ?? []) {
      caller = parseHop(hop.trim())
      if (caller === null || !isTrusted(caller)) return caller
    }
    return caller
  }
}
