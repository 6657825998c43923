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
    when: 'the token lacks the scope, this handler or this address: `details.scope`, `.handler` or `.rule`',
  },
  QUOTA_EXCEEDED: {
    status: 403,
    message: 'The quota of the workspace, or of secrets made without a token, is used up',
    when: 'the quota of the workspace, or of all secrets made without a token, is used up: `details.quota` says which',
  },
  VALIDATION_ERROR: {
    status: 422,
    message: 'Some fields are wrong',
    when: 'a field is wrong: `details` lists every wrong field, the message names them',
  },
  NOT_FOUND: {
    status: 404,
    message: 'Not found, or you don’t have access',
    when: 'unknown, another workspace’s, or no right `Halfkey-Access` (indistinguishable)',
  },
  GONE: {
    status: 410,
    message: 'The secret has ended',
    when: 'right access, ended: `details` = `{cause, at}`, cause viewed, expired, burned, locked_out',
  },
  CONFLICT: {
    status: 409,
    message: 'This conflicts with what the server already has',
    when:
      'the slug or part exists with other bytes (`details.slug`, `.part`); the version isn’t the newest + 1 (`.newest`); ' +
      'the workspace has another workspace key (`.workspace_check`); `previous_meta` isn’t what there is (`.field`)',
  },
  IP_DENIED: {
    status: 403,
    message: 'Access isn’t allowed from this address',
    when: 'network policy (unknown address: denied)',
  },
  GEO_DENIED: {
    status: 403,
    message: 'Access isn’t allowed from this country',
    when: 'country policy (unknown country: denied)',
  },
  PASSWORD_REQUIRED: { status: 403, message: 'A password is required', when: '`details.attempts_left`' },
  PASSWORD_WRONG: { status: 403, message: 'The password is wrong', when: '`details.attempts_left`' },
  OTP_REQUIRED: { status: 403, message: 'A one-time code is required', when: 'a code is required and none was sent' },
  OTP_WRONG: { status: 403, message: 'The one-time code is wrong', when: 'the code is wrong, used or too old' },
  CAPTCHA_REQUIRED: { status: 403, message: 'A solved captcha is required', when: 'a captcha is required' },
  CAPTCHA_WRONG: { status: 403, message: 'The captcha’s solution is wrong', when: 'wrong, used or too old' },
  WRONG_REGION: {
    status: 421,
    message: 'This request must go to another region’s server',
    when: 'meant for another region’s server',
  },
  LOCKED: {
    status: 423,
    message: 'Locked after too many failed attempts; its owner can unlock it',
    when: 'too many failures; the owner can unlock',
  },
  RATE_LIMITED: { status: 429, message: 'Too many requests; try again later', when: 'with `Retry-After`' },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    message: 'The request is too large',
    when: 'over a limit: `details` = `{limit, maximum_bytes, bytes?}`',
  },
  UPLOAD_INCOMPLETE: {
    status: 409,
    message: 'Some parts have not arrived',
    when: 'complete called before every part arrived: names the missing parts',
  },
  SERVER_ERROR: { status: 500, message: 'Something went wrong on the server', when: 'never with internals' },
  UNAVAILABLE: {
    status: 503,
    message: 'The service is temporarily unavailable; try again later',
    when: 'the storage is full, read-only or down, or a one-time code could not be sent; never with internals',
  },
} as const satisfies Record<WireErrorCode, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

type Details = Record<string, unknown>

const sizeLimits = {
  body: 'The request’s body',
  part: 'This part',
  file: 'An attachment',
  anonymous_files: 'The attachments together, for a sender without a token,',
  anonymous_ciphertext: 'The encrypted content, for a sender without a token,',
}

/** Fields that a message names; `details` has all. */
const mostNamed = 10

function nameFields(details: Details): string {
  const fields = Object.entries(details as Record<string, string[]>)
  const named = fields
    .slice(0, mostNamed)
    .map(([field, problems]) => `${field}: ${problems.join(' ').replace(/\.$/, '')}`)
  const more = fields.length - named.length
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

/** A detail in a sentence. */
const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function describeConflict(details: Details): string | undefined {
  if ('newest' in details)
    return `This isn’t the next version: the newest is ${shown(details['newest'])}. Put it as the newest + 1`
  if ('workspace_check' in details) return 'The workspace has another workspace key'
  if ('slug' in details) return 'There is already a secret with this slug and other content'
  if ('part' in details) return 'This part was already uploaded with other bytes'
  if (details['field'] === 'previous_meta')
    return 'The metadata was changed meanwhile: previous_meta isn’t what the server has. Read it and try again'
  return undefined
}

function describeRefusal({ scope, scopes, handler, rule, ip, expires_at }: Details): string | undefined {
  if (Array.isArray(scopes)) return `The token needs one of these scopes: ${scopes.join(', ')}`
  if (scope !== undefined) return `The token lacks the scope ${shown(scope)}`
  if (handler !== undefined) return `The token may not use the handler ${shown(handler)}`
  if (ip !== undefined) return `The token may not be used from ${shown(ip)}, so it can’t allow that to another`
  if (expires_at !== undefined)
    return `The token itself expires at ${shown(expires_at)}, so what it makes can’t last longer`
  return rule === 'token_ip' ? 'The token may not be used from this address' : undefined
}

/** What a code's message says more exactly where the details tell. */
const specific: Partial<Record<ErrorCode, (details: Details) => string | undefined>> = {
  VALIDATION_ERROR: (details) => (Object.keys(details).length > 0 ? nameFields(details) : undefined),
  PERMISSION_DENIED: describeRefusal,
  CONFLICT: describeConflict,
  QUOTA_EXCEEDED: ({ quota, limit, maximum, used }) =>
    `The limit is reached: ${shown(quota ?? limit)}, at most ${shown(maximum)}${used === undefined ? '' : `, and ${shown(used)} are used`}`,
  PAYLOAD_TOO_LARGE: ({ limit, maximum_bytes, bytes }) =>
    `${sizeLimits[limit as keyof typeof sizeLimits]} is too large: ${bytes === undefined ? '' : `${shown(bytes)} bytes, and `}at most ${shown(maximum_bytes)} bytes are allowed`,
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined
  /** Of the reply, such as Retry-After. */
  readonly headers: Record<string, string> | undefined

  constructor(code: ErrorCode, details?: Record<string, unknown>, headers?: Record<string, string>) {
    super((details && specific[code]?.(details)) ?? errorTable[code].message)
    this.code = code
    this.details = details
    this.headers = headers
  }
}

/** `bytes`: how large it is, where that is known before it has been read. */
export const tooLarge = (limit: keyof typeof sizeLimits, maximum: number, bytes?: number): ApiError =>
  new ApiError('PAYLOAD_TOO_LARGE', { limit, maximum_bytes: maximum, ...(bytes !== undefined && { bytes }) })

export const validationError = (details: Record<string, string[]>): ApiError =>
  new ApiError('VALIDATION_ERROR', details)
