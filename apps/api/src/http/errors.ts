/** The table of the API's errors. spec/errors.md is generated from it. */
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
    when: 'the token is missing, unknown, expired or revoked',
  },
  PERMISSION_DENIED: {
    status: 403,
    message: 'The token may not do this',
    when:
      'the token lacks the scope, this handler or this address: `details.scope`, `.handler` or `.rule`; or requests are ' +
      'switched off (`.rule`)',
  },
  QUOTA_EXCEEDED: {
    status: 403,
    message: 'The workspace, or the server’s anonymous secrets together, have reached their limit',
    when: 'the workspace, or all anonymous secrets together, have reached a limit: `details.quota` names it',
  },
  VALIDATION_ERROR: {
    status: 422,
    message: 'Some fields are invalid',
    when: 'fields are invalid: `details` lists every one of them, and the message names them',
  },
  NOT_FOUND: {
    status: 404,
    message: 'Not found, or you don’t have access',
    when: 'unknown, another workspace’s, or wrong `Halfkey-Access` (indistinguishable)',
  },
  GONE: {
    status: 410,
    message: 'The secret no longer exists',
    when:
      'the secret has ended: `details` = `{cause, at}`, with the cause viewed, expired, burned or locked_out; of a request ' +
      'answered, expired or withdrawn',
  },
  CONFLICT: {
    status: 409,
    message: 'This conflicts with what the server already has',
    when:
      'the slug or part exists with different bytes (`details.slug`, `.part`); the version isn’t the newest + 1 ' +
      '(`.newest`); the workspace uses another workspace key (`.workspace_check`); `previous_meta` is outdated (`.field`); ' +
      'the request exists with different bytes (`.request`), or has answers that haven’t ended (`.answers`); the answer was ' +
      'opened already (`.collected`)',
  },
  IP_DENIED: {
    status: 403,
    message: 'Access isn’t allowed from this address',
    when: 'the address isn’t in the IP whitelist, or is unknown',
  },
  GEO_DENIED: {
    status: 403,
    message: 'Access isn’t allowed from this country',
    when: 'the country isn’t in the list, or is unknown',
  },
  PASSWORD_REQUIRED: { status: 403, message: 'A password is required', when: 'see `details.attempts_left`' },
  PASSWORD_WRONG: { status: 403, message: 'The password is wrong', when: 'see `details.attempts_left`' },
  OTP_REQUIRED: { status: 403, message: 'A one-time code is required', when: 'the request has no code' },
  OTP_WRONG: { status: 403, message: 'The one-time code is wrong', when: 'the code is wrong, already used or expired' },
  CAPTCHA_REQUIRED: {
    status: 403,
    message: 'A solved captcha is required',
    when: 'the request has no captcha solution',
  },
  CAPTCHA_WRONG: { status: 403, message: 'The captcha solution is wrong', when: 'wrong, already used or expired' },
  WRONG_REGION: {
    status: 421,
    message: 'This request must go to another region’s server',
    when: 'the request names another region',
  },
  LOCKED: {
    status: 423,
    message: 'Locked after too many failed attempts; the owner can unlock it',
    when: 'too many failed attempts; the owner can unlock the secret',
  },
  RATE_LIMITED: { status: 429, message: 'Too many requests; try again later', when: 'see `Retry-After`' },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    message: 'The request is too large',
    when: 'larger than a limit: `details` = `{limit, maximum_bytes, bytes?}`',
  },
  UPLOAD_INCOMPLETE: {
    status: 409,
    message: 'Some parts have not been uploaded yet',
    when: 'complete was called before every part was uploaded: `details` lists the missing parts',
  },
  SERVER_ERROR: {
    status: 500,
    message: 'Something went wrong on the server',
    when: 'an unexpected error; the reply never contains internals',
  },
  UNAVAILABLE: {
    status: 503,
    message: 'The service is temporarily unavailable; try again later',
    when: 'the storage is full, read-only or down, or a one-time code could not be sent',
  },
} as const satisfies Record<WireErrorCode, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

type Details = Record<string, unknown>

