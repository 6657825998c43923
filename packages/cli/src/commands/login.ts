import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { Halfkey, HalfkeyError } from '@halfkey/sdk'
import type { Workspace } from '@halfkey/sdk'
import { checkConnection } from '../checks.ts'
import type { CommonOptions, Connection } from '../context.ts'
import {
  addCommon,
  isSameServer,
  keysOf,
  profileOf,
  say,
  signalOf,
  defaultUrl,
  timeoutOf,
  writeJson,
} from '../context.ts'
import { UsageError } from '../failure.ts'
import { confirmForgetting, forgetKeyOption } from '../forget-key.ts'
import type { Io } from '../io.ts'
import { printable, write } from '../io.ts'
import { findKeyring } from '../keyring.ts'
import { forgetEntry, KeyringError, openProfile, saveProfile } from '../profile-keys.ts'
import type { Profile } from '../profile.ts'
import { profileFile, readProfiles } from '../profile.ts'
import { ask, askHidden, hasTerminal } from '../terminal.ts'
import { decodeInput } from '../text.ts'

export interface LoginOptions extends CommonOptions {
  tokenFile?: string
  workspaceKeyFile?: string
  keyring: boolean
  forgetKey?: boolean
}

const examples = `
Examples:
  halfkey login                                         asks for address, token and workspace key
  halfkey login --url http://127.0.0.1:8787 --token-file token.txt
  halfkey login --profile work --token-file token.txt --workspace-key-file key.txt`

export function command(io: Io): Command {
  return addCommon(
    new Command('login')
      .summary('save the server address, token and workspace key')
      .description(
        "Asks for the server's address, your token and your workspace key, checks them, and saves them. If your workspace has no key yet, creates one and shows its recovery sheet. The address is saved in a file that only you can read; the token and key go into the keyring if there is one (Secret Service, or the macOS keychain), and otherwise into the same file. HALFKEY_URL, HALFKEY_TOKEN and HALFKEY_WORKSPACE_KEY are used without asking. If the profile already exists for the same address, whatever you leave empty stays as it is, and its workspace key is kept alongside a new one. If it exists for another address, you are asked before its workspace key is removed.",
      )
      .option('--token-file <file>', 'read the token from a file')
      .option('--workspace-key-file <file>', 'read the workspace key from a file')
      .option('--no-keyring', 'save the token and key in the file, not in the keyring')
      .option(...forgetKeyOption)
      .option('--json', 'print one JSON object'),
  )
    .addHelpText('after', examples)
    .action((options: LoginOptions) => login(options, io))
}

