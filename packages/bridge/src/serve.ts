/** Serves the bridge with Node, by default on loopback only, because it receives plaintext. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { isIP } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createBridge, transportOf, type BridgeOptions } from './bridge.ts'
import { createHealth } from './health.ts'
import { parseSettings, SettingsRefused, warnIfShared, type BridgeSettings, type Settings } from './settings.ts'
import { readTextFile } from './text-file.ts'

export interface ServeOptions extends BridgeOptions {
  /** Called before the server listens, with warnings about dangerous settings. Default: stderr. */
  warn?: (warning: string) => void
}

export interface RunningBridge {
  /** As a URL without a trailing slash. */
  address: string
  /** Stops accepting requests; resolves when pending ones are answered, after 20 seconds at most. */
  stop(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 20_000

/**
 * Starts the bridge, then checks every server and token and logs those that fail. They don't stop it, because they may
 * recover.
 *
 * @throws SettingsRefused also if it can't listen on the address
 */
export async function serveBridge(
  settings: BridgeSettings,
  { warn = console.error, ...options }: ServeOptions = {},
): Promise<RunningBridge> {
  const bridge = createBridge(settings, options)
  const parsed = parseSettings(settings)
  const { listen, tls } = parsed
  const warning = exposureOf(listen.host, tls !== undefined)
  if (warning !== null) warn(warning)
  const server = createAdaptorServer({
    fetch: bridge.fetch,
    createServer: tls ? createHttpsServer : createHttpServer,
    serverOptions: {
      ...(tls && readCertificate(tls, warn)),
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: 10_000,
      keepAliveTimeout: 10_000,
      maxHeaderSize: 65_536,
    },
  }) as Server
  let stopping = false
  // A connection kept alive after its reply would delay the stop until it times out.
  server.on('request', (request, response) => {
    response.once('finish', () => stopping && request.socket.destroySoon())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(listen, error)))
    server.listen(listen.port, listen.host, resolve)
  })
  const transport = transportOf(options)
  void createHealth(parsed, transport)().then((problems) => problems.forEach(transport.log))
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

/** @throws SettingsRefused with the name of the invalid file */
function readCertificate(
  { cert, key }: NonNullable<Settings['tls']>,
  warn: (warning: string) => void,
): { cert: string; key: string } {
  const pem = { cert: readPem(cert), key: readPem(key) }
  const certificate = parsePem(() => new X509Certificate(pem.cert), `tls.cert: ${cert} must be a PEM certificate.`)
  const privateKey = parsePem(
    () => createPrivateKey(pem.key),
    `tls.key: ${key} must be a PEM private key without a passphrase.`,
  )
  if (!certificate.checkPrivateKey(privateKey))
    throw new SettingsRefused(`tls.key: ${key} isn't the key of the certificate in ${cert}.`)
  warnIfShared(key, warn)
  return pem
}

function readPem(file: string): string {
  try {
    return readTextFile(file)
  } catch (error) {
    throw new SettingsRefused(`tls: can't read ${file}: ${(error as Error).message}.`)
  }
}

function parsePem<T>(parse: () => T, problem: string): T {
  try {
    return parse()
  } catch {
    throw new SettingsRefused(problem)
  }
}

function cannotListen({ host, port }: Settings['listen'], { code }: NodeJS.ErrnoException): SettingsRefused {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'another program is already using the port. Stop it, or choose another port',
    EACCES: 'permission denied. Choose a port above 1023',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'unknown host',
  }
  const reason = reasons[code ?? ''] ?? 'the system refused'
  return new SettingsRefused(`listen: can't listen on ${host}:${port}: ${reason} (${code ?? 'unknown error'}).`)
}

function addressOf(server: Server, host: string, secure: boolean): string {
  const bound = server.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0
  return `${secure ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** A warning if other machines can reach the address; null if they can't. */
function exposureOf(host: Settings['listen']['host'], secure: boolean): string | null {
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return null
  const lines = [
    `WARNING: the bridge listens on ${host}, so other machines may be able to reach it.`,
    'It receives secrets in plaintext: anyone who runs it or can read its traffic can read them.',
    ...(secure
      ? []
      : [
          'Its traffic is NOT encrypted. Set tls (HALFKEY_BRIDGE_TLS_CERT, HALFKEY_BRIDGE_TLS_KEY), or listen on 127.0.0.1.',
        ]),
  ]
  return ['', ...lines, ''].join('\n')
}
