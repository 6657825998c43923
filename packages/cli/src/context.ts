/** What every command shares: the options that all of them take, and the client made of them. */
import { setFlagsFromString } from 'node:v8'
import type { Command } from 'commander'
import type { HalfkeyOptions } from '@halfkey/sdk'
import { Halfkey, parseLink } from '@halfkey/sdk'
import { nodeFetch, proxyVariable } from '@halfkey/sdk/parts'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { answered, write } from './io.ts'
import { withKeys } from './profile-keys.ts'
import { checkProfileName, readProfiles } from './profile.ts'

export interface CommonOptions {
  url?: string
  profile?: string
  timeout?: string
  verbose?: boolean
  json?: boolean
}

export const standardUrl = 'http://127.0.0.1:8787'
export const standardProfile = 'default'

export function addCommon(command: Command, { timeout = '30' } = {}): Command {
  return command
    .option('--url <url>', `the server (HALFKEY_URL, or the saved profile's; ${standardUrl})`)
    .option('--profile <name>', 'which saved profile (HALFKEY_PROFILE; default)')
    .option('--timeout <seconds>', 'for one try of one request', timeout)
    .option('--verbose', 'say more when something fails')
    .option('--no-color', 'plain text')
}

export function timeoutOf({ timeout = '30' }: CommonOptions): number {
  const seconds = Number(timeout)
  if (!(seconds > 0 && seconds <= 3600)) throw new UsageError('--timeout must be a number of seconds, up to 3600.')
  return Math.ceil(seconds * 1000)
}

/** Where the server is, and who one is there. */
export interface Connection {
  url: string
  token: string | undefined
  /** b64 of 32 bytes, or a folder or entry key; of several the newest. */
  workspaceKey: string | undefined
  /** What still opens older things. */
  formerWorkspaceKeys: string[]
  /** Of the address: `option`, `environment`, `profile` or `standard`. */
  source: string
}

/** As URLs: case of the host, a standard port and final slashes make no difference. */
export function isSameServer(one: string, other: string): boolean {
  const canonical = (url: string): string => (URL.canParse(url) ? new URL(url).href : url).replace(/(?<!\/)\/+$/, '')
  return canonical(one) === canonical(other)
}

export const profileOf = ({ profile }: CommonOptions, { env }: Io): string =>
  checkProfileName(profile ?? (env['HALFKEY_PROFILE'] || standardProfile))

/** `NEW,OLD` is two of them; an empty one counts as none. */
export const keysOf = (text: string): string[] =>
  text
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '')

/** For what the workspace key alone can do, and no folder or entry key (`orders/:1…`). @throws UsageError */
export function requireWholeKeys(what: string, keys: string[]): void {
  if (keys.some((key) => key.includes(':')))
    throw new UsageError(`${what} the workspace key itself, not a folder or entry key. Nothing was changed.`)
}

/** Options win over the environment, and that over the saved profile; an empty variable counts as none. */
export function connectionOf(options: CommonOptions, io: Io): Connection {
  const { env } = io
  const name = profileOf(options, io)
  const saved = readProfiles(io)[name]
  if (!saved && (options.profile !== undefined || env['HALFKEY_PROFILE']))
    throw new UsageError(`There is no profile ${name}: make it with halfkey login --profile ${name}.`)
  const given = options.url ?? (env['HALFKEY_URL'] || undefined)
  const [workspaceKey, ...former] = keysOf(env['HALFKEY_WORKSPACE_KEY'] ?? '')
  const mayServe = saved && (given === undefined || isSameServer(given, saved.url))
  const isNeeded = !env['HALFKEY_TOKEN'] || workspaceKey === undefined
  const profile = mayServe && isNeeded ? withKeys(io, name, saved) : undefined
  return {
    url: given ?? saved?.url ?? standardUrl,
    token: env['HALFKEY_TOKEN'] || profile?.token,
    workspaceKey: workspaceKey ?? profile?.workspaceKey,
    formerWorkspaceKeys: workspaceKey === undefined ? (profile?.formerWorkspaceKeys ?? []) : former,
    source: options.url !== undefined ? 'option' : given !== undefined ? 'environment' : saved ? 'profile' : 'standard',
  }
}

/** Loaded with the first call. Not for files, which may be large; a proxy takes the SDK's own. */
export const smallFetch: typeof fetch = async (...call) =>
  proxyVariable(call[0] as string) === undefined
    ? (await import('./small-fetch.ts')).smallFetch(...call)
    : nodeFetch(...call)

/** A file's pieces are garbage soon after they came: V8 would make room for 50 MiB of them before it looks. */
export const keepHeapSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')

/** @param settings.files  whether files are sent or fetched */
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

/** For what seals or opens under the workspace key. */
export async function openKeyedClient(options: CommonOptions, io: Io): Promise<Halfkey> {
  await needWorkspaceKey('Named secrets need', options, io)
  return openClient(options, io)
}

/**
 * Offers a terminal to log in on the spot; elsewhere the error has the command.
 *
 * @param what  the beginning of a sentence, such as `--description needs`
 */
export async function needWorkspaceKey(what: string, options: CommonOptions, io: Io): Promise<void> {
  if (connectionOf(options, io).workspaceKey !== undefined) return
  const { offerLogin } = await import('./offer-login.ts')
  await offerLogin(`${what} your workspace key, which isn’t saved here`, options, io)
  if (connectionOf(options, io).workspaceKey === undefined)
    throw new UsageError(`${what} your workspace key, and this login has none.`)
}

/** Ctrl-C ends the call too. */
export const signalOf = ({ signal }: Io): { signal?: AbortSignal } => (signal ? { signal } : {})

/** A slug, or the slug of a share link, with its key or as lists show it, without. */
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

/** One flat JSON object a line. */
export function writeJson({ stdout }: Io, value: unknown): Promise<void> {
  answered.add(stdout)
  return write(stdout, `${JSON.stringify(value)}\n`)
}

/**
 * A word to people, where they see it and no pipe carries it. If stderr doesn't take it, the command still does its work:
 * what must not be missed is written with `write`.
 */
export const say = ({ stderr }: Io, text: string): Promise<void> => write(stderr, `${text}\n`).catch(() => undefined)

export const numberOf = (name: string, text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new UsageError(`${name} must be a number.`)
  return value
}

export function wholeNumber(name: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = numberOf(name, text)
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(`${name} must be a whole number from 1 to ${most}.`)
  return value
}

/** A repeatable option that also takes a list with commas. */
export const collect = (value: string, before: string[] = []): string[] => [
  ...before,
  ...value.split(',').map((part) => part.trim()),
]
