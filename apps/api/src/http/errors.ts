/** The one table of what the API answers when it doesn't do what was asked. spec/errors.md is made from it. */
import type { WireErrorCode } from '@halfkey/sdk'

export interface ErrorEntry {
  status: number
  message: string
  when: string
}

export const errorTable = {
  AUTHENTICATION_ERROR: {
    status: 401,
    message: 'The token is missing, unknown, expired or revoked',
    when: 'token missing, unknown, expired or revoked',
  },
  PERMISSION_DENIED: {
    status: 403,
    message: 'The token may not do this',
    when: 'the token lacks the scope, or this handler',
  },
  QUOTA_EXCEEDED: {
    status: 403,
    message: 'The quota of the workspace, or of secrets made without a token, is used up',
    when: 'the quota of the workspace, or of all secrets made without a token, is used up: `details.quota` says which',
  },
  VALIDATION_ERROR: {
    status: 422,
    message: 'Some fields are wrong',
    when: 'a field is wrong: every wrong field is listed',
  },
  NOT_FOUND: {
    status: 404,
    message: 'There is nothing here that you may see',
    when: 'unknown, another workspace’s, or no right `Halfkey-Access` (indistinguishable)',
  },
  GONE: {
    status: 410,
    message: 'The secret has ended',
    when: 'right access, ended: `details` = `{cause, at}`, cause viewed, expired, burned, locked_out',
  },
  CONFLICT: {
    status: 409,
    message: 'This name is taken by other content',
    when: 'the slug, version or part exists with other bytes',
  },
  IP_DENIED: {
    status: 403,
    message: 'Not from this address',
    when: 'network policy (unknown address: denied)',
  },
  GEO_DENIED: {
    status: 403,
    message: 'Not from this country',
    when: 'network policy (unknown address: denied)',
  },
  PASSWORD_REQUIRED: { status: 403, message: 'A password is needed', when: '`details.attempts_left`' },
  PASSWORD_WRONG: { status: 403, message: 'The password is wrong', when: '`details.attempts_left`' },
  OTP_REQUIRED: { status: 403, message: 'A one-time code is needed', when: 'a code is needed and none was sent' },
  OTP_WRONG: { status: 403, message: 'The one-time code is wrong', when: 'the code is wrong, used or too old' },
  CAPTCHA_REQUIRED: { status: 403, message: 'A solved captcha is needed', when: 'a captcha is needed' },
  CAPTCHA_WRONG: { status: 403, message: 'The captcha’s solution is wrong', when: 'wrong, used or too old' },
  WRONG_REGION: {
    status: 421,
    message: 'This request is meant for a server of another region',
    when: 'meant for another region’s server',
  },
  LOCKED: {
    status: 423,
    message: 'Locked after too many failed attempts; its owner can unlock it',
    when: 'too many failures; the owner can unlock',
  },
  RATE_LIMITED: { status: 429, message: 'Too many requests; try again later', when: 'with `Retry-After`' },
  PAYLOAD_TOO_LARGE: { status: 413, message: 'The request is too large', when: 'over a limit, named' },
  UPLOAD_INCOMPLETE: {
    status: 409,
    message: 'Some parts have not arrived',
    when: 'complete called before every part arrived: names the missing parts',
  },
  SERVER_ERROR: { status: 500, message: 'Something went wrong on the server', when: 'never with internals' },
  UNAVAILABLE: {
    status: 503,
    message: 'The server can’t do this at the moment; try again later',
    when: 'the storage is full, read-only or down, or a one-time code could not be sent; never with internals',
  },
} as const satisfies Record<WireErrorCode, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined
  /** Of the reply, such as Retry-After. */
  readonly headers: Record<string, string> | undefined

  constructor(code: ErrorCode, details?: Record<string, unknown>, headers?: Record<string, string>) {
    super(errorTable[code].message)
    this.code = code
    this.details = details
    this.headers = headers
  }
}

export const validationError = (details: Record<string, string[]>): ApiError =>
  new ApiError('VALIDATION_ERROR', details)
