/** What a person reads when a command fails, and the exit code that a program does. */
import type { ErrorCode } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'

/** A mistake in how the command was called. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode: number

  constructor(message: string, exitCode = 2) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Ends with this exit code; what is wrong has been said. */
export class Failed extends Error {
  override readonly name = 'Failed'
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`)
    this.exitCode = exitCode
  }
}

export const exitCodes = `Exit codes:
  0    done
  1    unexpected
  2    wrong usage, or a value that the server refuses
  3    the link is cut short, mistyped, without its key, or of a newer version; no view was spent
  4    there is nothing, or it has ended
  5    refused: password, one-time code, captcha, network, or locked
  6    the token: missing, wrong, or not allowed to do this
  7    it can't be decrypted: wrong key, tampered or malformed
  8    no answer from the server
  130  interrupted`

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
}

const advice: Partial<Record<ErrorCode, string>> = {
  AUTHENTICATION_ERROR: 'Set HALFKEY_TOKEN to a token of this server; for one secret, its --manage-key does.',
  NETWORK: 'Is the server running, and is HALFKEY_URL its address?',
  NOT_FOUND: 'It is of another server or owner, or its record was removed.',
  PERMISSION_DENIED:
    'What it may is in halfkey token list; why a named secret was refused, in halfkey kms events, for who may read it.',
  OTP_REQUIRED: 'Give it with --otp CODE; --send-code has one sent.',
  CAPTCHA_REQUIRED: 'Open the link in a browser.',
  PASSWORD_REQUIRED: 'Give it with --password-file FILE, or run this in a terminal to be asked.',
}

/** What the user gave or left out, by the names that the SDK and the server have for it. */
const inputs: Record<string, string> = {
  baseUrl: '--url',
  token: 'HALFKEY_TOKEN',
  workspaceKey: 'HALFKEY_WORKSPACE_KEY',
  manageKey: '--manage-key',
  attachments: '--file',
  path: '--out',
  hours: '--hours',
  expires_in: '--hours (expires_in)',
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
}

/** What happened, in a sentence or, where several fields are wrong, a line each. */
function whatHappened({ code, message, details = {} }: HalfkeyError): string {
  const sentence = message.replace(/\.$/, '')
  if (code === 'GONE') {
    const { cause, at } = details
    return `${sentence}: ${causes[String(cause)] ?? 'no cause given'} at ${String(at)}.`
  }
  if (code === 'PASSWORD_WRONG' || code === 'OTP_WRONG')
    return `${sentence}. Tries left: ${String(details['attempts_left'])}.`
  if (code === 'CONFLICT' && typeof details['newest'] === 'number')
    return `Not the next version: the newest is ${details['newest']}.`
  const fields = Object.entries(details)
  if (code !== 'VALIDATION_ERROR' || fields.length === 0) return `${sentence}.`
  return fields
    .map(([field, messages]) => `${nameOf(field)}: ${Array.isArray(messages) ? messages.join(' ') : String(messages)}`)
    .join('\n  ')
}

/** As the user knows it; of a list's item, the list. */
const nameOf = (field: string): string => inputs[field] ?? inputs[field.replace(/\.\d+$/, '')] ?? field

/** The lines for stderr and the exit code. */
export function explain(error: unknown, verbose: boolean): { message: string; exitCode: number } {
  if (error instanceof UsageError) return { message: error.message, exitCode: error.exitCode }
  if (!(error instanceof HalfkeyError)) {
    const text = error instanceof Error ? (verbose ? (error.stack ?? error.message) : error.message) : String(error)
    return { message: text, exitCode: 1 }
  }
  const help = advice[error.code]
  const request = error.requestId !== undefined && (verbose || (error.status ?? 0) >= 500)
  const message = [
    whatHappened(error),
    help,
    verbose && `(${error.code}${error.status === undefined ? '' : `, status ${error.status}`})`,
    request && `Request ${error.requestId}.`,
  ]
  return { message: message.filter(Boolean).join(' '), exitCode: codes[error.code] ?? 1 }
}
