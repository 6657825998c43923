/**
 * Loaded before a server under test (`node --import`), so that nothing leaves this machine whatever the server is told to
 * call: a connection to any host but loopback fails with EOUTSIDE, as if its name couldn't be looked up, and none is.
 */
import type { LookupFunction } from 'node:net'
import net from 'node:net'

const loopback = new net.BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function isHere(host: string): boolean {
  const version = net.isIP(host)
  return version === 0 ? host === 'localhost' : loopback.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** The host of net.connect's arguments: options, `port, host`, a path, or Node's own list of these. */
function hostOf(args: unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  const host = typeof first === 'object' && first !== null ? (first as { host?: unknown }).host : second
  return typeof host === 'string' ? host : 'localhost'
}

// Every TCP and TLS connection begins here: those of node:http, fetch and the packages too.
// eslint-disable-next-line @typescript-eslint/unbound-method -- applied to the socket below
const connect = net.Socket.prototype.connect as (this: net.Socket, ...args: unknown[]) => net.Socket

net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
  const host = hostOf(args)
  if (isHere(host)) return connect.apply(this, args)
  const error = Object.assign(new Error(`${host} is not this machine`), { code: 'EOUTSIDE' })
  const lookup: LookupFunction = (_host, _options, callback) => callback(error, '')
  return connect.call(this, { port: 1, host: 'outside.invalid', lookup })
}
