/** The HTTP server: time-outs for incoming requests, and a graceful stop. */
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { Config } from './config.ts'
import { isPartUpload } from './http/read-part.ts'

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch']

export interface RunningServer {
  /** As an http:// URL without a trailing slash. */
  address: string
  /** Stops accepting requests; resolves when pending ones are answered, or after a time-out. */
  stop(): Promise<void>
}

function addressOf(server: Server, host: string): string {
  const bound = server.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}

export async function listen(fetch: Fetch, config: Config): Promise<RunningServer> {
  const { host, port } = config.HALFKEY_LISTEN
  const requestTimeout = config.HALFKEY_REQUEST_TIMEOUT_SECONDS * 1000
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      // Node's own time-out makes no exception for the 8 MiB of a part on a slow connection.
      requestTimeout: 0,
      headersTimeout: Math.min(requestTimeout, 10_000),
      keepAliveTimeout: 10_000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
    },
  }) as Server
  let stopping = false
  server.on('request', (request, response) => {
    // A connection kept alive after its reply would delay the stop until it times out.
    response.once('finish', () => stopping && request.socket.destroySoon())
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
    if ((length === undefined && encoding === undefined) || isPartUpload(request)) return
    const late = setTimeout(() => request.complete || request.destroy(), requestTimeout)
    request.once('close', () => clearTimeout(late))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, 1024, resolve)
  })
  return {
    address: addressOf(server, host),
    async stop() {
      const force = setTimeout(() => server.closeAllConnections(), config.HALFKEY_STOP_TIMEOUT_SECONDS * 1000)
      stopping = true
      await new Promise<void>((resolve) => server.close(() => resolve()))
      clearTimeout(force)
    },
  }
}
