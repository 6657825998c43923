/** All errors of the API, with the exact messages that programs compare. */
import { HalfkeyError } from '@halfkey/sdk'
import type { Context } from 'hono'
import { createToRefusal } from '../failure.ts'

/** The value of `X-OTS-Intended-Status`; the status is always 404. */
type Intended = 400 | 401

/** A reply of status 404. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly body: Record<string, string>
  readonly intended: Intended | undefined

  constructor(body: Record<string, string>, intended?: Intended) {
    super(body['message'])
    this.body = body
    this.intended = intended
  }
}

const refused = (message: string): Refusal => new Refusal({ message }, 400)

/** For a secret or receipt that never existed, has ended or isn't the caller's. @param key  as it was looked up */
export const unknownSecret = (key: string): Refusal => new Refusal({ secret_key: key, message: 'Unknown secret' })
export const keyTooShort = (): Refusal => new Refusal({ message: 'Not Found' })
export const notAuthorized = (): Refusal => new Refusal({ message: 'Not authorized' }, 401)
export const accountsOff = (path: string): Refusal => new Refusal({ message: `${path} is not available` })

export const notUtf8 = (): Refusal => refused('The request must be UTF-8 text. Nothing was stored.')
export const nothingToShare = (): Refusal => refused('You did not provide anything to share')
export const secretTooLong = (bytes: number): Refusal =>
  refused(`Secret value exceeds the maximum size of ${bytes} bytes`)
export const passphraseTooShort = (characters: number): Refusal =>
  refused(`Passphrase must be at least ${characters} characters long`)
export const passphraseTooLong = (characters: number): Refusal =>
  refused(`Passphrase must be no more than ${characters} characters long`)
export const passphraseRequired = (): Refusal => refused('A passphrase is required for all secrets')
export const wrongPassphrase = (): Refusal => refused('Double check that passphrase')
export const accountRequired = (): Refusal => refused('An account is required to send emails.')
export const undeliverable = (address: string): Refusal => refused(`Undeliverable email address: ${address}`)
export const unknownDomain = (domain: string): Refusal => refused(`Unknown domain: ${domain}`)
export const foreignDomain = (domain: string): Refusal => refused(`You do not have permission to use domain: ${domain}`)
export const lengthTooLong = (max: number): Refusal =>
  refused(`Generated password length must be no more than ${max} characters`)
export const notText = (): Refusal => refused('The secret is not text')
export const unexpected = (): Refusal => refused('An unexpected error occurred :[')

/** Maps errors of the Halfkey server, and of the connection to it. */
function refusalOf({ code, details = {} }: HalfkeyError): Refusal {
  if (code === 'RATE_LIMITED') return refused('Rate limit exceeded. Please try again later.')
  if (code === 'AUTHENTICATION_ERROR' || code === 'PERMISSION_DENIED') return notAuthorized()
  if (code === 'VALIDATION_ERROR' && 'password_verifier' in details) return passphraseRequired()
  if (code === 'WRONG_REGION') return refused("WRONG_REGION: the bridge has no server for this host's region")
  return unexpected()
}

export const toRefusal = createToRefusal<Refusal>({
  isRefusal: (error) => error instanceof Refusal,
  refusalOf,
  unexpected,
  isCallers: ({ code }) => code === 'RATE_LIMITED' || code === 'LOCKED',
})

/** @throws Refusal “Unknown secret” for errors that mean the secret is unavailable; rethrows all others */
export function ended(error: unknown, key: string): never {
  const codes = ['NOT_FOUND', 'GONE', 'PASSWORD_REQUIRED', 'PASSWORD_WRONG']
  throw error instanceof HalfkeyError && (codes.includes(error.code) || isNoPassword(error))
    ? unknownSecret(key)
    : error
}

/** A passphrase that the protocol doesn't allow can't be any secret's (spec/protocol.md section 4). */
export const isNoPassword = ({ code, details = {} }: HalfkeyError): boolean =>
  code === 'VALIDATION_ERROR' && 'password' in details

export const contentType = 'application/json; charset=utf-8'

export function refuse(c: Context, { body, intended }: Refusal): Response {
  return c.json(body, 404, {
    'Content-Type': contentType,
    ...(intended !== undefined && { 'X-OTS-Intended-Status': String(intended) }),
  })
}
