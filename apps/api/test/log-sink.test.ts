/** The log and stdout fail or stand still; the service goes on, and what is missing is counted. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLogSink } from '../src/adapters/log-sink.ts'
import type { Home, ServerProcess } from './support/server.ts'
import { makeHome, spawnServer, startServer } from './support/server.ts'
import { mountVolume } from './support/volume.ts'

let home: Home
const ends: (() => unknown)[] = []

beforeEach(() => {
  home = makeHome()
})

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  home.remove()
})

/** A shell that redirects what the server writes, and becomes the server. */
const redirected = (redirection: string): string[] => ['sh', '-c', `exec "$@" ${redirection}`, 'sh']

const isAlive = async (url: string): Promise<boolean> => (await fetch(`${url}/healthz`)).status === 200

async function call(url: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 20)
    expect(await Promise.all(Array.from({ length: 20 }, () => isAlive(url)))).not.toContain(false)
}

async function dropped(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^halfkey_log_lines_dropped_total (\d+)$/m.exec(text)?.[1])
}

async function start(under: string[], settings: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServer(home, settings, under)
  ends.push(() => server.stop('SIGKILL'))
  return server
}

describe('a server whose log fails', () => {
  test('on a full disk serves on, counts the lines, ends on SIGTERM, and says in the log what is missing once there is space', async () => {
    const volume = mountVolume(path.join(home.root, 'log'), 64 * 1024)
    ends.push(() => volume.unmount())
    const file = path.join(volume.directory, 'log')
    const server = await start(redirected(`2>${file}`))
    await call(server.url, 40)
    volume.fill()
    await call(server.url, 1000)
    await expect.poll(() => dropped(server.url), { timeout: 10_000 }).toBeGreaterThan(500)
    volume.free()
    await call(server.url, 40)
    expect(await server.stop()).toBe(0)
    const told = [...readFileSync(file, 'utf8').matchAll(/^\{.*"dropped":(\d+),"msg":"log lines were dropped"\}$/gm)]
    expect(Number(told.at(-1)?.[1])).toBeGreaterThan(500)
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)).toMatch(/^\{.*\}$/)
  })

  test.each([
    ['that is full from the start', '2>/dev/full'],
    ['that is closed', '2>&-'],
  ])('on a stderr %s serves on and ends on SIGTERM', async (_, redirection) => {
    const server = await start(redirected(redirection))
    await call(server.url, 200)
    expect(await server.stop()).toBe(0)
  })

  test('on a pipe whose reader is gone serves on, counts the lines and ends on SIGTERM', async () => {
    const server = await start([])
    server.child.stderr?.destroy()
    await call(server.url, 400)
    await expect.poll(() => dropped(server.url), { timeout: 10_000 }).toBeGreaterThan(100)
    expect(await server.stop()).toBe(0)
  })

  test('on a pipe whose reader stands still serves on and ends on SIGTERM', async () => {
    const server = await start([])
    server.child.stderr?.removeAllListeners('data').pause()
    await call(server.url, 3000)
    expect(await server.stop()).toBe(0)
  })
})

describe('a server whose stdout fails', () => {
  test.each([
    ['full', '>/dev/full'],
    ['closed', '>&-'],
    ['a pipe that nobody reads', '| true'],
  ])('because it is %s starts, serves and ends on SIGTERM', async (_, redirection) => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as { port: number }
    await new Promise((resolve) => probe.close(resolve))
    const under = redirection.startsWith('|') ? [] : redirected(redirection)
    const child = spawnServer(home, { HALFKEY_LISTEN: `127.0.0.1:${port}` }, under)
    if (under.length === 0) child.stdout?.destroy()
    ends.push(() => child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    const url = `http://127.0.0.1:${port}`
    await expect.poll(() => isAlive(url).catch(() => false), { timeout: 20_000 }).toBe(true)
    await sleep(200)
    await call(url, 40)
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  })
})

describe('a log sink', () => {
  test('holds a bounded number of lines for a reader that stands still, and gives up on it at the close', async () => {
    const fifo = path.join(home.root, 'fifo')
    await once(spawn('mkfifo', [fifo]), 'exit')
    const descriptor = openSync(fifo, 'r+')
    let missing = 0
    const sink = openLogSink(descriptor, { onDropped: (lines) => (missing += lines) })
    const line = `${'x'.repeat(999)}\n`
    for (let n = 0; n < 5000; n++) {
      sink.write(line)
      if (n % 500 === 0) await sleep(1)
    }
    expect(missing).toBeGreaterThan(5000 - 1300)
    await sink.close()
  })

  test('writes every line once and in order where nothing fails', async () => {
    const file = path.join(home.root, 'log')
    const descriptor = openSync(file, 'w')
    const sink = openLogSink(descriptor, { onDropped: () => expect.fail('a line was dropped') })
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`)
    for (const [n, line] of lines.entries()) {
      sink.write(line)
      if (n % 1000 === 0) await sleep(1)
    }
    await sink.close()
    sink.write('the last\n')
    sink.closeSync()
    closeSync(descriptor)
    expect(readFileSync(file, 'utf8')).toBe(`${lines.join('')}the last\n`)
  })
})
