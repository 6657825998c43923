/** Stands between the command and the server, and loses what a test wants lost. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** lose: the server does it, its reply never arrives. hold: the server never hears of it, and no reply comes. */
type Fate = 'pass' | 'lose' | 'hold'

export interface Proxy {
  url: string
  /** By the last step of a path: `{ ack: 'hold' }`. */
  fates: Record<string, Fate>
  /** Requests for files are held. */
  holdFiles: boolean
  /** Resolves when a request is held. */
  held(): Promise<unknown>
  close(): void
}

export async function startProxy(target: string): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming
    const isFile = proxy.holdFiles && url.includes('/files/')
    const fate = isFile ? 'hold' : (proxy.fates[url.split('/').at(-1) ?? ''] ?? 'pass')
    if (fate === 'hold') return void server.emit('held')
    const forwarded = request(target + url, { method, headers }, (reply) => {
      if (fate === 'lose') return void outgoing.destroy()
      outgoing.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(outgoing)
    })
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: Proxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fates: {},
    holdFiles: false,
    held: () => once(server, 'held'),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
  return proxy
}
