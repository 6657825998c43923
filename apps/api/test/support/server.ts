/** A real server of its own: the built program in its own process, or the app in this one with a clock to turn. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** A module to load before programs that must not reach beyond this machine. */
export const loopbackOnly = new URL('./loopback-only.ts', import.meta.url).href

export const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface Home {
  root: string
  data: string
  serverKey: string
  remove(): void
}

export function makeHome(parent = tmpdir()): Home {
  const root = mkdtempSync(path.join(parent, 'halfkey-'))
  return {
    root,
    data: path.join(root, 'data'),
    serverKey: path.join(root, 'server.key'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

export interface ServerProcess {
  url: string
  /** The first admin token; empty if this wasn't the first start. */
  token: string
  child: ChildProcess
  /** Everything printed so far, both streams. */
  output(): string
  /** Sends the signal and waits for the end; the exit code, or null if a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Settings of the caller's own environment must not reach a test's server. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HALFKEY_')))

/** It reaches nothing but this machine. `under`: a command that runs it, such as a tracer with its options. */
export function spawnServer(home: Home, settings: Record<string, string> = {}, under: string[] = []): ChildProcess {
  const [command, ...rest] = [...under, process.execPath, '--import', loopbackOnly, program]
  return spawn(command, rest, {
    env: {
      ...cleanEnvironment(),
      HALFKEY_LISTEN: '127.0.0.1:0',
      HALFKEY_DATA_DIR: home.data,
      HALFKEY_SERVER_KEY_FILE: home.serverKey,
      HALFKEY_RATE_LIMIT: 'off',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Starts the built program and waits until it listens. */
export async function startServer(
  home: Home,
  settings: Record<string, string> = {},
  under: string[] = [],
): Promise<ServerProcess> {
  const child = spawnServer(home, settings, under)
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const address = /listens on (http:\S+)/.exec(output)?.[1]
      if (address !== undefined) resolve(address)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    void ended.then((code) => reject(new Error(`the server ended with ${code} before it listened:\n${output}`)))
  })
  return {
    url,
    get token() {
      return /HALFKEY_TOKEN=(\S+)/.exec(output)?.[1] ?? ''
    },
    child,
    output: () => output,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}
