/** Settings of the bridge: one schema over a JSON file, some of it also from the environment. */
import { statSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { randomBytes } from 'node:crypto'
import { isEmail, parseWorkspaceKey, type Bytes } from '@halfkey/sdk/parts'
import * as z from 'zod'
import { readTextFile } from './text-file.ts'

/** What stops the start: a sentence for each wrong setting. */
export class SettingsRefused extends Error {
  override readonly name = 'SettingsRefused'
}

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .refine((text) => !/[?#@]/.test(text), 'must have neither user, query nor fragment')
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
  /** Where recipients do: what share links begin with. */
  shareUrl: string
}

const label = z.string().regex(/^[a-z\d][a-z\d-]{0,31}$/, 'must be the first label of a host name, such as eu')

/** Of several, the first seals and all open, as while a workspace gets a new one. */
const workspaceKey = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string()).min(1)], {
    error: 'must be one key, or some',
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

const token = z.string().regex(/^hkt_[A-Za-z\d]+_[\w-]+$/, 'must be of the form hkt_<id>_<secret>')

const host = z
  .string()
  .regex(/^[a-z\d-]+(\.[a-z\d-]+)+$/i, 'must be a host name')
  .toLowerCase()

const account = z.strictObject({
  user: z.string().min(1).describe('The user name that the programs know: an e-mail address.'),
  apiToken: z.string().min(1).describe('The API token that the programs know.'),
  token: z
    .union([token, z.record(label, token)], { error: 'must be hkt_<id>_<secret>, or one for each region' })
    .describe('The Halfkey token that stands for both; with regions, one for each: `{"eu": "hkt_…"}`.'),
  workspaceKey: workspaceKey.optional().describe('Of the token’s workspace; default: the bridge’s.'),
  shareDomains: z.array(host).default([]).describe('Hosts that its share links may have.'),
})

const trusted = z.array(z.string()).transform((entries, context) => {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', length] = entry.split('/')
    const bits = { 4: 32, 6: 128 }[isIP(address)]
    if (bits === undefined || !/^\d{1,3}$/.test(length ?? `${bits}`) || Number(length ?? 0) > bits)
      context.addIssue({ code: 'custom', message: `has an entry that isn't an address or CIDR block: ${entry}` })
    else list.addSubnet(address, Number(length ?? bits), bits === 32 ? 'ipv4' : 'ipv6')
  }
  return list
})

const listen = z
  .string()
  .regex(/^(\[[\da-f:.]+\]|[^:[\]\s]+):\d{1,5}$/i, 'must be ADDRESS:PORT, such as 127.0.0.1:8788')
  .transform((text) => {
    const colon = text.lastIndexOf(':')
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
  })
  .refine(({ port }) => port <= 65535, 'has a port above 65535')

const schema = z.strictObject({
  server: place.describe(
    'The Halfkey server: `https://…`, or `{"server", "shareUrl"}` where recipients reach it elsewhere.',
  ),
  workspaceKey: workspaceKey.describe(
    'Seals the receipts: 32 bytes, the same for all bridges that serve the same clients.',
  ),
  accounts: z
    .array(account)
    .default([])
    .refine((all) => new Set(all.map(({ user }) => user)).size === all.length, 'must not name a user twice')
    .describe('Who may log in, and as whom; without any, a call with credentials is refused.'),
  anonymous: z.boolean().default(true).describe('Whether calls without credentials may create.'),
  regions: z
    .record(label, place)
    .default({})
    .describe('Halfkey servers by the first label of the host that a program calls: `{"eu": "https://…"}`.'),
  publicUrl: url.optional().describe('What `metadata_url` begins with; default: the host that was called.'),
  mail: z
    .strictObject({
      smtpUrl: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }),
      from: z.string().refine(isEmail, 'must be an e-mail address'),
    })
    .optional()
    .describe('Mails links to a `recipient`.'),
  shareSecretHours: z
    .number()
    .min(1 / 60, 'must be at least 1/60')
    .max(1000, 'must be at most 1000')
    .default(24)
    .describe('Hours until a Donutwork share secret expires unread.'),
  trustedProxies: trusted.optional().describe('Proxies before the bridge whose forwarding header is believed.'),
  clientIpHeader: z
    .string()
    .regex(/^[A-Za-z\d-]{1,100}$/, 'must be the name of a header')
    .default('X-Forwarded-For')
    .describe('The header that names the caller, to the bridge as by the bridge to the Halfkey server.'),
  listen: listen.default({ host: '127.0.0.1', port: 8788 }).describe('Address and port; port 0 takes a free one.'),
  tls: z
    .strictObject({ cert: z.string().min(1), key: z.string().min(1) })
    .optional()
    .describe('PEM files: serve https.'),
})

/** docs/bridge.md tells of each. */
export const settingNames = Object.keys(schema.shape)

/** As they are written. */
export type BridgeSettings = z.input<typeof schema>

/** As they were read. */
export type Settings = z.output<typeof schema>
export type Account = Settings['accounts'][number]

/** @throws SettingsRefused with a sentence for each wrong setting. */
export function parseSettings(settings: unknown): Settings {
  const result = schema.safeParse(settings)
  if (result.success) return result.data
  const sentences = result.error.issues.map(({ path, message }) => {
    const name = path.join('.')
    if (name === 'workspaceKey' && (settings as Partial<BridgeSettings>).workspaceKey === undefined)
      return `workspaceKey is missing. A new one, to be kept: ${randomBytes(32).toString('base64url')}`
    return `${name === '' ? 'The settings' : name}: ${message}.`
  })
  throw new SettingsRefused(sentences.join('\n'))
}

/** Of an account, or of those without one: 32 bytes each. The first seals receipts, all open them. */
export function workspaceKeysOf(settings: Settings, account: Account | null): Bytes[] {
  return account?.workspaceKey ?? settings.workspaceKey
}

/** A member of the settings by the variable that replaces it. */
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
 * The settings file (`HALFKEY_BRIDGE_SETTINGS`, or `file`), over it what the environment says. `HALFKEY_BRIDGE_USER`,
 * `HALFKEY_BRIDGE_API_TOKEN` and `HALFKEY_TOKEN` are one account. An empty variable counts as none.
 *
 * @param warn  told of a file that others may read; default: stderr
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
    // A parser's message quotes what it read, and that may be a key.
    const reason = error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message
    throw new SettingsRefused(`The settings file ${file} can't be read: ${reason}.`)
  }
}

/** Windows has no such modes. */
export function warnIfShared(file: string, warn: (warning: string) => void): void {
  const mode = statSync(file).mode & 0o777
  if (process.platform !== 'win32' && mode & 0o007)
    warn(`WARNING: ${file} holds keys, and any user of this machine may read or change it. Run: chmod o= ${file}`)
}
