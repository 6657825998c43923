/** Determines the caller's address behind proxies. */
import type { BlockList } from 'node:net'
import { isIP } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Settings } from './settings.ts'

/** Node's request, if the bridge is served by Node. */
export interface Env {
  Bindings: Partial<HttpBindings>
}

/** Normalizes an address: without brackets and port, and IPv4 without the IPv6 mapping (RFC 4291 section 2.5.5.2). */
function plain(text: string): string | null {
  const [, bracketed, withPort] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(text) ?? []
  const address = bracketed ?? withPort ?? text
  return isIP(address) ? unmapped(address) : null
}

/** Unmaps every spelling: `::ffff:192.0.2.1`, `::FFFF:c000:201` and so on. */
function unmapped(address: string): string {
  const url = `http://[${address}]`
  const [, high, low] = (URL.canParse(url) && /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(new URL(url).hostname)) || []
  if (high === undefined || low === undefined) return address
  return [high, low].flatMap((pair) => [parseInt(pair, 16) >> 8, parseInt(pair, 16) & 255]).join('.')
}

const isIn = (list: BlockList | undefined, address: string): boolean =>
  list?.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') ?? false

/**
 * The caller's address: the peer's or, behind trusted proxies, the last untrusted address in the forwarding header, read
 * from right to left. null: unknown.
 */
export function addressOf(c: Context<Env>, { trustedProxies, clientIpHeader }: Settings): string | null {
  const { incoming } = (c.env as Env['Bindings'] | undefined) ?? {}
  const peer = plain(incoming?.socket.remoteAddress ?? '')
  if (peer === null || !isIn(trustedProxies, peer)) return peer
  let caller: string | null = null
  for (const hop of c.req.header(clientIpHeader)?.split(',').reverse() ?? []) {
    caller = plain(hop.trim())
    if (caller === null || !isIn(trustedProxies, caller)) break
  }
  return caller
}
