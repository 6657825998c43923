/** A proxy as companies have it: forwards plain HTTP and tunnels the rest; every name leads to one server. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect, type AddressInfo } from 'node:net'

export interface ForwardProxy {
  url: string
  /** `GET http://host/path` and `CONNECT host:443`, in order. */
  asked: string[]
  close(): void
}

/** @param refuses  answers everything with this status instead */
export async function startForwardProxy(target: string, refuses?: number): Promise<ForwardProxy> {
  const { port } = new URL(target)
  const asked: string[] = []
  const server = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming
    asked.push(`${method} ${url}`)
    if (refuses !== undefined) return void outgoing.writeHead(refuses).end()
    const { pathname, search } = new URL(url)
    const forwarded = request(
      { host: '127.0.0.1', port, path: pathname + search, method, headers, agent: false },
      (reply) => {
        outgoing.writeHead(reply.statusCode ?? 500, reply.headers)
        reply.pipe(outgoing)
      },
    )
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  }).on('connect', ({ url }, socket) => {
    asked.push(`CONNECT ${url}`)
    if (refuses !== undefined) return void socket.end(`HTTP/1.1 ${refuses} No\r\n\r\n`)
    const tunnel = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(tunnel).pipe(socket)
    })
    tunnel.on('error', () => socket.destroy())
    socket.on('error', () => tunnel.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
