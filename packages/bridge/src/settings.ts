/** The bridge's settings: one schema for a JSON file and environment variables. */
import { statSync } from 'node:fs'
import { isIP } from 'node:net'
import { randomBytes } from 'node:crypto'
import { isEmail, parseWorkspaceKey, type Bytes } from '@halfkey/sdk/parts'
import ipaddr from 'ipaddr.js'
import * as z from 'zod'
import { readTextFile } from './text-file.ts'

/** Invalid settings, which prevent the start: a sentence for each. */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused'
}

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .refine((text) => !/[?#@]/.test(text), 'must not have a user, query or fragment')
  .transform((text) => text.replace(/(?<!\/)\/+$/, ''))

const place = z
  .union([url.transform((server) => ({ server })), z.strictObject({ server: url, shareUrl: url.optional() })], {
    error: 'must be an http(s) URL, or {server, shareUrl}',
  })
  .transform(({ server, ...rest }): Place => ({ server, shareUrl: ('shareUrl' in rest && rest.shareUrl) || server }))

/** A Halfkey server, as URLs without a trailing slash. */
export interface Place {
  /** Where the bridge reaches it. */
  server: string
  /** Where recipients reach it: the start of share links. */
  shareUrl: string
}

const label = z.string().regex(/^[a-z\d][a-z\d-]{0,31}$/, 'must be the first label of a host name, such as eu')

/** With several (during a rekey), the first encrypts and all decrypt. */
const workspaceKey = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string()).min(1)], {
    error: 'must be a key or a list of keys',
  })
  .refine(
    (texts) => texts.every((text) => isWorkspaceKey(text.trim())),
    'must be 32 bytes as base64url without padding (43 characters)',
  )
  .transform((texts) => texts.map((text) => parseWorkspaceKey(text.trim())))

function isWorkspaceKey(text: string): boolean {
  try {
    return parseWorkspaceKey(text).length === 32
  } catch {
    return false
  }
}

const token = z.string().regex(/^hkt_[A-Za-z\d]+_[\w-]+$/, 'must have the form hkt_<id>_<secret>')

const host = z
  .string()
  .regex(/^[a-z\d-]+(\.[a-z\d-]+)+$/i, 'must be a host name')
  .toLowerCase()

const account = z.strictObject({
  user: z.string().min(1).describe('The user name that programs use, usually an e-mail address.'),
  apiToken: z.string().min(1).describe('The API token that programs use.'),
  token: z
    .union([token, z.record(label, token)], {
      error: 'must be hkt_<id>_<secret>, or an object with one for each region',
    })
    .describe('The Halfkey token to use for them; with regions, one for each: `{"eu": "hkt_…"}`.'),
  workspaceKey: workspaceKey.optional().describe("The key of the token's workspace; default: the bridge's."),
  shareDomains: z.array(host).default([]).describe('Host names allowed in its share links.'),
})

const trusted = z.array(z.string()).transform((entries, context) => {
  const list: Network[] = []
  for (const entry of entries) {
    const network = parseNetwork(entry)
    if (network) list.push(network)
    else context.addIssue({ code: 'custom', message: `has an entry that isn't an address or CIDR block: ${entry}` })
  }
  return list
})

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** null: neither an address nor a CIDR block. IPv4-mapped ones become IPv4, like the callers' addresses. */
function parseNetwork(text: string): Network | null {
  const version = isIP(text.split('/', 1)[0] ?? '')
  const whole = text.replace(/^::(?=\d+\.)/, '0::')
  const block = whole.includes('/') ? whole : `${whole}/${version === 4 ? 32 : 128}`
  if (version === 0 || !ipaddr.isValidCIDR(block)) return null
  const [address, length] = ipaddr.parseCIDR(block)
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && length >= 96
    ? [address.toIPv4Address(), length - 96]
    : [address, length]
}

const listen = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[^:[\]\s]+):\d{1,5}$/i, 'must be ADDRESS:PORT, such as 127.0.0.1:8788')
  .transform((text) => {
    const colon = text.lastIndexOf(':')
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
  })
  .refine(({ port }) => port <= 65535, 'must have a port of at most 65535')

const schema = z.strictObject({
  server: place.describe(
    'The Halfkey server: `https://…`, or `{"server", "shareUrl"}` where recipients reach it elsewhere.',
  ),
  workspaceKey: workspaceKey.describe(
    'Encrypts receipts: 32 bytes, the same for all bridges that serve the same clients.',
  ),
  accounts: z
    .array(account)
    .default([])
    .refine((all) => new Set(all.map(({ user }) => user)).size === all.length, 'must not contain a user twice')
    .describe('Who may log in, and with which Halfkey token; without accounts, calls with credentials are refused.'),
  anonymous: z.boolean().default(true).describe('Whether calls without credentials may create secrets.'),
  regions: z
    .record(label, place)
    .default({})
    .describe('Halfkey servers by the first label of the host name that a program calls: `{"eu": "https://…"}`.'),
  publicUrl: url.optional().describe('The start of `metadata_url`; default: the host that was called.'),
  mail: z
    .strictObject({
      smtpUrl: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }),
      from: z.string().refine(isEmail, 'must be an e-mail address'),
    })
    .optional()
    .describe('The mail server for links sent to a `recipient`.'),
  shareSecretHours: z
    .number()
    .min(1 / 60, 'must be at least 1/60')
    .max(1000, 'must be at most 1000')
    .default(24)
    .describe('Hours until a Donutwork share secret expires unread.'),
  trustedProxies: trusted.optional().describe('Proxies in front of the bridge whose forwarding header is trusted.'),
  clientIpHeader: z
    .string()
    .regex(/^[A-Za-z\d-]{1,100}$/, 'must be a header name')
    .default('X-Forwarded-For')
    .describe(
      "The header with the caller's address, both from proxies to the bridge and from the bridge to the Halfkey server.",
    ),
  listen: listen.default({ host: '127.0.0.1', port: 8788 }).describe('Address and port; port 0 chooses a free one.'),
  tls: z
    .strictObject({ cert: z.string().min(1), key: z.string().min(1) })
    .optional()
    .describe('PEM files, to serve https.'),
})

