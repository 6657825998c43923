/** What the benches share: servers in processes of their own, folders that go away, medians, tables and floors. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { cpus } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Runs everything once on little data and holds nothing against its floor. */
export const quick = process.argv.includes('--quick')

const fromRoot = (relative: string): string => fileURLToPath(new URL(`../${relative}`, import.meta.url))

/** A file that `pnpm build` makes. */
export function built(relative: string): string {
  const file = fromRoot(relative)
  if (!existsSync(file)) throw new Error(`${relative} is missing: build first`)
  return file
}

export interface Folder extends Disposable {
  path: string
}

/** An empty folder beside the benches, not in the system's own for such: that may be memory, where a flush is free. */
export function makeFolder(): Folder {
  const parent = fromRoot('bench/.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'run-'))
  return { path: folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface Server extends AsyncDisposable {
  /** As an http:// URL without a trailing slash. */
  address: string
  /** What its process has taken of the CPU so far, user and system, in microseconds; NaN where there is no /proc. */
  cpu(): number
}

const stop = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })

/** Linux counts in hundredths of a second: proc(5), fields 14 and 15 of /proc/PID/stat. */
function cpuOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
    return (Number(user) + Number(system)) * 10_000
  } catch {
    return NaN
  }
}

/** Starts a Node program and waits until it says where it listens. Its stderr goes to `log` in `folder`. */
async function startServer(args: string[], folder: string, env: NodeJS.ProcessEnv = {}): Promise<Server> {
  const log = openSync(path.join(folder, 'log'), 'a')
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', log] })
  closeSync(log)
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  let output = ''
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const found = /listens on (http:\S+)\s/.exec(output)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with ${code} before it listened`)))
  })
  return {
    address,
    cpu: () => cpuOf(child.pid),
    async [Symbol.asyncDispose]() {
      process.removeListener('exit', kill)
      await stop(child)
    },
  }
}

export const startYardstick = (mode: 'each' | 'group', folder: string): Promise<Server> =>
  startServer([fromRoot('bench/yardstick.ts'), mode, folder], folder)

export const startBare = (folder: string): Promise<Server> =>
  startServer([fromRoot('bench/files-bare.ts'), folder], folder)

/** As shipped, its access log included; without rate limits, because all load comes from one address, and without a bound on what that may store. */
const halfkeySettings = (folder: string): NodeJS.ProcessEnv => ({
  HALFKEY_LISTEN: '127.0.0.1:0',
  HALFKEY_DATA_DIR: path.join(folder, 'data'),
  HALFKEY_SERVER_KEY_FILE: path.join(folder, 'server.key'),
  HALFKEY_RATE_LIMIT: 'off',
  HALFKEY_ANONYMOUS_QUOTA_SECRETS: '1000000000',
  HALFKEY_ANONYMOUS_QUOTA_BYTES: '1000000000000',
})

export async function startHalfkey(folder: string, settings: NodeJS.ProcessEnv = {}): Promise<Server> {
  const env = { ...halfkeySettings(folder), ...settings }
  const server = await startServer([built('apps/api/dist/main.js')], folder, env)
  const { status } = await fetch(`${server.address}/readyz`)
  if (status !== 200) throw new Error(`/readyz answered ${status}`)
  return server
}

/** `halfkey bridge` as shipped, set up by `settings` alone. */
export const startBridge = (folder: string, settings: NodeJS.ProcessEnv): Promise<Server> =>
  startServer([built('packages/cli/dist/bin.cjs'), 'bridge'], folder, {
    HALFKEY_BRIDGE_LISTEN: '127.0.0.1:0',
    HOME: folder,
    ...settings,
  })

/** An API token with every scope. */
export function createToken(folder: string): string {
  const args = [built('apps/api/dist/main.js'), 'token', 'create', 'bench']
  const env = { ...process.env, ...halfkeySettings(folder) }
  return execFileSync(process.execPath, args, { env, encoding: 'utf8' }).trim()
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

/** Prints a Markdown table, ready to be quoted. */
export function printTable(head: string[], rows: string[][]): void {
  const widths = head.map((cell, i) => Math.max(3, cell.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  console.log([line(head), `| ${rule.join(' | ')} |`, ...rows.map(line), ''].join('\n'))
}

export function printMachine(): void {
  console.log(
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}${quick ? ', --quick' : ''}\n`,
  )
}

export interface Floor {
  what: string
  value: number
  /** Exactly one of the two. */
  least?: number
  most?: number
  unit?: string
}

/** Prints every floor with what was reached, and makes the process fail if one was missed; with --quick none counts. */
export function holdFloors(floors: readonly Floor[]): void {
  const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(2))
  const rows = floors.map(({ what, value, least = -Infinity, most = Infinity, unit = '×' }) => {
    const held = value >= least && value <= most
    if (!held && !quick) process.exitCode = 1
    const bound = most === Infinity ? `≥ ${least}` : `≤ ${most}`
    return [what, `${digits(value)} ${unit}`, `${bound} ${unit}`, quick ? '–' : held ? 'yes' : 'MISSED']
  })
  printTable(['floor', 'reached', 'asked', 'held'], rows)
}
