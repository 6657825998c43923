/** All errors of the API, as `{"error": …}`. */
import { HalfkeyError } from '@halfkey/sdk'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { createToRefusal } from '../failure.ts'

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: ContentfulStatusCode
  readonly headers: Record<string, string>

  constructor(status: ContentfulStatusCode, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** RFC 6750 section 3 requires the header. */
export const invalidToken = (): Refusal => new Refusal(401, 'Invalid token', { 'WWW-Authenticate': 'Bearer' })
export const noKmsEntry = (): Refusal => new Refusal(404, 'This KMSEntry does not exist')
export const revealUnauthorized = (): Refusal => new Refusal(403, 'Unauthorized to reveal this KMS Entry')
export const notText = (): Refusal => new Refusal(422, 'This KMS Entry is not text')
export const noShareSecret = (): Refusal => new Refusal(404, 'This ShareSecret does not exist')
export const notFound = (): Refusal => new Refusal(404, 'Not Found')
export const methodNotAllowed = (allowed: string[]): Refusal =>
  new Refusal(405, 'Method Not Allowed', { Allow: allowed.join(', ') })
/** @param problems  one sentence each */
export const badRequest = (problems: string[]): Refusal => new Refusal(400, problems.join(' '))
export const tooLarge = (): Refusal => new Refusal(413, 'shareSecret.content is too large.')
/** For a create without a reply. */
export const maybeCreated = (): Refusal =>
  new Refusal(
    503,
    'No reply from the Halfkey server. The secret may have been created: check the list before sending it again.',
  )
const unexpected = (): Refusal => new Refusal(500, 'Internal Server Error')

/** Maps errors of the Halfkey server, and of the connection to it. */
function refusalOf({ code, details = {} }: HalfkeyError): Refusal {
  switch (code) {
    case 'AUTHENTICATION_ERROR':
      return invalidToken()
    case 'PERMISSION_DENIED':
      return new Refusal(403, 'Unauthorized')
    case 'QUOTA_EXCEEDED':
      return new Refusal(403, 'Quota exceeded')
    case 'PAYLOAD_TOO_LARGE':
      return tooLarge()
    case 'RATE_LIMITED':
      return new Refusal(429, 'Too Many Requests')
    case 'VALIDATION_ERROR':
      return badRequest([`The Halfkey server rejected these fields: ${Object.keys(details).join(', ')}.`])
    case 'NETWORK':
    case 'TIMEOUT':
    case 'UNAVAILABLE':
      return new Refusal(503, 'Service Unavailable')
    case 'WRONG_REGION':
      return new Refusal(421, "WRONG_REGION: the bridge has no server for this host's region")
    default:
      return unexpected()
  }
}

export const toRefusal = createToRefusal<Refusal>({
  isRefusal: (error) => error instanceof Refusal,
  refusalOf,
  unexpected,
  isCallers: (_, { status }) => status !== 401 && status !== 421 && status < 500,
})

/** Throws `refusal` instead of errors with these codes; rethrows all others. */
export function instead(refusal: Refusal, ...codes: HalfkeyError['code'][]): (error: unknown) => never {
  return (error) => {
    throw error instanceof HalfkeyError && codes.includes(error.code) ? refusal : error
  }
}

export const refuse = (c: Context, { status, message, headers }: Refusal): Response =>
  c.json({ error: message }, status, headers)