/** docs/bridge.md documents each. */
export const settingNames = Object.keys(schema.shape)

/** Settings as written by the user. */
export type BridgeSettings = z.input<typeof schema>

/** Settings as parsed. */
export type Settings = z.output<typeof schema>
export type Account = Settings['accounts'][number]

/** @throws SettingsRefused with a sentence for each invalid setting */
export function parseSettings(settings: unknown): Settings {
  const result = schema.safeParse(settings)
  if (result.success) return result.data
  const sentences = result.error.issues.flatMap((issue) => {
    const { path, message } = issue
    const name = path.join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${[...path, key].join('.')}: there is no such setting.`)
    if (name === 'workspaceKey' && (settings as Partial<BridgeSettings>).workspaceKey === undefined)
      return `workspaceKey is missing. Here is a new one; keep it safe: ${randomBytes(32).toString('base64url')}`
    return `${name === '' ? 'The settings' : name}: ${message}.`
  })
  throw new SettingsRefused(sentences.join('\n'))
}

/** The keys of an account, or the bridge's without one: 32 bytes each. The first encrypts receipts, all decrypt them. */
export function workspaceKeysOf(settings: Settings, account: Account | null): Bytes[] {
  return account?.workspaceKey ?? settings.workspaceKey
}

/** Environment variables → the setting that they override. */
const variables: Record<string, string[]> = {
  HALFKEY_URL: ['server'],
  HALFKEY_WORKSPACE_KEY: ['workspaceKey'],
  HALFKEY_BRIDGE_LISTEN: ['listen'],
  HALFKEY_BRIDGE_URL: ['publicUrl'],
  HALFKEY_SMTP_URL: ['mail', 'smtpUrl'],
  HALFKEY_MAIL_FROM: ['mail', 'from'],
  HALFKEY_BRIDGE_TLS_CERT: ['tls', 'cert'],
  HALFKEY_BRIDGE_TLS_KEY: ['tls', 'key'],
}

/**
 * Reads the settings file (`file`, or `HALFKEY_BRIDGE_SETTINGS`), overridden by environment variables. Together,
 * `HALFKEY_BRIDGE_USER`, `HALFKEY_BRIDGE_API_TOKEN` and `HALFKEY_TOKEN` define an account. Empty variables are ignored.
 *
 * @param warn  called if others may read the file; default: stderr
 * @throws SettingsRefused
 */
export function readSettings(
  environment: NodeJS.ProcessEnv,
  file = environment['HALFKEY_BRIDGE_SETTINGS'],
  warn: (warning: string) => void = console.error,
): Partial<BridgeSettings> {
  const settings = file ? readFile(file) : {}
  if (file) warnIfShared(file, warn)
  for (const [variable, [name = '', member]] of Object.entries(variables)) {
    const value = environment[variable]
    if (!value) continue
    settings[name] = member === undefined ? value : { ...(settings[name] as object | undefined), [member]: value }
  }
  const { HALFKEY_BRIDGE_USER: user, HALFKEY_BRIDGE_API_TOKEN: apiToken, HALFKEY_TOKEN: token } = environment
  if (user || apiToken) {
    if (!user || !apiToken || !token)
      throw new SettingsRefused('HALFKEY_BRIDGE_USER, HALFKEY_BRIDGE_API_TOKEN and HALFKEY_TOKEN must be set together.')
    settings['accounts'] = [...((settings['accounts'] as object[] | undefined) ?? []), { user, apiToken, token }]
  }
  return settings
}

function readFile(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readTextFile(file)) as Record<string, unknown>
  } catch (error) {
    // The parser's message may quote a key.
    const reason = error instanceof SyntaxError ? "it isn't valid JSON" : (error as Error).message
    throw new SettingsRefused(`Can't read the settings file ${file}: ${reason}.`)
  }
}

/** Warns about a file that every user may access. Windows has no such modes. */
export function warnIfShared(file: string, warn: (warning: string) => void): void {
  const mode = statSync(file).mode & 0o777
  if (process.platform !== 'win32' && mode & 0o007)
    warn(`WARNING: ${file} contains keys, but any user of this machine may read or change it. Run: chmod o= ${file}`)
}
