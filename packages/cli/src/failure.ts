/** Turns errors into messages for people and exit codes for programs. */
import { constants } from 'node:os'
import type { ErrorCode } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'

/** The command was called incorrectly. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode: number

  constructor(message: string, exitCode = 2) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Ends the command with this exit code; the problem has already been reported. */
export class Failed extends Error {
  override readonly name = 'Failed'
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`)
    this.exitCode = exitCode
  }
}

export const exitCodes = `Exit codes:
  0    success
  1    unexpected error
  2    wrong usage, or a value that the server rejects
  3    the link is cut short, mistyped, lacks its key, or needs a newer version; no opening was used
  4    not found, expired or destroyed
  5    access denied: password, one-time code, captcha, network or lock
  6    the token is missing, invalid, or not allowed to do this
  7    decryption failed: wrong key, or the data was changed
  8    no usable reply from the server
  130  interrupted (143 by SIGTERM)`

const codes: Partial<Record<ErrorCode, number>> = {
  VALIDATION_ERROR: 2,
  CONFLICT: 2,
  PAYLOAD_TOO_LARGE: 2,
  UNSUPPORTED: 2,
  LINK_NO_FRAGMENT: 3,
  LINK_CUT_SHORT: 3,
  LINK_MISTYPED: 3,
  LINK_NEWER_VERSION: 3,
  LINK_WRONG_KIND: 3,
  NOT_FOUND: 4,
  GONE: 4,
  IP_DENIED: 5,
  GEO_DENIED: 5,
  PASSWORD_REQUIRED: 5,
  PASSWORD_WRONG: 5,
  OTP_REQUIRED: 5,
  OTP_WRONG: 5,
  CAPTCHA_REQUIRED: 5,
  CAPTCHA_WRONG: 5,
  LOCKED: 5,
  AUTHENTICATION_ERROR: 6,
  PERMISSION_DENIED: 6,
  QUOTA_EXCEEDED: 6,
  KEY_CUT_SHORT: 7,
  KEY_MISTYPED: 7,
  KEY_NEWER_VERSION: 7,
  KEY_NOT_COVERING: 7,
  WRONG_KEY: 7,
  TAMPERED: 7,
  MALFORMED: 7,
  NEWER_VERSION: 7,
  NETWORK: 8,
  TIMEOUT: 8,
  RATE_LIMITED: 8,
  SERVER_ERROR: 8,
  UNAVAILABLE: 8,
  WRONG_REGION: 8,
  ABORTED: 130,
}

const causes: Record<string, string> = {
  viewed: 'it was opened for the last time',
  expired: 'it expired',
  burned: 'its owner destroyed it',
  locked_out: 'too many wrong passwords or codes destroyed it',
  answered: 'it has all its answers',
  withdrawn: 'whoever asked withdrew it',
}

/** By the kind of the link that was given to the wrong command. */
const uses: Record<string, string> = {
  share: "To open it: halfkey open 'LINK'",
  ask: "To answer it: halfkey answer 'LINK'",
  collect: "To read the answers: halfkey request collect 'LINK'",
  status: "To see what became of your answer: halfkey status 'LINK', or open it in a browser.",
}

const advice: Partial<Record<ErrorCode, string>> = {
  AUTHENTICATION_ERROR:
    'Log in with halfkey login, or set HALFKEY_TOKEN; for one secret, its HALFKEY_MANAGE_KEY is enough.',
  NETWORK: 'Check that the server is running, and that HALFKEY_URL is its address.',
  NOT_FOUND: 'It belongs to another server or workspace, or has been deleted.',
  PERMISSION_DENIED:
    "See the token's permissions with halfkey token list, and the reason with halfkey kms events (if you may read it).",
  OTP_REQUIRED: 'Enter it with --otp CODE; to receive one, use --send-code.',
  CAPTCHA_REQUIRED: 'Open the link in a browser.',
  PASSWORD_REQUIRED: 'Provide it with --password-file FILE, or run the command in a terminal to be asked for it.',
}

function adviceOn({ code, details = {} }: HalfkeyError): string | undefined {
  if (code === 'PERMISSION_DENIED' && typeof details['scope'] === 'string')
    return `To create a token that has it: halfkey token create NAME --scope ${details['scope']}`
  if (code === 'LINK_WRONG_KIND') return uses[String(details['kind'])]
  // The message already says what to do.
  if (code === 'NETWORK' && (details['certificate'] !== undefined || details['proxy'] !== undefined)) return undefined
  return advice[code]
}

/** Field names of the SDK and the server → the option or variable that the user knows. */
const inputs: Record<string, string> = {
  baseUrl: '--url',
  token: 'HALFKEY_TOKEN',
  workspaceKey: 'HALFKEY_WORKSPACE_KEY',
  manageKey: 'HALFKEY_MANAGE_KEY',
  attachments: '--file',
  path: '--out',
  hours: '--hours',
  expires_in: '--hours',
  views: '--views',
  maximum_views: '--views (maximum_views)',
  password: '--password',
  ipWhitelist: '--ip',
  ip_whitelist: '--ip (ip_whitelist)',
  geolocation: '--geo (geolocation)',
  captcha: '--captcha',
  otp: '--otp-… (otp)',
  notify: '--notify',
  sendTo: '--send-to',
  mailer: 'HALFKEY_SMTP_URL, HALFKEY_MAIL_FROM',
  maxAttempts: '--max-attempts',
  max_attempts: '--max-attempts (max_attempts)',
  onLockout: '--on-lockout',
  on_lockout: '--on-lockout (on_lockout)',
  status: '--status',
  limit: '--limit',
  page: '--page',
  scopes: '--scope',
  handlers: '--handler',
  ips: '--ip (ips)',
  whitelist: '--ip (whitelist)',
  expiresIn: '--expires',
  rotateAfter: '--rotate-after',
  answers: '--answers',
  maximum_answers: '--answers',
  answer: '--answer-hours, --answer-views, --max-files, --max-bytes',
  'answer.hours': '--answer-hours',
  'answer.views': '--answer-views',
  'answer.maxFiles': '--max-files',
  'answer.maxBytes': '--max-bytes',
  keepSeed: '--no-keep',
}

/** Describes the error: one sentence, or a line for each invalid field. */
function whatHappened({ code, message, details = {} }: HalfkeyError): string {
  const sentence = message.replace(/\.$/, '')
  if (code === 'GONE') {
    const { cause, at } = details
    const when = typeof at === 'string' ? ` at ${at}` : ''
    return `${sentence}: ${causes[String(cause)] ?? 'for an unknown reason,'}${when}.`
  }
  if (code === 'PASSWORD_WRONG' || code === 'OTP_WRONG')
    return `${sentence}. Attempts left: ${String(details['attempts_left'])}.`
  if (code === 'CONFLICT' && typeof details['newest'] === 'number')
    return `This isn't the next version: the newest is ${details['newest']}.`
  const fields = Object.entries(details)
  if (code !== 'VALIDATION_ERROR' || fields.length === 0) return `${sentence}.`
  return fields
    .map(([field, messages]) => {
      const text = Array.isArray(messages) ? messages.join(' ') : String(messages)
      return `${nameOf(field)}: ${/^--(answer-)?hours$/.test(nameOf(field)) ? inHours(text) : text}`
    })
    .join('\n  ')
}

