/** The real server as a child process on a fresh data directory, and a proxy in front of it that loses replies. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

const root = path.join(import.meta.dirname, '../../..')
const main = path.join(root, 'apps/api/dist/main.js')
/** The one that the server is run with, whichever these tests are run with. */
const node = path.join(root, 'node_modules/node/bin/node')

export interface RealServer {
  url: string
  /** Of its first start: may do everything. */
  token: string
  stop: () => Promise<void>
}

/** `settings` are HALFKEY_* variables; those of this process don't reach it. */
export async function startServer(settings: Record<string, string> = {}): Promise<RealServer> {
  if (!existsSync(main)) throw new Error('The API is not built: run `pnpm -r run build` first.')
  const directory = mkdtempSync(path.join(tmpdir(), 'halfkey-sdk-'))
  const child = spawn(node, [main], {
    env: {
      HALFKEY_LISTEN: '127.0.0.1:0',
      HALFKEY_DATA_DIR: path.join(directory, 'data'),
      HALFKEY_SERVER_KEY_FILE: path.join(directory, 'server.key'),
      HALFKEY_LOG: 'off',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill()
    await exited
    rmSync(directory, { recursive: true, force: true })
  }
  const started = await Promise.race([readBanner(child), exited])
  if ('url' in started) return { ...started, stop }
  rmSync(directory, { recursive: true, force: true })
  throw new Error('The server did not start; what it said is above.')
}

/** Waits until address and token are printed. What goes to stderr is shown. */
function readBanner({ stdout, stderr }: ChildProcessByStdio<null, Readable, Readable>) {
  stderr.pipe(process.stderr)
  return new Promise<{ url: string; token: string }>((resolve) => {
    let printed = ''
    stdout.on('data', (chunk) => {
      printed += String(chunk)
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0]
      const token = /hkt_[\w-]+(?=\s)/.exec(printed)?.[0]
      if (url !== undefined && token !== undefined) resolve({ url, token })
    })
  })
}

export interface LossyProxy {
  url: string
  /** Bodies of the requests, GETs aside, whose path ends as asked for. */
  seen: string[]
  stop: () => void
}

/**
 * Passes everything on; the first reply to a path that ends with `ending`, to a GET aside, is lost after the server has
 * sent it.
 */
export async function startLossyProxy(target: string, ending: string): Promise<LossyProxy> {
  const seen: string[] = []
  const proxy = createServer((request, response) => {
    const pass = async () => {
      const { method = '', url = '', headers } = request
      const body = await buffer(request)
      const passed = Object.entries(headers).filter(([name]) => /^(authorization|content-type|halfkey-)/.test(name))
      const reply = await fetch(target + url, {
        method,
        headers: Object.fromEntries(passed) as Record<string, string>,
        body: body.length > 0 ? body : null,
      })
      const content = Buffer.from(await reply.arrayBuffer())
      if (method !== 'GET' && url.endsWith(ending) && seen.push(body.toString()) === 1) response.destroy()
      else response.writeHead(reply.status, { 'Content-Type': 'application/json' }).end(content)
    }
    pass().catch(() => response.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.')
  const stop = () => {
    proxy.closeAllConnections()
    proxy.close()
  }
  return { url: `http://127.0.0.1:${address.port}`, seen, stop }
}
