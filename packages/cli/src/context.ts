/** What all commands share: common options, the connection they resolve to, and the client. */
import { setFlagsFromString } from 'node:v8'
import type { Command } from 'commander'
import type { HalfkeyOptions } from '@halfkey/sdk'
import { Halfkey, parseLink } from '@halfkey/sdk'
import { nodeFetch, proxyVariable } from '@halfkey/sdk/parts'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { jsonWritten, write } from './io.ts'
import { withKeys } from './profile-keys.ts'
import { checkProfileName, readProfiles } from './profile.ts'

export interface CommonOptions {
  url?: string
  profile?: string
  timeout?: string
  verbose?: boolean
  json?: boolean
}

export const defaultUrl = 'http://127.0.0.1:8787'
export const defaultProfile = 'default'

export function addCommon(command: Command, { timeout = '30' } = {}): Command {
  return command
    .option('--url <url>', `server address (default: HALFKEY_URL, the saved profile, or ${defaultUrl})`)
    .option('--profile <name>', 'saved profile to use (default: HALFKEY_PROFILE, or "default")')
    .option('--timeout <seconds>', 'time limit for each attempt of a request', timeout)
    .option('--verbose', 'show more details when something fails')
    .option('--no-color', "don't use colors")
}

export function timeoutOf({ timeout = '30' }: CommonOptions): number {
  const seconds = Number(timeout)
  if (!(seconds > 0 && seconds <= 3600))
    throw new UsageError('--timeout must be a number of seconds greater than 0, up to 3600.')
  return Math.ceil(seconds * 1000)
}

/** The server and the credentials to use there. */
export interface Connection {
  url: string
  token: string | undefined
  /** The newest workspace key: 32 bytes as base64url; or a folder or entry key. */
  workspaceKey: string | undefined
  /** Previous workspace keys, which still decrypt older data. */
  formerWorkspaceKeys: string[]
  /** Where the address comes from: `option`, `environment`, `profile` or `standard`, the default. */
  source: string
}

/** Compares as URLs: the host's case, a default port and trailing slashes don't matter. */
export function isSameServer(one: string, other: string): boolean {
  const canonical = (url: string): string => (URL.canParse(url) ? new URL(url).href : url).replace(/(?<!\/)\/+$/, '')
  return canonical(one) === canonical(other)
}

export const profileOf = ({ profile }: CommonOptions, { env }: Io): string =>
  checkProfileName(profile ?? (env['HALFKEY_PROFILE'] || defaultProfile))

/** Splits a comma-separated list of keys (`NEW,OLD`) and drops empty entries. */
export const keysOf = (text: string): string[] =>
  text
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')

/** For what only the workspace key can do, not a folder or entry key (`orders/:1…`). @throws UsageError */
export function requireWholeKeys(what: string, keys: string[]): void {
  if (keys.some((key) => key.includes(':')))
    throw new UsageError(`${what} the workspace key itself, not a folder or entry key. Nothing was changed.`)
}

/** Options take precedence over the environment, which takes precedence over the saved profile. Empty variables are ignored. */
export function connectionOf(options: CommonOptions, io: Io): Connection {
  const { env } = io
  const name = profileOf(options, io)
  const saved = readProfiles(io)[name]
  if (!saved && (options.profile !== undefined || env['HALFKEY_PROFILE']))
    throw new UsageError(`There is no profile ${name}. Create it with: halfkey login --profile ${name}`)
  const given = options.url ?? (env['HALFKEY_URL'] || undefined)
  const [workspaceKey, ...former] = keysOf(env['HALFKEY_WORKSPACE_KEY'] ?? '')
  const matches = saved && (given === undefined || isSameServer(given, saved.url))
  const isNeeded = !env['HALFKEY_TOKEN'] || workspaceKey === undefined
  const profile = matches && isNeeded ? withKeys(io, name, saved) : undefined
  return {
    url: given ?? saved?.url ?? defaultUrl,
    token: env['HALFKEY_TOKEN'] || profile?.token,
    workspaceKey: workspaceKey ?? profile?.workspaceKey,
    formerWorkspaceKeys: workspaceKey === undefined ? (profile?.formerWorkspaceKeys ?? []) : former,
    source: options.url !== undefined ? 'option' : given !== undefined ? 'environment' : saved ? 'profile' : 'standard',
  }
}

