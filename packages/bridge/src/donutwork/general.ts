/** Checks the connection to the Halfkey server and the token, and shows how the bridge sees the caller. */
import { isIPv6 } from 'node:net'
import { addressOf } from '../caller.ts'
import type { Call } from './call.ts'

const env = 'production'

/** `RRT` is the round-trip time of a request to the Halfkey server. @throws HalfkeyError if that request fails */
export async function ping({ client }: Call) {
  const start = performance.now()
  await client.getWorkspace()
  return { status: 'success', env, RRT: `${(performance.now() - start).toFixed(2)} ms` }
}

/** @throws HalfkeyError if the Halfkey server rejects the token */
export async function showConnection({ c, client, settings }: Call) {
  await client.getWorkspace()
  const address = addressOf(c, settings)
  return {
    client: {
      userAgent: c.req.header('User-Agent') ?? null,
      ips: address === null ? {} : { [isIPv6(address) ? 'ipv6' : 'ipv4']: address },
    },
    endpoint: { apiVersion: '2026-02-01', env, protocol: `HTTP${c.env.incoming?.httpVersionMajor ?? 1}` },
  }
}
