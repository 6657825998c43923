/** Serves the bridge with Node: on loopback by default, because what it is sent is plaintext. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { isIP } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createBridge, outsideOf, type BridgeOptions } from './bridge.ts'
import { createHealth } from './health.ts'
import { parseSettings, SettingsRefused, warnIfShared, type BridgeSettings, type Settings } from './settings.ts'
import { readTextFile } from './text-file.ts'

export interface ServeOptions extends BridgeOptions {
  /** Told, before it listens, what is dangerous about the settings. Default: stderr. */
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

/**
 * Tries every server and token once it listens, and logs what fails: they may come back while it runs.
 *
 * @throws SettingsRefused, also for an address that can't be listened on.
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
  // Kept alive after its reply, a connection would hold the stop up until it times out.
  server.on('request', (request, response) => {
    response.once('finish', () => stopping && request.socket.destroySoon())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(listen, error)))
    server.listen(listen.port, listen.host, resolve)
  })
  const outside = outsideOf(options)
  void createHealth(parsed, outside)().then((problems) => problems.forEach(outside.log))
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

/** @throws SettingsRefused, which names the file that is wrong. */
function readCertificate(
  { cert, key }: NonNullable<Settings['tls']>,
  warn: (warning: string) => void,
): { cert: string; key: string } {
  const pem = { cert: readPem(cert), key: readPem(key) }
  const certificate = parsePem(() => new X509Certificate(pem.cert), `tls.cert: ${cert} has no PEM certificate.`)
  const privateKey = parsePem(
    () => createPrivateKey(pem.key),
    `tls.key: ${key} has no PEM private key without a passphrase.`,
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
    throw new SettingsRefused(`tls: ${file} can't be read: ${(error as Error).message}.`)
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
    EADDRINUSE: 'another program listens there. Stop it, or choose another port',
    EACCES: 'this user may not. Choose a port above 1023',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no host of this name',
  }
  const reason = reasons[code ?? ''] ?? 'the system refuses'
  return new SettingsRefused(`listen: can't listen on ${host}:${port}: ${reason} (${code ?? 'unknown error'}).`)
}

function addressOf(server: Server, host: string, secure: boolean): string {
  const bound = server.address()
  const port = bound !== null && typeof bound === 'object' ? bound.port : 0
  return `${secure ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
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