async function fromFile(option: string, file: string): Promise<string> {
  try {
    return decodeInput(await readFile(file), file).trim()
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`)
  }
}

interface Asked {
  connection: Connection
  /** The token's workspace; undefined if the request fails, which the checks then report. */
  workspace: Workspace | undefined
}

async function askConnection(options: LoginOptions, io: Io, profile: Profile | undefined): Promise<Asked> {
  const { env } = io
  const mayAsk = hasTerminal()
  const instead = 'Set HALFKEY_TOKEN, or use --token-file FILE.'
  const url = options.url ?? (env['HALFKEY_URL'] || (mayAsk ? await ask(`Server [${defaultUrl}]: `) : '') || defaultUrl)
  const saved = profile && isSameServer(url, profile.url) ? profile : undefined
  const emptyFor = (value: string | undefined): string => (value === undefined ? 'none' : 'the saved one')
  const token =
    options.tokenFile === undefined
      ? env['HALFKEY_TOKEN'] || (await askHidden(`Token (not shown; empty for ${emptyFor(saved?.token)}): `, instead))
      : await fromFile('--token-file', options.tokenFile)
  const workspace = await workspaceOf(url, token || saved?.token, options, io)
  const mayHaveKey = workspace?.workspaceCheck !== null || saved?.workspaceKey !== undefined
  const keyQuestion = `Workspace key or its 24 words (not shown; empty for ${emptyFor(saved?.workspaceKey)}): `
  const key =
    options.workspaceKeyFile === undefined
      ? env['HALFKEY_WORKSPACE_KEY'] || (mayAsk && mayHaveKey ? await askHidden(keyQuestion, instead) : '')
      : await fromFile('--workspace-key-file', options.workspaceKeyFile)
  const { keyOf } = await import('../recovery.ts')
  const savedKeys = saved?.workspaceKey === undefined ? [] : [saved.workspaceKey, ...(saved.formerWorkspaceKeys ?? [])]
  const [workspaceKey, ...formerWorkspaceKeys] = key === '' ? savedKeys : keysOf(key).map(keyOf)
  const connection = { url, token: token || saved?.token, workspaceKey, formerWorkspaceKeys, source: 'option' }
  return { connection, workspace }
}

async function workspaceOf(
  url: string,
  token: string | undefined,
  options: LoginOptions,
  io: Io,
): Promise<Workspace | undefined> {
  if (!token) return undefined
  try {
    return await new Halfkey({ baseUrl: url, token, timeout: timeoutOf(options), retries: 0 }).getWorkspace(
      signalOf(io),
    )
  } catch {
    return undefined
  }
}

/** The new profile. Saved workspace keys are kept, because data encrypted with them would be lost otherwise. */
function profileFrom({ url, token, workspaceKey, formerWorkspaceKeys }: Connection, before?: Profile): Profile {
  const known =
    before && isSameServer(url, before.url) ? [before.workspaceKey, ...(before.formerWorkspaceKeys ?? [])] : []
  const former = [...new Set([...formerWorkspaceKeys, ...known])].filter((key) => key !== workspaceKey)
  const formerKeys = former.filter((key) => key !== undefined)
  return {
    url,
    ...(token !== undefined && { token }),
    ...(workspaceKey !== undefined && { workspaceKey }),
    ...(formerKeys.length > 0 && { formerWorkspaceKeys: formerKeys }),
  }
}

export async function login(options: LoginOptions, io: Io): Promise<void> {
  const name = profileOf(options, io)
  const before = savedProfile(name, options, io)
  const { connection, workspace } = await askConnection(options, io, before)
  const wrong = (await checkConnection(connection, options, io)).find(({ ok }) => ok === false)
  if (wrong) throw new UsageError(`Nothing was saved, because the ${wrong.name} doesn't work: ${printable(wrong.says)}`)
  if (before && !isSameServer(connection.url, before.url)) await confirmForgetting(name, before, options)
  const profile = profileFrom(connection, before)
  const needsKey = workspace?.workspaceCheck === null && connection.workspaceKey === undefined
  const made = needsKey ? await makeKey(name, profile, options, io) : undefined
  const { keyring } = made ?? (await save(name, profile, options, io))
  const file = profileFile(io)
  if (options.json)
    return writeJson(io, {
      profile: name,
      url: connection.url,
      file,
      keys_in: keyring === undefined ? 'file' : 'keyring',
      workspace_key_made: made !== undefined,
    })
  const where = keyring === undefined ? '' : ' The token and key are in the keyring.'
  await say(io, `Saved the profile ${name} in ${file}, which only you can read.${where}`)
  if (made?.workspaceKey !== undefined) await showKey(made.workspaceKey, connection.url, io)
}

/**
 * Creates the workspace key, and resolves to the profile with it. The key is saved before the server gets its check value,
 * so that it can't be lost in between. Resolves to undefined, without saving the key, if the token may not create one or
 * someone else was faster.
 */
async function makeKey(name: string, profile: Profile, options: LoginOptions, io: Io): Promise<Profile | undefined> {
  const { url, token } = profile
  const workspaceKey = randomBytes(32).toString('base64url')
  const saved = await save(name, { ...profile, workspaceKey }, options, io)
  try {
    await new Halfkey({
      baseUrl: url,
      ...(token !== undefined && { token }),
      workspaceKey,
      timeout: timeoutOf(options),
    }).setWorkspaceCheck(signalOf(io))
    return { ...saved, workspaceKey }
  } catch (error) {
    const code = error instanceof HalfkeyError ? error.code : undefined
    if (code !== 'PERMISSION_DENIED' && code !== 'CONFLICT') throw error
    await say(
      io,
      code === 'CONFLICT'
        ? 'Someone else has just created the workspace key. Get it from them, and log in again.'
        : 'The workspace has no key yet, and this token may not create it. Log in with a token that has the scope tokens:admin.',
    )
    return undefined
  }
}

async function showKey(workspaceKey: string, url: string, io: Io): Promise<void> {
  const { stderr } = io
  await say(io, 'Your workspace had no key yet, so one was created. It encrypts descriptions and named secrets.')
  if (!stderr.isTTY)
    return say(io, "It can't be recovered if you lose it. Print its recovery sheet now: halfkey workspace sheet")
  const { recoverySheet } = await import('../recovery.ts')
  await write(stderr, `\n${recoverySheet(workspaceKey, url, { ...io, stdout: stderr })}`)
}

/** The saved profile. With --no-keyring, an unreachable keyring isn't an error. */
function savedProfile(name: string, { keyring }: LoginOptions, io: Io): Profile | undefined {
  try {
    return openProfile(io, name)
  } catch (error) {
    if (keyring || !(error instanceof KeyringError)) throw error
    return undefined
  }
}

/** Resolves to the profile as it was saved. */
async function save(name: string, profile: Profile, options: LoginOptions, io: Io): Promise<Profile> {
  const before = readProfiles(io)[name]
  if (options.keyring && findKeyring(io)) {
    const entry = before?.keyring ?? `${name}-${randomBytes(8).toString('hex')}`
    try {
      const kept = { ...profile, keyring: entry }
      saveProfile(io, name, kept)
      return kept
    } catch (error) {
      if (!(error instanceof KeyringError) || !(await mayUseFile(error, io))) throw error
    }
  }
  saveProfile(io, name, profile)
  if (before) await forgetQuietly(before, io)
  return profile
}

async function mayUseFile({ message }: KeyringError, io: Io): Promise<boolean> {
  if (!hasTerminal()) return false
  await say(io, printable(message))
  return /^y(es)?$/i.test(await ask('Save the token and key in the file instead? [y/N]: '))
}

async function forgetQuietly(before: Profile, io: Io): Promise<void> {
  try {
    forgetEntry(io, before)
  } catch (error) {
    await say(io, `The old entry in the keyring couldn't be removed: ${printable((error as Error).message)}`)
  }
}
