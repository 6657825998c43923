/** Determines the caller's address behind proxies. */
import { isIP } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import ipaddr from 'ipaddr.js'
import type { Settings } from './settings.ts'

/** Node's request, if the bridge is served by Node. */
export interface Env {
  Bindings: Partial<HttpBindings>
}

/** Normalizes an address: without brackets and port, and IPv4 without the IPv6 mapping (RFC 4291 section 2.5.5.2). */
function plain(text: string): Address | null {
  const [, bracketed, withPort] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::\d{1,5})?$/i.exec(text) ?? []
  const address = bracketed ?? withPort ?? text
  if (isIP(address) === 0 || address.includes('%')) return null
  // ipaddr.js takes ::192.0.2.1, an IPv4-compatible address (RFC 4291 section 2.5.5.1), for an IPv4-mapped one.
  return ipaddr.process(address.replace(/^::(?=\d+\.)/, '0::'))
}

type Address = ReturnType<typeof ipaddr.process>

const isIn = (networks: Settings['trustedProxies'], address: Address): boolean =>
  ipaddr.subnetMatch(address, { trusted: networks ?? [] }, 'no') === 'trusted'

/**
 * The caller's address: the peer's or, behind trusted proxies, the last untrusted address in the forwarding header, read
 * from right to left. null: unknown.
 */
export function addressOf(c: Context<Env>, { trustedProxies, clientIpHeader }: Settings): string | null {
  const { incoming } = (c.env as Env['Bindings'] | undefined) ?? {}
  const peer = plain(incoming?.socket.remoteAddress ?? '')
  if (peer === null || !isIn(trustedProxies, peer)) return peer?.toString() ?? null
  let caller: Address | null = null
  for (const hop of c.req.header(clientIpHeader)?.split(',').reverse() ?? []) {
    caller = plain(hop.trim())
    if (caller === null || !isIn(trustedProxies, caller)) break
  }
  return caller?.toString() ?? null
}