/** Converts the server's seconds to hours, the unit of --hours. */
const inHours = (text: string): string =>
  text
    .replace(/(?<!\d)\d+ seconds \((\d+(?:\.\d+)? hours)\)/, '$1')
    .replace(/(?<!\d)(\d+) seconds/, (_, seconds: string) => `${Number((Number(seconds) / 3600).toFixed(2))} hours`)

/** The name that the user knows; for a list item, that of the list. */
const nameOf = (field: string): string => inputs[field] ?? inputs[field.split(/[.[]/, 1)[0] ?? field] ?? field

export interface Explained {
  /** The lines for stderr. */
  message: string
  exitCode: number
  /** Further fields of the `--json` output, flat: `error` is the error code. */
  fields: { error: string } & Record<string, string | number>
}

/** After a signal: the exit code is 128 plus its number, as in shells. */
export function interrupted(signal: unknown, [command, subcommand]: string[]): Explained {
  const opens = command === 'open' || (command === 'request' && subcommand === 'collect')
  const again = opens ? ' To get the secret, run the same command again within ten minutes.' : ''
  return {
    message: `Interrupted.${again}`,
    exitCode: 128 + (signal === 'SIGTERM' ? constants.signals.SIGTERM : constants.signals.SIGINT),
    fields: { error: 'ABORTED' },
  }
}

/** The names of invalid fields, or else the scalar details under their names from spec/errors.md. */
function fieldsOf({ code, status, requestId, details = {} }: HalfkeyError): Explained['fields'] {
  const plain = Object.entries(details).filter(
    (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
  )
  const wrong = code === 'VALIDATION_ERROR' ? Object.keys(details).join(',') : ''
  return {
    ...Object.fromEntries(plain),
    error: code,
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { request_id: requestId }),
    ...(wrong !== '' && { fields: wrong }),
  }
}

export function explain(error: unknown, verbose: boolean): Explained {
  if (error instanceof UsageError)
    return { message: error.message, exitCode: error.exitCode, fields: { error: 'USAGE' } }
  if (!(error instanceof HalfkeyError)) {
    const text = error instanceof Error ? (verbose ? (error.stack ?? error.message) : error.message) : String(error)
    return { message: text, exitCode: 1, fields: { error: 'UNEXPECTED' } }
  }
  const help = adviceOn(error)
  const request = error.requestId !== undefined && (verbose || (error.status ?? 0) >= 500)
  const message = [
    whatHappened(error),
    help,
    verbose && `(${error.code}${error.status === undefined ? '' : `, status ${error.status}`})`,
    request && `Request ${error.requestId}.`,
  ]
  return { message: message.filter(Boolean).join(' '), exitCode: codes[error.code] ?? 1, fields: fieldsOf(error) }
}
