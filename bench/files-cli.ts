/**
 * A file of 5 GiB from one command line through the server to another, the line cut once in each direction: what comes
 * out is equal, and neither process takes more than 200 MiB.
 *
 *     node bench/files-cli.ts [--quick]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, createReadStream, openSync, readFileSync, writeSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import path from 'node:path'
import { built, createToken, holdFloors, makeFolder, printMachine, printTable, quick, startHalfkey } from './harness.ts'

const mebibyte = 2 ** 20
const size = (quick ? 24 : 5 * 1024) * mebibyte

function makeFile(file: string): string {
  const target = openSync(file, 'w')
  const hash = createHash('sha256')
  for (let at = 0; at < size; at += mebibyte) {
    const block = randomBytes(mebibyte)
    hash.update(block)
    writeSync(target, block)
  }
  closeSync(target)
  return hash.digest('hex')
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const block of createReadStream(file, { highWaterMark: mebibyte })) hash.update(block as Buffer)
  return hash.digest('hex')
}

/** Forwards, and cuts every connection once when half of the file has gone through. */
async function startCuttingProxy(target: string) {
  const { hostname, port } = new URL(target)
  const open = new Set<() => void>()
  let passed = 0
  let cuts = 0
  let armed = true
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const end = (): void => {
      client.destroy()
      upstream.destroy()
      open.delete(end)
    }
    open.add(end)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        passed += chunk.length
        if (armed && passed > size / 2) {
          armed = false
          cuts++
          for (const cut of open) cut()
        } else if (!to.write(chunk)) {
          from.pause()
          to.once('drain', () => from.resume())
        }
      })
      from.on('error', end).on('close', end)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cuts: () => cuts,
    arm() {
      passed = 0
      armed = true
    },
    close: () => server.close(),
  }
}

/** The most memory that the process had, in bytes: VmHWM of proc(5). */
function peakOf(child: ChildProcess): () => number {
  let peak = 0
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024)
    } catch {
      clearInterval(timer)
    }
  }, 20)
  return () => {
    clearInterval(timer)
    return peak
  }
}

async function halfkey(args: string[], env: NodeJS.ProcessEnv): Promise<{ text: string; ms: number; peak: number }> {
  const start = performance.now()
  const child = spawn(process.execPath, [built('packages/cli/dist/bin.cjs'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const peak = peakOf(child)
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`halfkey ${args[0] ?? ''} ended with ${code}`)
  return { text, ms: performance.now() - start, peak: peak() }
}

printMachine()
using folder = makeFolder()
const plain = path.join(folder.path, 'plain')
const sent = makeFile(plain)
await using server = await startHalfkey(folder.path, { HALFKEY_LOG: 'off' })
const proxy = await startCuttingProxy(server.address)
const env = { HALFKEY_URL: proxy.address, HALFKEY_TOKEN: createToken(folder.path), XDG_STATE_HOME: folder.path }

const create = await halfkey(['create', '--json', '--file', plain], env)
const uploadCuts = proxy.cuts()
proxy.arm()
const { share_url: link = '' } = JSON.parse(create.text) as Record<string, string>
const out = path.join(folder.path, 'out')
const open = await halfkey(['open', link.replace(server.address, proxy.address), '--out', out], env)
const cuts = [uploadCuts, proxy.cuts() - uploadCuts]
const equal = (await digestOf(path.join(out, 'plain'))) === sent
proxy.close()

printTable(
  [`${size / mebibyte} MiB`, 'MiB/s', 'peak memory, MiB', 'cuts'],
  [create, open].map(({ ms, peak }, index) => [
    index === 0 ? 'halfkey create --file' : 'halfkey open --out',
    (size / mebibyte / (ms / 1000)).toFixed(0),
    (peak / mebibyte).toFixed(0),
    String(cuts[index]),
  ]),
)
if (!equal || cuts.some((count) => count !== 1)) throw new Error(`cut ${cuts.join(' and ')} times; equal: ${equal}`)
holdFloors([
  { what: 'create, memory', value: create.peak / mebibyte, most: 200, unit: 'MiB' },
  { what: 'open, memory', value: open.peak / mebibyte, most: 200, unit: 'MiB' },
])
