/** Settings: one schema over the environment, from which the table in docs/settings.md is made. */
import path from 'node:path'
import { z } from 'zod'
import { StartRefused } from './outside/server-key.ts'

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

const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
  .refine((text) => !/[?#]/.test(text), 'must have neither query nor fragment')
  .transform((text) => text.replace(/\/+$/, ''))

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
  HALFKEY_ANONYMOUS: z.enum(['allow', 'deny']).default('allow').describe('Whether creating needs no token.'),
  HALFKEY_ANONYMOUS_MAX_BYTES: wholeNumber(272, 2_000_000, 524_288).describe('Largest anonymous ciphertext, in bytes.'),
  HALFKEY_ANONYMOUS_MAX_EXPIRES_IN: wholeNumber(60, 3_600_000, 2_592_000).describe(
    'Longest anonymous expiry, in seconds.',
  ),
  HALFKEY_GRACE_SECONDS: wholeNumber(1, 86_400, 600).describe('How long a reply to a reveal can be had again.'),
  HALFKEY_RETENTION_DAYS: wholeNumber(0, 36_500, 30).describe('How long the record of an ended secret stays.'),
  HALFKEY_SWEEP_SECONDS: wholeNumber(1, 3600, 1).describe('How often what ended is destroyed.'),
  HALFKEY_REQUEST_TIMEOUT_SECONDS: wholeNumber(1, 3600, 30).describe('How long a request may take to arrive.'),
  HALFKEY_STOP_TIMEOUT_SECONDS: wholeNumber(1, 3600, 20).describe('How long a stop waits for requests in flight.'),
  HALFKEY_LOG: z.enum(['on', 'off']).default('on').describe('The access log, JSON lines on stderr.'),
}

const schema = z.object(settings)

export type Config = Omit<z.output<typeof schema>, 'HALFKEY_SERVER_KEY_FILE'> & { HALFKEY_SERVER_KEY_FILE: string }

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
  const unused = Object.keys(environment).filter(
    (name) => name.startsWith('HALFKEY_') && !(name in settings) && !clientVariables.includes(name),
  )
  return { config: { ...config, HALFKEY_DATA_DIR: dataDirectory, HALFKEY_SERVER_KEY_FILE: keyFile }, unused }
}
