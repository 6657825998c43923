/** Serves the bridge with Node: on loopback by default, because what it is sent is plaintext. */
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { isIP } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createBridge, type BridgeOptions } from './bridge.ts'
import { parseSettings, SettingsRefused, type BridgeSettings, type Settings } from './settings.ts'

export interface ServeOptions extends BridgeOptions {
  /** Told, before it listens, what is dangerous about the settings. */
  warn?: (warning: string) => void
}

export interface RunningBridge {
  /** As a URL without a trailing slash. */
  address: string
  /** Refuses new requests; settles when those in flight are answered, after 20 seconds at most. */
  stop(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 20_000

/** @throws SettingsRefused; Error if the address can't be listened on. */
export async function serveBridge(
  settings: BridgeSettings,
  { warn, ...options }: ServeOptions = {},
): Promise<RunningBridge> {
  const bridge = createBridge(settings, options)
  const { listen, tls } = parseSettings(settings)
  const warning = exposureOf(listen.host, tls !== undefined)
  if (warning !== null) (warn ?? console.error)(warning)
  const server = createAdaptorServer({
    fetch: bridge.fetch,
    createServer: tls ? createHttpsServer : createHttpServer,
    serverOptions: {
      ...(tls && { cert: readPem(tls.cert), key: readPem(tls.key) }),
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: 10_000,
      keepAliveTimeout: 10_000,
      maxHeaderSize: 65_536,
    },
  }) as Server
  let stopping = false
  // Kept alive after its reply, a connection would hold the stop up until it times out.
  server.on('request', (request, response) => {
    response.once('finish', () => stopping && request.socket.destroySoon())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen.port, listen.host, resolve)
  })
  return {
    address: addressOf(server, listen.host, tls !== undefined),
    async stop() {
      const force = setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT_MS)
      stopping = true
      await new Promise<void>((resolve) => server.close(() => resolve()))
      clearTimeout(force)
    },
  }
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new SettingsRefused(`tls: ${file} can't be read: ${String((error as NodeJS.ErrnoException).code)}.`)
  }
}

function addressOf(server: Server, host: string, secure: boolean): string {
  const bound = server.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `${secure ? 'https' : 'http'}://${isIP(shown) === 6 ? `[${shown}]` : shown}:${port}`
}

/** What to say of an address that other machines reach; null: they don't. */
function exposureOf(host: Settings['listen']['host'], secure: boolean): string | null {
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return null
  const lines = [
    `WARNING: the bridge listens on ${host}, which other machines may reach.`,
    'It is sent secrets in plaintext: whoever runs it, or reads its traffic, reads them.',
    ...(secure
      ? []
      : [
          'Its traffic is NOT encrypted. Set tls (HALFKEY_BRIDGE_TLS_CERT, HALFKEY_BRIDGE_TLS_KEY), or listen on 127.0.0.1.',
        ]),
  ]
  return ['', ...lines, ''].join('\n')
}
