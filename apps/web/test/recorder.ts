import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Recorder {
  /** Of the proxy. */
  url: string
  /** Every byte that clients sent so far, as Latin-1. */
  sent: () => string
  /** Every byte of both directions so far. */
  traffic: () => Buffer
  close: () => Promise<void>
}

/** A TCP proxy before a server, so that nothing which a browser sends can be missed. */
export async function record(target: URL): Promise<Recorder> {
  const chunks: Buffer[] = []
  const replies: Buffer[] = []
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
    }
    client.on('data', (chunk: Buffer) => chunks.push(chunk))
    server.on('data', (chunk: Buffer) => replies.push(chunk))
    client.pipe(server).pipe(client)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    sent: () => Buffer.concat(chunks).toString('latin1'),
    traffic: () => Buffer.concat([...chunks, ...replies]),
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => proxy.close(() => resolve()))
    },
  }
}
