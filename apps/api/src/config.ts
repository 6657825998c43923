/** Settings: one schema over the environment, from which the table in docs/settings.md is made. */
import { BlockList } from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import { parseNetwork } from './adapters/network.ts'
import { StartRefused } from './start-refused.ts'
import { isSmsTemplate } from './adapters/sms.ts'
import type { S3Environment } from './store/blobs/s3-url.ts'

const wholeNumber = (least: number, most: number, standard: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= least && n <= most, `must be between ${least} and ${most}`)
    .default(standard)

const listen = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):\d{1,5}$/, 'must be ADDRESS:PORT, such as 127.0.0.1:8787 or [::1]:8787')
  .transform((text) => {
    const colon = text.lastIndexOf(':')
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
  })
  .refine(({ port }) => port <= 65535, 'has a port above 65535')

const networks = z.string().transform((text, context) => {
  const list = new BlockList()
  for (const entry of text.split(',').map((part) => part.trim())) {
    const network = parseNetwork(entry)
    if (network) list.addSubnet(network.address, network.length, network.family)
    else context.addIssue({ code: 'custom', message: `has an entry that isn't an address or CIDR block: ${entry}` })
  }
  return list
})

const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .refine((text) => !/[?#]/.test(text), 'must have neither query nor fragment')
  .transform((text) => text.replace(/(?<!\/)\/+$/, ''))

/** As browsers write them in `Origin` (RFC 6454 section 6.2). */
const origins = z.string().transform((text, context) => {
  const list = text.split(',').map((part) => part.trim())
  for (const entry of list) {
    const isOrigin = /^https?:[^*]+$/.test(entry) && URL.canParse(entry) && new URL(entry).origin === entry
    if (!isOrigin && entry !== '*')
      context.addIssue({
        code: 'custom',
        message: `has an entry that isn't an origin such as https://app.example: ${entry}`,
      })
  }
  return list
})

export const settings = {
  HALFKEY_LISTEN: listen
    .default({ host: '127.0.0.1', port: 8787 })
    .describe('Address and port; port 0 takes a free one.'),
  HALFKEY_PUBLIC_URL: publicUrl.optional().describe('What links begin with; default: the address listened on.'),
  HALFKEY_DATA_DIR: z.string().min(1).default('./data').describe('SQLite database and blobs.'),
  HALFKEY_SERVER_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('The server key, made at first start; default: beside the data directory, `<data dir>.key`.'),
  HALFKEY_REGION: z
    .string()
    .regex(/^[\w-]{1,32}$/, 'must be the name of a region: letters, digits, _ and -')
    .optional()
    .describe('Where this server is; calls that name another region (`Halfkey-Region`) are refused with 421.'),
  HALFKEY_CORS_ORIGINS: origins
    .default([])
    .describe(
      'Origins (separated by commas; `*`: all) whose pages may create, list and manage; opening a link is open to all.',
    ),
  HALFKEY_ANONYMOUS: z.enum(['allow', 'deny']).default('allow').describe('Whether creating needs no token.'),
  HALFKEY_ANONYMOUS_MAX_BYTES: wholeNumber(272, 2_000_000, 524_288).describe('Largest anonymous ciphertext, in bytes.'),
  HALFKEY_ANONYMOUS_MAX_EXPIRES_IN: wholeNumber(60, 3_600_000, 2_592_000).describe(
    'Longest anonymous expiry, in seconds.',
  ),
  HALFKEY_ANONYMOUS_QUOTA_SECRETS: wholeNumber(1, 1_000_000_000, 100_000).describe(
    'Active secrets made without a token, all together.',
  ),
  HALFKEY_ANONYMOUS_QUOTA_BYTES: wholeNumber(1, 1_000_000_000_000_000, 10_737_418_240).describe(
    'Their stored ciphertext, attachments included, all together, in bytes.',
  ),
  HALFKEY_GRACE_SECONDS: wholeNumber(1, 86_400, 600).describe('How long a reply to a reveal can be had again.'),
  HALFKEY_RETENTION_DAYS: wholeNumber(0, 36_500, 30).describe('How long the record of an ended secret stays.'),
  HALFKEY_SWEEP_SECONDS: wholeNumber(1, 3600, 1).describe('How often what ended is destroyed.'),
  HALFKEY_REQUEST_TIMEOUT_SECONDS: wholeNumber(1, 3600, 30).describe(
    'How long a request may take to arrive; of a part of a file, how long its sender may pause.',
  ),
  HALFKEY_STOP_TIMEOUT_SECONDS: wholeNumber(1, 3600, 20).describe('How long a stop waits for requests in flight.'),
  HALFKEY_TRUSTED_PROXIES: networks
    .optional()
    .describe('Networks (CIDR, separated by commas) whose forwarding header is believed.'),
  HALFKEY_CLIENT_IP_HEADER: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header')
    .refine((name) => name.toLowerCase() !== 'forwarded', 'must list addresses, which Forwarded (RFC 7239) does not')
    .default('X-Forwarded-For')
    .describe('The one header that trusted proxies name the caller in, read from right to left.'),
  HALFKEY_GEO_DB: z.string().min(1).optional().describe('A MaxMind DB file of countries; read again when it changes.'),
  HALFKEY_SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' })
    .regex(/^[^?]*$/, 'must have no query: it could switch TLS off')
    .optional()
    .describe(
      'The mail server for codes and notices: smtp://user:password@host:587 (STARTTLS, which credentials insist on) ' +
        'or smtps://…:465; special characters percent-encoded.',
    ),
  HALFKEY_MAIL_FROM: z
    .email('must be an e-mail address')
    .optional()
    .describe('The sender of that mail; set together with HALFKEY_SMTP_URL.'),
  HALFKEY_SMS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .optional()
    .describe('The text-message gateway, called with POST; a user and password in the URL are sent as Basic.'),
  HALFKEY_SMS_BODY: z
    .string()
    .refine((body) => body.includes('{to}') && body.includes('{text}'), 'must hold {to} and {text}')
    .refine(isSmsTemplate, 'must be JSON once {to} and {text} are strings: leave out the quotes around them')
    .default('{"to":{to},"text":{text}}')
    .describe(
      'The body that the gateway gets. JSON, where {to} and {text} become JSON strings, quotes included; or, if it ' +
        'begins with neither brace nor bracket, a form, where they are percent-encoded: ' +
        '`To={to}&From=%2B15550100&Body={text}`.',
    ),
  HALFKEY_SMS_TOKEN: z.string().min(1).optional().describe('Sent to the gateway as Authorization: Bearer.'),
  HALFKEY_ANONYMOUS_OTP: z
    .enum(['allow', 'deny'])
    .default('deny')
    .describe('Mail and SMS (one-time codes, notices) for senders without a token.'),
  HALFKEY_CAPTCHA_COST: wholeNumber(1000, 10_000_000, 50_000).describe(
    'Hashes a captcha takes at most; half on average.',
  ),
  HALFKEY_REQUIRE_PASSWORD: z.enum(['on', 'off']).default('off').describe('Refuse secrets without a password.'),
  HALFKEY_MAX_EXPIRES_IN: wholeNumber(60, 3_600_000, 3_600_000).describe('Longest expiry for anybody, in seconds.'),
  HALFKEY_LOG_ADDRESSES: z
    .enum(['full', 'truncated', 'off'])
    .default('full')
    .describe('How much of an address the access log keeps; truncated: /24 and /48.'),
  HALFKEY_RATE_LIMIT: z.enum(['on', 'off']).default('on').describe('Rate limits per address and per token.'),
  HALFKEY_RATE_LIMIT_URL: z
    .url({ protocol: /^(rediss?|postgres(ql)?)$/, error: 'must be a redis:// or postgres:// URL' })
    .optional()
    .describe('Where several servers count together; default: this process’s memory.'),
  HALFKEY_RATE_CREATE: wholeNumber(1, 1_000_000, 60).describe(
    'Creates a minute and address; ten times as many a token.',
  ),
  HALFKEY_RATE_OPEN: wholeNumber(1, 1_000_000, 300).describe('Status, code and reveal calls a minute and address.'),
  HALFKEY_RATE_UNPROVEN: wholeNumber(1, 1_000_000, 300).describe(
    'Calls a minute and address that show no right token, manage key, access value or grant, where no other limit counts them.',
  ),
  HALFKEY_RATE_KMS_REVEAL: wholeNumber(1, 1_000_000, 600).describe(
    'Reveals of named secrets a minute and address; ten times as many a token.',
  ),
  HALFKEY_QUOTA_SECRETS: wholeNumber(1, 1_000_000_000, 1_000_000).describe('Active secrets a workspace.'),
  HALFKEY_QUOTA_BYTES: wholeNumber(1, 1_000_000_000_000_000, 107_374_182_400).describe(
    'Stored ciphertext a workspace, attachments included, in bytes.',
  ),
  HALFKEY_FILES: z.enum(['on', 'off']).default('on').describe('Whether secrets may have attachments.'),
  HALFKEY_MAX_FILE_BYTES: wholeNumber(28, 80_000_000_000_000, 10_737_418_240).describe(
    'Largest attachment, in encrypted bytes.',
  ),
  HALFKEY_ANONYMOUS_MAX_FILE_BYTES: wholeNumber(0, 80_000_000_000_000, 1_073_741_824).describe(
    'All attachments of a secret made without a token, in encrypted bytes; 0: none.',
  ),
  HALFKEY_BLOB_URL: z
    .url({ protocol: /^s3$/, error: 'must be an s3:// URL' })
    .optional()
    .describe(
      'Where attachments lie instead of HALFKEY_DATA_DIR: `s3://bucket/prefix?endpoint=https://…&region=…&path_style=on`; ' +
        'credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN).',
    ),
  HALFKEY_QUOTA_FILE_BYTES: wholeNumber(28, 80_000_000_000_000, 10_737_418_240).describe(
    'Largest attachment of a workspace, in encrypted bytes.',
  ),
  HALFKEY_WEBHOOKS_PRIVATE: z
    .enum(['allow', 'deny'])
    .default('deny')
    .describe('Webhooks to loopback, link-local and private addresses, and over http.'),
  HALFKEY_LOG: z.enum(['on', 'off']).default('on').describe('The request log, JSON lines on stderr.'),
}

const schema = z.object(settings)

export interface Config extends Omit<z.output<typeof schema>, 'HALFKEY_SERVER_KEY_FILE'> {
  HALFKEY_SERVER_KEY_FILE: string
  /** For HALFKEY_BLOB_URL, under the names that every S3 client knows. */
  s3: S3Environment
}

/** Read by the command line, not by the server. */
const clientVariables = ['HALFKEY_URL', 'HALFKEY_TOKEN', 'HALFKEY_WORKSPACE_KEY', 'HALFKEY_MANAGE_KEY']

/**
 * Reads the settings. Throws StartRefused with a sentence for each wrong value.
 * `unused` names variables that look like settings but aren't of this version.
 */
export function readConfig(environment: NodeJS.ProcessEnv): { config: Config; unused: string[] } {
  const result = schema.safeParse(environment)
  if (!result.success)
    throw new StartRefused(result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`).join('\n'))
  const config = result.data
  const dataDirectory = path.resolve(config.HALFKEY_DATA_DIR)
  const keyFile = path.resolve(config.HALFKEY_SERVER_KEY_FILE ?? `${dataDirectory}.key`)
  if (keyFile.startsWith(dataDirectory + path.sep))
    throw new StartRefused(
      'HALFKEY_SERVER_KEY_FILE must not be inside HALFKEY_DATA_DIR: a copy of the data would carry its key.',
    )
  if ((config.HALFKEY_SMTP_URL === undefined) !== (config.HALFKEY_MAIL_FROM === undefined))
    throw new StartRefused(
      'HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM must be set together: mail needs a server and a sender.',
    )
  const unused = Object.keys(environment).filter(
    (name) => name.startsWith('HALFKEY_') && !(name in settings) && !clientVariables.includes(name),
  )
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment
  const s3 = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }
  return { config: { ...config, HALFKEY_DATA_DIR: dataDirectory, HALFKEY_SERVER_KEY_FILE: keyFile, s3 }, unused }
}
