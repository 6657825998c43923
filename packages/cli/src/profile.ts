/**
 * Saved connections: `halfkey/config.json` under XDG_CONFIG_HOME, mode 0600. A profile's token and workspace key are only
 * used with the profile's own address, so they never go to an address given by --url or HALFKEY_URL.
 */
import { readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { decodeInput } from './text.ts'
import { replaceFile } from './write-file.ts'

export interface Profile {
  url: string
  token?: string
  /** 32 bytes as base64url; or a folder or entry key. */
  workspaceKey?: string
  /** Previous keys: until a rekey is complete some data is encrypted with them, and old versions always are. */
  formerWorkspaceKeys?: string[]
  /** The keyring entry that holds the token and keys instead. */
  keyring?: string
}

/** By name. Has no prototype, so that `constructor` is an ordinary profile name. */
export type Profiles = Record<string, Profile>

const profileName = /^[A-Za-z0-9._-]{1,64}$/

export function profileFile({ env }: Pick<Io, 'env'>): string {
  const base = env['XDG_CONFIG_HOME'] || path.join(env['HOME'] || homedir(), '.config')
  return path.join(base, 'halfkey', 'config.json')
}

export function checkProfileName(name: string): string {
  if (!profileName.test(name))
    throw new UsageError('--profile must be 1 to 64 letters, digits, dots, dashes or underscores.')
  return name
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''

function isProfile(value: unknown): value is Profile {
  if (typeof value !== 'object' || value === null) return false
  const { url, token, workspaceKey, keyring, formerWorkspaceKeys: former = [] } = value as Record<string, unknown>
  return (
    isText(url) &&
    [token, workspaceKey, keyring].every((field) => field === undefined || isText(field)) &&
    Array.isArray(former) &&
    former.every(isText)
  )
}

export function readProfiles(io: Pick<Io, 'env'>): Profiles {
  const file = profileFile(io)
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { __proto__: null } as unknown as Profiles
    throw new UsageError(`Can't read ${file}: ${(error as Error).message}`)
  }
  const text = decodeInput(bytes, file)
  try {
    const { profiles } = JSON.parse(text) as { profiles: unknown }
    const entries = Object.entries<unknown>(profiles as Record<string, unknown>)
    if (entries.every(([name, value]) => profileName.test(name) && isProfile(value)))
      return { __proto__: null, ...Object.fromEntries<unknown>(entries) } as unknown as Profiles
  } catch {
    // Reported below, like any other invalid file.
  }
  throw new UsageError(`${file} isn't a valid halfkey profile file. Remove it, and run halfkey login again.`)
}

/** Replaces the file atomically; removes it if no profile is left. */
export function writeProfiles(io: Pick<Io, 'env'>, profiles: Profiles): void {
  const file = profileFile(io)
  if (Object.keys(profiles).length === 0) return rmSync(file, { force: true })
  try {
    replaceFile(file, `${JSON.stringify({ profiles }, null, 2)}\n`)
  } catch (error) {
    throw new UsageError(`Can't save the profile: ${(error as Error).message}`)
  }
}
