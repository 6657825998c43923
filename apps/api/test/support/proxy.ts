/** A TCP proxy before a server: records every byte both ways, and cuts connections when told to. */
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

export interface Proxy {
  url: string
  /** What went through so far, connection by connection: first all that the client sent, then all that it got. */
  recorded(): Buffer
  /** Loses the reply to the next request whose first line holds `part`: records it, and cuts the connection. */
  cutReplyTo(part: string): void
  close(): Promise<void>
}

/** Forwards to the http:// URL `target`. */
export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target)
  const connections: { sent: Buffer[]; got: Buffer[] }[] = []
  const sockets = new Set<Socket>()
  const cuts: string[] = []

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const record: { sent: Buffer[]; got: Buffer[] } = { sent: [], got: [] }
    connections.push(record)
    let cut = false
    client.on('data', (chunk: Buffer) => {
      record.sent.push(chunk)
      const [line = ''] = chunk.toString('latin1').split('\r\n')
      const index = cuts.findIndex((part) => line.includes(part))
      if (index >= 0) cut = cuts.splice(index, 1).length > 0
      upstream.write(chunk)
    })
    upstream.on('data', (chunk: Buffer) => {
      record.got.push(chunk)
      if (cut) client.destroy()
      else client.write(chunk)
    })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recorded: () => Buffer.concat(connections.flatMap(({ sent, got }) => [...sent, ...got])),
    cutReplyTo: (part) => void cuts.push(part),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
