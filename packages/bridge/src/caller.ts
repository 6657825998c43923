/** Who calls, through whatever proxies stand before the bridge. */
import type { BlockList } from 'node:net'
import { isIP } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Settings } from './settings.ts'

/** Node's request, where the bridge is served by Node. */
export interface Env {
  Bindings: Partial<HttpBindings>
}

/** An address as it is written in lists: an IPv4 one without the prefix that maps it into IPv6 (RFC 4291 section 2.5.5.2). */
function plain(text: string): string | null {
  const [, bracketed, withPort] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(text) ?? []
  const address = bracketed ?? withPort ?? text
  return isIP(address) ? unmapped(address) : null
}

/** However it is written: `::ffff:192.0.2.1`, `::FFFF:c000:201` and the like. */
function unmapped(address: string): string {
  const url = `http://[${address}]`
  const [, high, low] = (URL.canParse(url) && /^\[::ffff:([\da-f]+):([\da-f]+)\]$/.exec(new URL(url).hostname)) || []
  if (high === undefined || low === undefined) return address
  return [high, low].flatMap((pair) => [parseInt(pair, 16) >> 8, parseInt(pair, 16) & 255]).join('.')
}

const isIn = (list: BlockList | undefined, address: string): boolean =>
  list?.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') ?? false

/**
 * The caller's address: the peer's, or what a trusted proxy says, read from right to left up to the first address that
 * isn't trusted. null: unknown.
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
