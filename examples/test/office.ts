/** Where the documents' examples run: a server, an account and files as their readers have them. */
import { Halfkey, type SharedSecret } from '@halfkey/sdk'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeHome, startServer } from '../../apps/api/test/support/server.ts'
import { buildMmdb } from '../../apps/api/test/support/mmdb.ts'
import { startSmtpServer } from '../../apps/api/test/support/smtp.ts'
import { fromRoot, run } from './stranger.ts'

/** Milliseconds for one block. */
const TIMEOUT = 30_000

/** An address in the networks that the documents allow. */
const OFFICE = '10.1.2.3'

const PRELUDE = `
import { Halfkey, openAsk, openCollect, openLink, openReceipt } from '@halfkey/sdk'
const { HALFKEY_URL: baseUrl, HALFKEY_TOKEN: token, HALFKEY_WORKSPACE_KEY: workspaceKey } = process.env
const client = new Halfkey({ baseUrl, token, workspaceKey })
const secret = await client.createSecret('a secret of the prelude')
const link = await openLink(secret.shareUrl)
const accounts = [{ user: 'me@example.com', apiToken: 'ots-token-1', token }]
Object.assign(globalThis, {
  Halfkey, openLink, openAsk, openCollect, openReceipt, baseUrl, token, workspaceKey, client, secret, link, accounts,
  value: 'a value', solveInWorker: undefined, next: 'the next value', bytes: new Uint8Array([1, 2, 3]), onProgress: () => {},
})
`

/** A file name → what is in it, as the examples expect them in the current folder. */
const FILES = {
  'report.pdf': '%PDF-1.7 a report',
  'key.pem': 'a key',
  'cover-letter.txt': 'a letter',
  'password.txt': 'correct horse\n',
  '.env': 'DB_PASSWORD=correct horse\n',
  'server.js': 'console.log(process.env.DB_PASSWORD.length)',
  'server.mjs': 'console.log(process.env.DB_PASSWORD.length)',
}

export interface Office {
  /** Runs a block as its reader would; what it prints. @throws Error with what it printed, if it fails. */
  run(language: string, code: string): Promise<string>
  /** Starts a block that serves, and stops it once it says so. @throws Error if it ends before. */
  serve(language: string, code: string): Promise<void>
  close(): Promise<void>
}

