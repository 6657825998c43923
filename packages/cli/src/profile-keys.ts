/** A profile with its token and keys, wherever these are: in its file, or in the keyring under the name that it says. */
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { findKeyring } from './keyring.ts'
import type { Profile } from './profile.ts'
import { readProfiles, writeProfiles } from './profile.ts'

type Env = Pick<Io, 'env'>
type Keys = Pick<Profile, 'token' | 'workspaceKey' | 'formerWorkspaceKeys'>

/** @throws UsageError if its keys are in a keyring that can't be reached: without them it would be another profile */
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

/** Into the keyring if it has the name of an entry there, else all of it into the file. */
export function saveProfile(io: Env, name: string, profile: Profile): void {
  const profiles = readProfiles(io)
  const { url, keyring: entry, ...keys } = profile
  if (entry !== undefined) inKeyring(io, (keyring) => keyring.store(entry, JSON.stringify(keys)), 'the token and key')
  writeProfiles(io, { ...profiles, [name]: entry === undefined ? profile : { url, keyring: entry } })
}

/** False: there is none. */
export function removeProfile(io: Env, name: string): boolean {
  const { [name]: known, ...others } = readProfiles(io)
  if (!known) return false
  forgetEntry(io, known)
  writeProfiles(io, others)
  return true
}

/** What the keyring has of it. */
export function forgetEntry(io: Env, { keyring: entry }: Profile): void {
  if (entry !== undefined) inKeyring(io, (keyring) => keyring.remove(entry), 'the token and key to forget')
}

function inKeyring<T>(io: Env, use: (keyring: NonNullable<ReturnType<typeof findKeyring>>) => T, what: string): T {
  try {
    const keyring = findKeyring(io)
    if (!keyring) throw new Error('there is none in this session')
    return use(keyring)
  } catch (error) {
    throw new KeyringError(`The keyring, for ${what}, can't be used: ${(error as Error).message}`)
  }
}

/** The keyring can be read, and has nothing of the profile. */
export class MissingKeysError extends UsageError {
  constructor(name: string) {
    super(`The keyring has no token and key of the profile ${name} any more: run halfkey login again.`)
  }
}

/** Whether to do without the keyring is the user's to say. */
export class KeyringError extends UsageError {
  constructor(message: string) {
    super(`${message.replace(/\.$/, '')}. halfkey login --no-keyring saves in a file that only you can read.`)
  }
}