const sizeLimits = {
  body: 'The request body',
  part: 'This part',
  file: 'An attachment',
  answer: 'The answer',
  anonymous_files: 'The total size of the attachments, for a sender without a token,',
  anonymous_ciphertext: 'The encrypted content, for a sender without a token,',
}

/** How many fields a message names; `details` has all of them. */
const maxNamedFields = 10

function nameFields(details: Details): string {
  const fields = Object.entries(details as Record<string, string[]>)
  const named = fields
    .slice(0, maxNamedFields)
    .map(([field, problems]) => `${field}: ${problems.join(' ').replace(/\.$/, '')}`)
  const more = fields.length - named.length
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

/** Formats a detail for a sentence. */
const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function describeConflict(details: Details): string | undefined {
  if ('newest' in details)
    return `This isn’t the next version: the newest is ${shown(details['newest'])}. Use the next number`
  if ('workspace_check' in details) return 'The workspace uses another workspace key'
  if ('slug' in details) return 'A secret with this slug and different content already exists'
  if ('request' in details) return 'A request with this slug and different content already exists'
  if ('answers' in details)
    return 'Some answers to this request have not ended yet. Collect them, or wait until they expire, and then purge it'
  if ('collected' in details) return 'The answer has already been opened, so it can’t be taken back'
  if ('part' in details) return 'This part was already uploaded with different bytes'
  if (details['field'] === 'previous_meta')
    return 'The metadata has changed: previous_meta isn’t the current value. Read it again and retry'
  return undefined
}

function describeRefusal({ scope, scopes, handler, rule, ip, expires_at }: Details): string | undefined {
  if (Array.isArray(scopes)) return `The token needs one of these scopes: ${scopes.join(', ')}`
  if (scope !== undefined) return `The token lacks the scope ${shown(scope)}`
  if (handler !== undefined) return `The token may not use the handler ${shown(handler)}`
  if (ip !== undefined) return `The token may not be used from ${shown(ip)}, so tokens created with it may not either`
  if (expires_at !== undefined)
    return `The token expires at ${shown(expires_at)}, so tokens created with it can’t be valid for longer`
  if (rule === 'requests_off') return 'Requests are switched off on this server'
  return rule === 'token_ip' ? 'The token may not be used from this address' : undefined
}

/** More specific messages, depending on the details. */
const specific: Partial<Record<ErrorCode, (details: Details) => string | undefined>> = {
  VALIDATION_ERROR: (details) => (Object.keys(details).length > 0 ? nameFields(details) : undefined),
  PERMISSION_DENIED: describeRefusal,
  CONFLICT: describeConflict,
  QUOTA_EXCEEDED: ({ quota, limit, maximum, used }) =>
    maximum === undefined
      ? undefined
      : `The limit ${shown(quota ?? limit)} is reached: at most ${shown(maximum)}${used === undefined ? '' : `, of which ${shown(used)} are in use`}`,
  PAYLOAD_TOO_LARGE: ({ limit, maximum_bytes, bytes }) =>
    `${sizeLimits[limit as keyof typeof sizeLimits]} is too large: ${bytes === undefined ? '' : `${shown(bytes)} bytes; `}at most ${shown(maximum_bytes)} bytes are allowed`,
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined
  /** Response headers, such as Retry-After. */
  readonly headers: Record<string, string> | undefined

  /** @param message  a more specific one than the table's */
  constructor(code: ErrorCode, details?: Record<string, unknown>, headers?: Record<string, string>, message?: string) {
    super(message ?? (details && specific[code]?.(details)) ?? errorTable[code].message)
    this.code = code
    this.details = details
    this.headers = headers
  }
}

/** @param bytes  the actual size, if it is known before the body has been read */
export const tooLarge = (limit: keyof typeof sizeLimits, maximum: number, bytes?: number): ApiError =>
  new ApiError('PAYLOAD_TOO_LARGE', { limit, maximum_bytes: maximum, ...(bytes !== undefined && { bytes }) })

export const validationError = (details: Record<string, string[]>): ApiError =>
  new ApiError('VALIDATION_ERROR', details)