export async function openOffice(): Promise<Office> {
  const home = makeHome()
  const mail = await startSmtpServer({ disabledCommands: ['STARTTLS'] })
  const gateway = createServer()
  const url = `http://127.0.0.1:${await listen(gateway)}`
  // The server says its public address: where it listens must be known before.
  const port = await freePort()
  const countries = path.join(home.root, 'countries.mmdb')
  writeFileSync(countries, buildMmdb({ '10.0.0.0/8': { country: { iso_code: 'FR' } } }, 4))
  const server = await startServer(home, {
    HALFKEY_LISTEN: `127.0.0.1:${port}`,
    HALFKEY_LOG: 'off',
    HALFKEY_PUBLIC_URL: url,
    HALFKEY_TRUSTED_PROXIES: '127.0.0.1',
    HALFKEY_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    HALFKEY_MAIL_FROM: 'halfkey@example.com',
    HALFKEY_SMS_URL: 'http://127.0.0.1:9/',
    HALFKEY_SMS_BODY: '{"to":{to},"text":{text}}',
    HALFKEY_GEO_DB: countries,
    HALFKEY_WEBHOOKS_PRIVATE: 'allow',
  })
  forward(gateway, `http://127.0.0.1:${port}`)

  const workspaceKey = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
  const owner = new Halfkey({ baseUrl: url, token: server.token, workspaceKey })
  await owner.setWorkspaceCheck()
  const folder = mkdtempSync(path.join(tmpdir(), 'halfkey-office-'))
  const env = {
    HALFKEY_URL: url,
    HALFKEY_TOKEN: server.token,
    HALFKEY_WORKSPACE_KEY: workspaceKey,
    HALFKEY_DATA_DIR: home.data,
    HALFKEY_SERVER_KEY_FILE: home.serverKey,
    HALFKEY_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    HALFKEY_MAIL_FROM: 'me@example.com',
    HOME: folder,
    XDG_CONFIG_HOME: path.join(folder, '.config'),
    XDG_STATE_HOME: path.join(folder, '.state'),
    PATH: `${path.join(folder, 'bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
  }
  furnish(folder)

  let count = 0
  /** The command that runs a block, as its reader would write it into a file or type it. */
  const commandOf = async (language: string, code: string): Promise<[command: string, args: string[]]> => {
    const text = (await withLinks(code, owner))
      .replaceAll(/https:\/\/halfkey\.example(?=[/'"\s])/g, url)
      .replaceAll('/var/lib/halfkey/GeoLite2-Country.mmdb', countries)
    if (language === 'sh') return ['bash', ['-euo', 'pipefail', '-c', text]]
    const file = `${++count}.${language === 'ts' ? 'ts' : 'mjs'}`
    writeFileSync(path.join(folder, file), text)
    return [process.execPath, ['--import', './prelude.mjs', file]]
  }
  return {
    async run(language, code) {
      const [command, args] = await commandOf(language, code)
      const cwd = code.includes('npm run') ? fromRoot('.') : folder
      return run(command, args, { cwd, env, timeout: TIMEOUT })
    },
    async serve(language, code) {
      const served = await freePort()
      const [command, args] = await commandOf(language, code.replaceAll(/\b878[78]\b/g, String(served)))
      const own = {
        HALFKEY_LISTEN: `127.0.0.1:${served}`,
        HALFKEY_DATA_DIR: path.join(folder, `data-${served}`),
        HALFKEY_SERVER_KEY_FILE: path.join(folder, `key-${served}`),
        PORT: String(served),
        DB_PASSWORD: 'correct horse',
      }
      const stop = new AbortController()
      const ended = run(command, args, { cwd: folder, env: { ...env, ...own }, timeout: TIMEOUT, signal: stop.signal })
      const isServing = async (): Promise<void> => {
        while (!stop.signal.aborted && !(await answers(served)))
          await new Promise((resolve) => setTimeout(resolve, 100))
      }
      try {
        const early = await Promise.race([isServing(), ended])
        if (early !== undefined) throw new Error(`It ended before it served:\n${early}`)
      } finally {
        stop.abort()
        await ended.catch(() => undefined)
      }
    },
    async close() {
      gateway.closeAllConnections()
      await new Promise((resolve) => gateway.close(resolve))
      await server.stop()
      await mail.close()
      home.remove()
      rmSync(folder, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  )

/** The free port that it listens on. */
async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

/** Passes requests on from the office. */
function forward(gateway: Server, to: string): void {
  gateway.on('request', (incoming, reply) => {
    const headers = { ...incoming.headers, 'x-forwarded-for': OFFICE }
    const outgoing = request(new URL(incoming.url ?? '/', to), { method: incoming.method, headers }, (response) => {
      reply.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(reply)
    })
    incoming.pipe(outgoing)
  })
}

function furnish(folder: string): void {
  for (const [name, content] of Object.entries(FILES)) writeFileSync(path.join(folder, name), content)
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(path.join(folder, 'prelude.mjs'), PRELUDE)
  mkdirSync(path.join(folder, 'bin'))
  for (const [name, file] of [
    ['halfkey', 'packages/cli/dist/bin.cjs'],
    ['halfkey-api', 'apps/api/dist/main.js'],
  ] as const) {
    const command = path.join(folder, 'bin', name)
    writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${fromRoot(file)}' "$@"\n`)
    chmodSync(command, 0o755)
  }
  mkdirSync(path.join(folder, 'node_modules/@halfkey'), { recursive: true })
  for (const name of ['sdk', 'bridge'])
    symlinkSync(fromRoot(`packages/${name}`), path.join(folder, 'node_modules/@halfkey', name))
  mkdirSync(path.join(folder, 'node_modules/@hono'))
  symlinkSync(fromRoot('packages/bridge/node_modules/hono'), path.join(folder, 'node_modules/hono'))
  const server = 'node_modules/@hono/node-server'
  symlinkSync(fromRoot(`packages/bridge/${server}`), path.join(folder, server))
}

/** A link, or its slug, for each that the reader is to put in. */
async function withLinks(code: string, owner: Halfkey): Promise<string> {
  const made: SharedSecret[] = []
  const attachments = [new File(['1'], 'a.txt'), new File(['2'], 'b.txt')]
  const places = code.match(/https:\/\/\S+\/SLUG#KEY|\bLINK\b|\bSLUG\b/g) ?? []
  for (const _place of places) {
    made.push(await owner.createSecret('a text', code.includes('--out') ? { attachments } : {}))
  }
  return code.replaceAll(/https:\/\/\S+\/SLUG#KEY|\bLINK\b|\bSLUG\b/g, (place) => {
    const secret = made.shift()
    return (place === 'SLUG' ? secret?.slug : secret?.shareUrl) ?? place
  })
}
