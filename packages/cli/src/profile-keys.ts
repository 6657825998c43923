/** Reads and writes profiles with their token and keys, which are in the profile file or in the keyring. */
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { findKeyring } from './keyring.ts'
import type { Profile } from './profile.ts'
import { readProfiles, writeProfiles } from './profile.ts'

type Env = Pick<Io, 'env'>
type Keys = Pick<Profile, 'token' | 'workspaceKey' | 'formerWorkspaceKeys'>

/** @throws UsageError if the profile's keys are in a keyring that can't be reached */
export function openProfile(io: Env, name: string): Profile | undefined {
  const profile = readProfiles(io)[name]
  return profile && withKeys(io, name, profile)
}

export function withKeys(io: Env, name: string, profile: Profile): Profile {
  const { keyring: entry } = profile
  if (entry === undefined) return profile
  const keys = inKeyring(io, (keyring) => keyring.lookUp(entry), `the token and key of the profile ${name}`)
  if (keys === undefined) throw new MissingKeysError(name)
  return { ...profile, ...(JSON.parse(keys) as Keys) }
}

/** Saves token and keys in the keyring if the profile names an entry there, and otherwise in the file. */
export function saveProfile(io: Env, name: string, profile: Profile): void {
  const profiles = readProfiles(io)
  const { url, keyring: entry, ...keys } = profile
  if (entry !== undefined) inKeyring(io, (keyring) => keyring.store(entry, JSON.stringify(keys)), 'the token and key')
  writeProfiles(io, { ...profiles, [name]: entry === undefined ? profile : { url, keyring: entry } })
}

/** false: there is no such profile. */
export function removeProfile(io: Env, name: string): boolean {
  const { [name]: known, ...others } = readProfiles(io)
  if (!known) return false
  forgetEntry(io, known)
  writeProfiles(io, others)
  return true
}

/** Removes the profile's entry from the keyring, if it has one. */
export function forgetEntry(io: Env, { keyring: entry }: Profile): void {
  if (entry !== undefined) inKeyring(io, (keyring) => keyring.remove(entry), 'the token and key to remove')
}

function inKeyring<T>(io: Env, use: (keyring: NonNullable<ReturnType<typeof findKeyring>>) => T, what: string): T {
  try {
    const keyring = findKeyring(io)
    if (!keyring) throw new Error('this session has none')
    return use(keyring)
  } catch (error) {
    throw new KeyringError(`Can't use the keyring for ${what}: ${(error as Error).message}`)
  }
}

/** The keyring works, but has no entry for the profile. */
export class MissingKeysError extends UsageError {
  constructor(name: string) {
    super(`The keyring no longer has the token and key of the profile ${name}. Run halfkey login again.`)
  }
}

/** The keyring failed. The user decides whether to save in a file instead. */
export class KeyringError extends UsageError {
  constructor(message: string) {
    super(`${message.replace(/\.$/, '')}. To save in a file that only you can read, run halfkey login --no-keyring.`)
  }
}
