/**
 * The operating system's keyring, by the program that comes with it: the Secret Service (secret-tool of libsecret) or
 * the keychain of macOS (security). A value goes in over stdin, never in arguments, and is looked up again before it
 * counts as stored.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Io } from './io.ts'

export interface Keyring {
  store(name: string, value: string): void
  /** undefined: it has none of that name. */
  lookUp(name: string): string | undefined
  remove(name: string): void
}

/** Of one program: its arguments for each call, and what tells «none» from a failure. */
interface Tool {
  program: string
  store: (name: string, value: string) => { args: string[]; input: string }
  lookUp: (name: string) => string[]
  remove: (name: string) => string[]
  isNone: (status: number | null, stderr: string) => boolean
}

const secretService: Tool = {
  program: 'secret-tool',
  store: (name, value) => ({
    args: ['store', `--label=Halfkey: ${name}`, 'service', 'halfkey', 'profile', name],
    input: value,
  }),
  lookUp: (name) => ['lookup', 'service', 'halfkey', 'profile', name],
  remove: (name) => ['clear', 'service', 'halfkey', 'profile', name],
  isNone: (status, stderr) => status === 1 && stderr === '',
}

/** errSecItemNotFound, as `security` ends with it. */
const notFound = 44

const keychain: Tool = {
  program: 'security',
  store: (name, value) => ({
    args: ['-i'],
    input: `add-generic-password -U -s halfkey -a ${name} -w ${value}\n`,
  }),
  lookUp: (name) => ['find-generic-password', '-s', 'halfkey', '-a', name, '-w'],
  remove: (name) => ['delete-generic-password', '-s', 'halfkey', '-a', name],
  isNone: (status) => status === notFound,
}

/** A locked keyring may ask its user for the password, in a window of its own. */
const patienceMs = 120_000

/** undefined: this system has none, or no session that reaches one. */
export function findKeyring({ env }: Pick<Io, 'env'>): Keyring | undefined {
  const tool = process.platform === 'darwin' ? keychain : secretService
  const isThere = (env['PATH'] ?? '')
    .split(path.delimiter)
    .some((folder) => existsSync(path.join(folder, tool.program)))
  const bus = env['DBUS_SESSION_BUS_ADDRESS'] || (env['XDG_RUNTIME_DIR'] && existsSync(`${env['XDG_RUNTIME_DIR']}/bus`))
  return isThere && (process.platform === 'darwin' || bus) ? keyringOf(tool, env) : undefined
}

function keyringOf(tool: Tool, env: Io['env']): Keyring {
  /** What it printed; undefined for «none». @throws Error */
  const call = (args: string[], input = ''): string | undefined => {
    const { status, stdout, stderr, error } = spawnSync(tool.program, args, {
      env,
      input,
      encoding: 'utf8',
      timeout: patienceMs,
    })
    if (status === 0) return stdout.replace(/\n$/, '')
    if (!error && tool.isNone(status, stderr)) return undefined
    throw new Error(error?.message ?? (stderr.trim() || `${tool.program} ended with ${status}`))
  }
  const lookUp = (name: string): string | undefined => {
    const value = call(tool.lookUp(name))
    return value && Buffer.from(value, 'base64url').toString()
  }
  return {
    lookUp,
    store(name, value) {
      // Letters, digits, - and _ alone mean the same to every program on the way.
      const { args, input } = tool.store(name, Buffer.from(value).toString('base64url'))
      call(args, input)
      if (lookUp(name) !== value) throw new Error('what was stored is not there.')
    },
    remove: (name) => void call(tool.remove(name)),
  }
}
