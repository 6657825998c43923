/** The built program as people run it: a process with its own home. */
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const bin = fileURLToPath(new URL('../dist/bin.cjs', import.meta.url))

export interface Result {
  code: number | null
  stdout: Buffer
  text: string
  stderr: string
}

export interface Running {
  child: ChildProcess
  ended: Promise<Result>
}

export interface Halfkey {
  home: string
  env: Record<string, string>
  /** Where reveal ids are kept, a file a slug. */
  reveals: string
  start(args: string[], input?: string | Uint8Array, env?: Record<string, string>): Running
  run(args: string[], input?: string | Uint8Array, env?: Record<string, string>): Promise<Result>
  /** Shares and returns the one JSON object. */
  create(args: string[], input: string | Uint8Array, env?: Record<string, string>): Promise<Record<string, string>>
  /** A secret's record, as the manage key of what was created shows it. */
  details(created: Record<string, string>): Promise<Record<string, unknown>>
  remove(): void
}

export function makeHalfkey(): Halfkey {
  const home = mkdtempSync(path.join(tmpdir(), 'halfkey-cli-'))
  const env = { PATH: process.env['PATH'] ?? '', HOME: home }
  const start: Halfkey['start'] = (args, input = '', more = {}) => {
    // A session of its own has no terminal: what would be asked must be refused instead.
    const child = spawn(process.execPath, [bin, ...args], { env: { ...env, ...more }, detached: true })
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    return { child, ended: collect(child) }
  }
  const run: Halfkey['run'] = (...call) => start(...call).ended
  return {
    home,
    env,
    reveals: path.join(home, '.local', 'state', 'halfkey', 'reveals'),
    start,
    run,
    async create(args, input, more) {
      const { code, text, stderr } = await run(['create', '-', '--json', ...args], input, more)
      if (code !== 0) throw new Error(`create ended with ${code}: ${stderr}`)
      return JSON.parse(text) as Record<string, string>
    },
    async details({ slug = '', manage_key: key = '' }) {
      const { text } = await run(['get', slug, '--json'], '', { HALFKEY_MANAGE_KEY: key })
      return JSON.parse(text) as Record<string, unknown>
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

/** What a process prints until it ends. */
export function collect(child: ChildProcessWithoutNullStreams): Promise<Result> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = []
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      const stdout = Buffer.concat(out)
      resolve({ code, stdout, text: stdout.toString(), stderr })
    })
  })
}
