/** Somebody who has the packages as they would be published, npm, and an empty folder. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const fromRoot = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
export const read = (name: string): string => readFileSync(fromRoot(name), 'utf8')

/** Major version → the pinned binary. */
export const runtimes = {
  20: fromRoot('tools/runtimes/node_modules/node20/bin/node'),
  24: fromRoot('node_modules/node/bin/node'),
}

export interface RunOptions {
  cwd: string
  env?: Record<string, string>
  input?: string
  /** Milliseconds after which it is killed, and has failed. */
  timeout?: number
  /** Kills it. */
  signal?: AbortSignal
}

/** What a program prints on stdout. @throws Error with both streams if it fails. */
export function run(
  command: string,
  args: string[],
  { cwd, env, input = '', timeout = 0, signal }: RunOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // In a group of its own, so that a time-out ends what it has started as well.
    const child = spawn(command, args, { cwd, env: { ...cleanEnvironment(), ...env }, detached: timeout > 0 })
    const kill = (): void => void process.kill(-(child.pid ?? 0), 'SIGKILL')
    const timer = timeout > 0 && setTimeout(kill, timeout)
    signal?.addEventListener('abort', kill)
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (timer) clearTimeout(timer)
      signal?.removeEventListener('abort', kill)
      if (code === 0) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`))
    })
    child.stdin.end(input)
  })
}

/** Settings of the caller's own must not reach a stranger's programs. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HALFKEY_')))

export interface Folder {
  path: string
  remove: () => void
}

/** Packs packages and installs the tarballs with npm in an empty folder. */
export async function settle(packages: ('sdk' | 'cli' | 'bridge')[]): Promise<Folder> {
  const folder = mkdtempSync(path.join(tmpdir(), 'halfkey-stranger-'))
  const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string }
  for (const name of packages) {
    const pack = ['--yes', packageManager, 'pack', '--pack-destination', folder]
    await run('npx', pack, { cwd: fromRoot(`packages/${name}`) })
  }
  const tarballs = readdirSync(folder).map((name) => `./${name}`)
  await run('npm', ['init', '--yes'], { cwd: folder })
  await run('npm', ['install', '--no-audit', '--no-fund', ...tarballs], { cwd: folder })
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
