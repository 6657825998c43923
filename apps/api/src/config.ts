/** Settings: one schema for environment variables, from which the table in docs/settings.md is generated. */
import path from 'node:path'
import { z } from 'zod'
import { parseNetwork, type Network } from './domain/addresses.ts'
import { StartRefused } from './start-refused.ts'
import { isSmsTemplate } from './adapters/sms.ts'
import type { S3Environment } from './store/blobs/s3-url.ts'

const wholeNumber = (min: number, max: number, defaultValue: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be between ${min} and ${max}`)
    .default(defaultValue)

const listen = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):\d{1,5}$/, 'must be ADDRESS:PORT, such as 127.0.0.1:8787 or [::1]:8787')
  .transform((text) => {
    const colon = text.lastIndexOf(':')
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
  })
  .refine(({ port }) => port <= 65535, 'must have a port of at most 65535')

const networks = z.string().transform((text, context) => {
  const list: Network[] = []
  for (const entry of text.split(',').map((part) => part.trim())) {
    const network = parseNetwork(entry)
    if (network) list.push(network)
    else context.addIssue({ code: 'custom', message: `has an entry that isn't an address or CIDR block: ${entry}` })
  }
  return list
})

const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .refine((text) => !/[?#]/.test(text), 'must not have a query or fragment')
  .transform((text) => text.replace(/(?<!\/)\/+$/, ''))

/** Origins as in browsers' `Origin` header (RFC 6454 section 6.2). */
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
    .describe('Address and port to listen on; port 0 chooses a free one.'),
  HALFKEY_PUBLIC_URL: publicUrl.optional().describe('The start of share links; default: the address it listens on.'),
  HALFKEY_DATA_DIR: z.string().min(1).default('./data').describe('Directory for the SQLite database and attachments.'),
  HALFKEY_SERVER_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe('The server key, created at first start; default: `<data dir>.key`, next to the data directory.'),
  HALFKEY_REGION: z
    .string()
    .regex(/^[\w-]{1,32}$/, 'must be a region name: letters, digits, _ and -')
    .optional()
    .describe('The server’s region; requests for another region (`Halfkey-Region`) are rejected with 421.'),
  HALFKEY_CORS_ORIGINS: origins
    .default([])
    .describe(
      'Comma-separated origins (`*`: all) whose pages may create, list and manage secrets. Any page may open a link.',
    ),
  HALFKEY_ANONYMOUS: z
    .enum(['allow', 'deny'])
    .default('allow')
    .describe('Whether secrets can be created without a token.'),
  HALFKEY_REQUESTS: z
    .enum(['token', 'anyone', 'off'])
    .default('token')
    .describe(
      'Who may request secrets: holders of a token, anyone, or nobody. With anyone, strangers can ask in this host’s name. ' +
        'off also stops answers to requests that exist; what was answered can still be collected.',
    ),
  HALFKEY_ANONYMOUS_MAX_BYTES: wholeNumber(272, 2_000_000, 524_288).describe(
    'Maximum size of an anonymous secret’s ciphertext, in bytes.',
  ),
  HALFKEY_ANONYMOUS_MAX_EXPIRES_IN: wholeNumber(60, 3_600_000, 2_592_000).describe(
    'Maximum lifetime of an anonymous secret, in seconds.',
  ),
  HALFKEY_ANONYMOUS_QUOTA_SECRETS: wholeNumber(1, 1_000_000_000, 100_000).describe(
    'Maximum number of active anonymous secrets in total.',
  ),
  HALFKEY_ANONYMOUS_QUOTA_BYTES: wholeNumber(1, 1_000_000_000_000_000, 10_737_418_240).describe(
    'Maximum total ciphertext of anonymous secrets, including attachments and owner metadata, in bytes.',
  ),
  HALFKEY_GRACE_SECONDS: wholeNumber(1, 86_400, 600).describe(
    'How long a recipient can repeat a reveal without using another view.',
  ),
  HALFKEY_RETENTION_DAYS: wholeNumber(0, 36_500, 30).describe('How long the record of an ended secret is kept.'),
  HALFKEY_SWEEP_SECONDS: wholeNumber(1, 3600, 1).describe('How often ended secrets are destroyed.'),
  HALFKEY_REQUEST_TIMEOUT_SECONDS: wholeNumber(1, 3600, 30).describe(
    'How long a request may take to arrive; for parts of files, how long the sender may pause.',
  ),
  HALFKEY_STOP_TIMEOUT_SECONDS: wholeNumber(1, 3600, 20).describe('How long stopping waits for pending requests.'),
  HALFKEY_TRUSTED_PROXIES: networks
    .optional()
    .describe('Comma-separated networks (CIDR) of proxies whose forwarding header is trusted.'),
  HALFKEY_CLIENT_IP_HEADER: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be a header name')
    .refine(
      (name) => name.toLowerCase() !== 'forwarded',
      'must be a header that lists addresses; Forwarded (RFC 7239) isn’t supported',
    )
    .default('X-Forwarded-For')
    .describe('The header in which trusted proxies name the caller, read from right to left. No other is used.'),
  HALFKEY_GEO_DB: z.string().min(1).optional().describe('A MaxMind DB file with countries; reloaded when it changes.'),
  HALFKEY_SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' })
    .regex(/^[^?]*$/, 'must not have a query, because it could turn off TLS')
    .optional()
    .describe(
      'The mail server for codes and notifications: smtp://user:password@host:587 (STARTTLS, required with credentials) ' +
        'or smtps://…:465. Percent-encode special characters.',
    ),
  HALFKEY_MAIL_FROM: z
    .email('must be an e-mail address')
    .optional()
    .describe('The sender address of e-mails; required with HALFKEY_SMTP_URL.'),
  HALFKEY_SMS_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .optional()
    .describe('The SMS gateway, called with POST. A user and password in the URL are sent as Basic authentication.'),
  HALFKEY_SMS_BODY: z
    .string()
    .refine((body) => body.includes('{to}') && body.includes('{text}'), 'must contain {to} and {text}')
    .refine(
      isSmsTemplate,
      'must be valid JSON once {to} and {text} are replaced by strings. Don’t put quotes around them',
    )
    .default('{"to":{to},"text":{text}}')
    .describe(
      'The request body for the gateway. JSON, where {to} and {text} are replaced by JSON strings with quotes; or, if it ' +
        'doesn’t start with a brace or bracket, a form, where they are percent-encoded: ' +
        '`To={to}&From=%2B15550100&Body={text}`.',
    ),
  HALFKEY_SMS_TOKEN: z.string().min(1).optional().describe('Sent to the gateway as `Authorization: Bearer`.'),
  HALFKEY_ANONYMOUS_OTP: z
    .enum(['allow', 'deny'])
    .default('deny')
    .describe('Whether senders without a token may use e-mail and SMS (one-time codes, notifications).'),
  HALFKEY_CAPTCHA_COST: wholeNumber(1000, 10_000_000, 50_000).describe(
    'Maximum number of hashes to solve a captcha; on average half as many.',
  ),
  HALFKEY_REQUIRE_PASSWORD: z
    .enum(['on', 'off'])
    .default('off')
    .describe('Whether every secret needs a password; answers to requests don’t.'),
  HALFKEY_MAX_EXPIRES_IN: wholeNumber(60, 3_600_000, 3_600_000).describe('Maximum lifetime of any secret, in seconds.'),
  HALFKEY_LOG_ADDRESSES: z
    .enum(['full', 'truncated', 'off'])
    .default('full')
    .describe('How much of an IP address the access log keeps; truncated: /24 and /48.'),
  HALFKEY_RATE_LIMIT: z.enum(['on', 'off']).default('on').describe('Rate limits per address and per token.'),
  HALFKEY_RATE_LIMIT_URL: z
    .url({ protocol: /^(rediss?|postgres(ql)?)$/, error: 'must be a redis:// or postgres:// URL' })
    .optional()
    .describe('Database in which several servers share their rate limits; default: this process’s memory.'),
  HALFKEY_RATE_CREATE: wholeNumber(1, 1_000_000, 60).describe(
    'Creates, requests and answers per minute and address; of creates and requests ten times as many per token.',
  ),
  HALFKEY_RATE_OPEN: wholeNumber(1, 1_000_000, 300).describe(
    'Status, code and reveal calls per minute and address, looks at requests included.',
  ),
  HALFKEY_RATE_UNPROVEN: wholeNumber(1, 1_000_000, 300).describe(
    'Calls per minute and address without a valid token, manage key, access value or grant, unless another limit counts them.',
  ),
  HALFKEY_RATE_KMS_REVEAL: wholeNumber(1, 1_000_000, 600).describe(
    'Reveals of named secrets per minute and address; ten times as many per token.',
  ),
  HALFKEY_QUOTA_SECRETS: wholeNumber(1, 1_000_000_000, 1_000_000).describe(
    'Maximum number of active secrets per workspace.',
  ),
  HALFKEY_QUOTA_BYTES: wholeNumber(1, 1_000_000_000_000_000, 107_374_182_400).describe(
    'Maximum ciphertext per workspace, including attachments and owner metadata, in bytes.',
  ),
  HALFKEY_FILES: z.enum(['on', 'off']).default('on').describe('Whether secrets may have attachments.'),
  HALFKEY_MAX_FILE_BYTES: wholeNumber(28, 80_000_000_000_000, 10_737_418_240).describe(
    'Maximum encrypted size of an attachment, in bytes.',
  ),
  HALFKEY_ANONYMOUS_MAX_FILE_BYTES: wholeNumber(0, 80_000_000_000_000, 1_073_741_824).describe(
    'Maximum encrypted size of all attachments of an anonymous secret, in bytes; 0: none allowed.',
  ),
  HALFKEY_BLOB_URL: z
    .url({ protocol: /^s3$/, error: 'must be an s3:// URL' })
    .optional()
    .describe(
      'Where to store attachments instead of HALFKEY_DATA_DIR: ' +
        '`s3://bucket/prefix?endpoint=https://…&region=…&path_style=on`. The credentials come from AWS_ACCESS_KEY_ID, ' +
        'AWS_SECRET_ACCESS_KEY and, optionally, AWS_SESSION_TOKEN.',
    ),
  HALFKEY_QUOTA_FILE_BYTES: wholeNumber(28, 80_000_000_000_000, 10_737_418_240).describe(
    'Maximum encrypted size of an attachment in a workspace, in bytes.',
  ),
  HALFKEY_WEBHOOKS_PRIVATE: z
    .enum(['allow', 'deny'])
    .default('deny')
    .describe('Whether webhooks may use http, and loopback, link-local and private addresses.'),
  HALFKEY_LOG: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Whether to write the request log, as JSON lines on stderr.'),
}

const schema = z.object(settings)

export interface Config extends Omit<z.output<typeof schema>, 'HALFKEY_SERVER_KEY_FILE'> {
  HALFKEY_SERVER_KEY_FILE: string
  /** Credentials for HALFKEY_BLOB_URL, under the usual names of S3 clients. */
  s3: S3Environment
}

/** Read by the CLI, not by the server. */
const clientVariables = ['HALFKEY_URL', 'HALFKEY_TOKEN', 'HALFKEY_WORKSPACE_KEY', 'HALFKEY_MANAGE_KEY']

/**
 * Reads the settings. `unused` lists variables that look like settings but don't exist in this version.
 *
 * @throws StartRefused with a sentence for each invalid value
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
      'HALFKEY_SERVER_KEY_FILE must not be inside HALFKEY_DATA_DIR, because a copy of the data would include its key.',
    )
  if ((config.HALFKEY_SMTP_URL === undefined) !== (config.HALFKEY_MAIL_FROM === undefined))
    throw new StartRefused(
      'HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM must be set together, because e-mail needs a server and a sender.',
    )
  const unused = Object.keys(environment).filter(
    (name) => name.startsWith('HALFKEY_') && !(name in settings) && !clientVariables.includes(name),
  )
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment
  const s3 = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }
  return { config: { ...config, HALFKEY_DATA_DIR: dataDirectory, HALFKEY_SERVER_KEY_FILE: keyFile, s3 }, unused }
}