/** Loads on first use. Not for files, which can be large; behind a proxy, the SDK's own fetch is used. */
export const smallFetch: typeof fetch = async (...call) =>
  proxyVariable(call[0] as string) === undefined
    ? (await import('./small-fetch.ts')).smallFetch(...call)
    : nodeFetch(...call)

/** Chunks of a file become garbage quickly, but V8 would let 50 MiB of them pile up before collecting. */
export const keepHeapSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')

/** @param settings.files  whether files are sent or downloaded */
export function openClient(options: CommonOptions, io: Io, { files = false } = {}): Halfkey {
  const { env } = io
  const { url, token, workspaceKey, formerWorkspaceKeys } = connectionOf(options, io)
  if (files) keepHeapSmall()
  const settings: HalfkeyOptions = {
    baseUrl: url,
    ...(!files && { fetch: smallFetch }),
    timeout: timeoutOf(options),
    ...(token !== undefined && { token }),
    workspaceKey: workspaceKey === undefined ? undefined : [workspaceKey, ...formerWorkspaceKeys],
    ...(env['HALFKEY_SMTP_URL'] &&
      env['HALFKEY_MAIL_FROM'] && { mailer: { smtpUrl: env['HALFKEY_SMTP_URL'], from: env['HALFKEY_MAIL_FROM'] } }),
  }
  return new Halfkey(settings)
}

/** A client for commands that encrypt or decrypt with the workspace key. */
export async function openKeyedClient(options: CommonOptions, io: Io): Promise<Halfkey> {
  await needWorkspaceKey('Named secrets need', options, io)
  return openClient(options, io)
}

/**
 * Makes sure that there is a workspace key: offers to log in on a terminal, and otherwise fails with the command to run.
 *
 * @param what  the beginning of a sentence, such as `--description needs`
 */
export async function needWorkspaceKey(what: string, options: CommonOptions, io: Io): Promise<void> {
  if (connectionOf(options, io).workspaceKey !== undefined) return
  const { offerLogin } = await import('./offer-login.ts')
  await offerLogin(`${what} your workspace key, and none is saved here`, options, io)
  if (connectionOf(options, io).workspaceKey === undefined)
    throw new UsageError(`${what} your workspace key, but none was given at login.`)
}

/** Lets Ctrl-C abort the call. */
export const signalOf = ({ signal }: Io): { signal?: AbortSignal } => (signal ? { signal } : {})

/** The slug of a slug or of a share link, with or without its fragment. */
export async function slugOf(text: string): Promise<string> {
  if (!text.includes('/')) return text
  if (!/#|%23/.test(text)) return text.split('/').findLast((folder) => folder !== '') ?? text
  const { slug } = await parseLink(text)
  return slug
}

export function manageKeyOf(options: { manageKey?: string }, { env }: Io): { manageKey?: string } {
  const manageKey = options.manageKey ?? env['HALFKEY_MANAGE_KEY']
  return manageKey ? { manageKey } : {}
}

/** Writes one flat JSON object on one line. */
export function writeJson({ stdout }: Io, value: unknown): Promise<void> {
  jsonWritten.add(stdout)
  return write(stdout, `${JSON.stringify(value)}\n`)
}

/**
 * Prints a message for people on stderr, so that pipes don't carry it. Failing to print it doesn't fail the command: use
 * `write` for what must not get lost.
 */
export const say = ({ stderr }: Io, text: string): Promise<void> => write(stderr, `${text}\n`).catch(() => undefined)

export const numberOf = (name: string, text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new UsageError(`${name} must be a number.`)
  return value
}

export function wholeNumber(name: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = numberOf(name, text)
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new UsageError(`${name} must be a whole number from 1 to ${max}.`)
  return value
}

/** Parses a repeatable option. */
export const repeat = (value: string, before: string[] = []): string[] => [...before, value]

/** Parses a repeatable option that also takes comma-separated lists. */
export const collect = (value: string, before: string[] = []): string[] => [
  ...before,
  ...value.split(',').map((part) => part.trim()),
]
