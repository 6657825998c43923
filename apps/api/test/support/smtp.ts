/** A real SMTP server that remembers what it took, with a certificate of its own making. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import type { SMTPServerOptions } from 'smtp-server'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  from: string
  to: string[]
  /** Whether it came over TLS. */
  secure: boolean
  /** Who authenticated. */
  user: string | undefined
  /** Headers and body as they came. */
  raw: string
}

export interface TestSmtpServer {
  port: number
  received: ReceivedMail[]
  /** Every user and password that was tried. */
  credentials: { user: string; password: string; secure: boolean }[]
  close(): Promise<void>
}

/** A mail's text as its reader sees it (RFC 2045 section 6.7), with its headers. */
export const readMail = (raw: string): string =>
  Buffer.from(
    raw
      .replace(/=\r\n/g, '')
      .replace(/\r\n/g, '\n')
      .replace(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString()

/** For localhost and 127.0.0.1, or other names; signed by itself. */
export function makeCertificate(names = 'DNS:localhost,IP:127.0.0.1'): { key: string; cert: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'halfkey-cert-'))
  const [key, cert] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')]
  try {
    const subject = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${names}`]
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export async function startSmtpServer(options: SMTPServerOptions = {}): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = []
  const credentials: TestSmtpServer['credentials'] = []
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth({ username, password }, { secure }, callback) {
      credentials.push({ user: username ?? '', password: password ?? '', secure })
      if (username === 'halfkey' && password === 'p@ss/word') callback(null, { user: username })
      else callback(new Error('Invalid username or password'))
    },
    onData(stream, { envelope, secure, user }, callback) {
      void text(stream).then((raw) => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        received.push({
          from,
          to: envelope.rcptTo.map(({ address }) => address),
          secure,
          user: user as string | undefined,
          raw,
        })
        callback()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    port: address.port,
    received,
    credentials,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
      }),
  }
}
