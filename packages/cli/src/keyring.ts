/**
 * The operating system's keyring, through its command-line program: secret-tool (libsecret) for the Secret Service, or
 * security for the macOS keychain. Values go in over stdin, never in arguments, and are read back to verify that they were
 * stored.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Io } from './io.ts'

export interface Keyring {
  store(name: string, value: string): void
  /** undefined: no entry of that name. */
  lookUp(name: string): string | undefined
  remove(name: string): void
}

/** A keyring program: its arguments for each operation, and how it reports a missing entry. */
interface Tool {
  program: string
  store: (name: string, value: string) => { args: string[]; input: string }
  lookUp: (name: string) => string[]
  remove: (name: string) => string[]
  isMissing: (status: number | null, stderr: string) => boolean
}

const secretService: Tool = {
  program: 'secret-tool',
  store: (name, value) => ({
    args: ['store', `--label=Halfkey: ${name}`, 'service', 'halfkey', 'profile', name],
    input: value,
  }),
  lookUp: (name) => ['lookup', 'service', 'halfkey', 'profile', name],
  remove: (name) => ['clear', 'service', 'halfkey', 'profile', name],
  isMissing: (status, stderr) => status === 1 && stderr === '',
}

/** Exit code of `security` for errSecItemNotFound. */
const notFound = 44

const keychain: Tool = {
  program: 'security',
  store: (name, value) => ({
    args: ['-i'],
    input: `add-generic-password -U -s halfkey -a ${name} -w ${value}\n`,
  }),
  lookUp: (name) => ['find-generic-password', '-s', 'halfkey', '-a', name, '-w'],
  remove: (name) => ['delete-generic-password', '-s', 'halfkey', '-a', name],
  isMissing: (status) => status === notFound,
}

/** Long, because a locked keyring may ask its user for a password in a window of its own. */
const timeoutMs = 120_000

/** undefined: this system has no keyring, or this session can't reach it. */
export function findKeyring({ env }: Pick<Io, 'env'>): Keyring | undefined {
  const tool = process.platform === 'darwin' ? keychain : secretService
  const isInstalled = (env['PATH'] ?? '')
    .split(path.delimiter)
    .some((folder) => existsSync(path.join(folder, tool.program)))
  const bus = env['DBUS_SESSION_BUS_ADDRESS'] || (env['XDG_RUNTIME_DIR'] && existsSync(`${env['XDG_RUNTIME_DIR']}/bus`))
  return isInstalled && (process.platform === 'darwin' || bus) ? keyringOf(tool, env) : undefined
}

function keyringOf(tool: Tool, env: Io['env']): Keyring {
  /** What the program printed; undefined if there is no such entry. @throws Error */
  const call = (args: string[], input = ''): string | undefined => {
    const { status, stdout, stderr, error } = spawnSync(tool.program, args, {
      env,
      input,
      encoding: 'utf8',
      timeout: timeoutMs,
    })
    if (status === 0) return stdout.replace(/\n$/, '')
    if (!error && tool.isMissing(status, stderr)) return undefined
    throw new Error(error?.message ?? (stderr.trim() || `${tool.program} exited with ${status}`))
  }
  const lookUp = (name: string): string | undefined => {
    const value = call(tool.lookUp(name))
    return value && Buffer.from(value, 'base64url').toString()
  }
  return {
    lookUp,
    store(name, value) {
      // base64url, because its characters need no quoting anywhere.
      const { args, input } = tool.store(name, Buffer.from(value).toString('base64url'))
      call(args, input)
      if (lookUp(name) !== value) throw new Error('the stored value could not be read back.')
    },
    remove: (name) => void call(tool.remove(name)),
  }
}
