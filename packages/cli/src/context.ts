/** What every command shares: the options that all of them take, and the client made of them. */
import type { Command } from 'commander'
import type { HalfkeyOptions } from '@halfkey/sdk'
import { Halfkey, parseLink } from '@halfkey/sdk'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { write } from './io.ts'

export interface CommonOptions {
  url?: string
  timeout?: string
  verbose?: boolean
  json?: boolean
}

const standardUrl = 'http://127.0.0.1:8787'

export function addCommon(command: Command): Command {
  return command
    .option('--url <url>', `the server (HALFKEY_URL; ${standardUrl})`)
    .option('--timeout <seconds>', 'for one try of one request', '30')
    .option('--verbose', 'say more when something fails')
    .option('--no-color', 'plain text')
}

export function timeoutOf({ timeout = '30' }: CommonOptions): number {
  const seconds = Number(timeout)
  if (!(seconds > 0 && seconds <= 3600)) throw new UsageError('--timeout must be a number of seconds, up to 3600.')
  return seconds * 1000
}

/** The environment's token and workspace key; an empty variable counts as none. */
export function openClient(options: CommonOptions, { env }: Io): Halfkey {
  const settings: HalfkeyOptions & { baseUrl: string } = {
    baseUrl: options.url ?? (env['HALFKEY_URL'] || standardUrl),
    timeout: timeoutOf(options),
    ...(env['HALFKEY_TOKEN'] && { token: env['HALFKEY_TOKEN'] }),
    ...(env['HALFKEY_WORKSPACE_KEY'] && { workspaceKey: env['HALFKEY_WORKSPACE_KEY'] }),
    ...(env['HALFKEY_SMTP_URL'] &&
      env['HALFKEY_MAIL_FROM'] && { mailer: { smtpUrl: env['HALFKEY_SMTP_URL'], from: env['HALFKEY_MAIL_FROM'] } }),
  }
  return new Halfkey(settings)
}

/** Ctrl-C ends the call too. */
export const signalOf = ({ signal }: Io): { signal?: AbortSignal } => (signal ? { signal } : {})

/** A slug, or the slug of a share link, with its key or as lists show it, without. */
export async function slugOf(text: string): Promise<string> {
  if (!text.includes('/')) return text
  if (!/#|%23/.test(text)) return text.slice(text.lastIndexOf('/') + 1)
  const { slug } = await parseLink(text)
  return slug
}

export function manageKeyOf(options: { manageKey?: string }, { env }: Io): { manageKey?: string } {
  const manageKey = options.manageKey ?? env['HALFKEY_MANAGE_KEY']
  return manageKey ? { manageKey } : {}
}

/** One flat JSON object a line. */
export const writeJson = ({ stdout }: Io, value: unknown): Promise<void> => write(stdout, `${JSON.stringify(value)}\n`)

/** A word to people, where they see it and no pipe carries it. */
export const say = ({ stderr }: Io, text: string): Promise<void> => write(stderr, `${text}\n`)

export const numberOf = (name: string, text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new UsageError(`${name} must be a number.`)
  return value
}

/** A repeatable option that also takes a list with commas. */
export const collect = (value: string, before: string[] = []): string[] => [
  ...before,
  ...value.split(',').map((part) => part.trim()),
]
