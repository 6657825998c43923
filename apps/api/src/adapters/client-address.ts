/**
 * Determines the caller's address. Without trusted proxies it is the peer's, and headers are ignored. A trusted peer's
 * header is read from right to left: each trusted address vouches for the one before it. The caller is the first address
 * that isn't trusted, or the leftmost.
 */
import { isWithin, parseAddress, type Network } from '../domain/addresses.ts'

export interface AddressSettings {
  /** Networks of trusted proxies; undefined: none. */
  trusted: Network[] | undefined
  /** The header that is trusted from them. */
  header: string
}

/** Parses an entry of the header. Some proxies append the caller's port: `192.0.2.7:49152`, `[2001:db8::7]:49152`. */
function parseHop(text: string): string | null {
  const [, bracketed, v4] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(text) ?? []
  return parseAddress(bracketed ?? v4 ?? text)
}

/** The resulting function returns null if a trusted proxy sends no address or an invalid one. */
export function createAddressOf({ trusted = [], header }: AddressSettings) {
  const isTrusted = (address: string): boolean => isWithin(trusted, address)

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
