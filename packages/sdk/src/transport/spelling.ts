/** A server's refusal in the caller's words: the wire has its own names, and so has its `details`. */
import { HalfkeyError } from '../errors.ts'

/** Of the fields that a create or a patch sends: the option, or argument, that each was made from. */
export const SECRET_FIELDS: Fields = {
  envelope: 'content',
  expires_in: 'hours',
  maximum_views: 'views',
  password_verifier: 'password',
  note: 'message',
  meta: 'description',
  notify: 'notify',
}

/** By the wire's name, of a member with its path (`answer.expires_in`); others are camelCase of it. */
export type Fields = Readonly<Record<string, string>>

/** Fields that a message names; `details` has all. */
const MAX_NAMED = 10

/** The same error, but a server's VALIDATION_ERROR names `ips[0]` and `rotateAfter` where the wire has `ips.0` and `rotate_after`. */
export function respell(error: unknown, fields: Fields = {}): unknown {
  const { code, details, status, requestId } = error instanceof HalfkeyError ? error : ({} as Partial<HalfkeyError>)
  if (!(error instanceof HalfkeyError) || code !== 'VALIDATION_ERROR' || !details || status === undefined) return error
  const entries = Object.entries(details).map(([path, problems]): [string, unknown] => [nameOf(path, fields), problems])
  const named = entries.slice(0, MAX_NAMED).map(([name, problems]) => `${name}: ${[problems].flat().join(' ')}`)
  const more = entries.length > MAX_NAMED ? ` And ${entries.length - MAX_NAMED} more.` : ''
  return new HalfkeyError('VALIDATION_ERROR', named.length > 0 ? `${named.join(' ')}${more}` : error.message, {
    details: Object.fromEntries(entries),
    status,
    ...(requestId !== undefined && { requestId }),
  })
}

function nameOf(path: string, fields: Fields): string {
  if (Object.hasOwn(fields, path)) return fields[path] as string
  const [first = '', ...rest] = path.split('.')
  if (Object.hasOwn(fields, first)) return fields[first] as string
  if (first === 'per_page') return 'limit'
  const camel = [first, ...rest].map((name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
  return camel.reduce((name, next) => (/^\d+$/.test(next) ? `${name}[${next}]` : `${name}.${next}`))
}
