/** HTTP Basic (RFC 7617): user name and API token. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import type { Account, Settings } from '../settings.ts'
import { accountsOff, notAuthorized } from './errors.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * The caller's account; null without credentials.
 *
 * @throws Refusal for wrong credentials on any call, so that a failed login is never treated as anonymous
 */
export function authenticate(c: Context, { accounts }: Settings): Account | null {
  const header = c.req.header('Authorization')
  if (header === undefined) return null
  if (accounts.length === 0) throw accountsOff(c.req.path)
  const encoded = /^Basic +([A-Za-z\d+/=]+)$/i.exec(header)?.[1]
  const [, user, apiToken] = /^([^:]+):(.+)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? []
  if (user === undefined || apiToken === undefined) throw notAuthorized()
  const account = accounts.find((one) => one.user === user)
  const matches = timingSafeEqual(digest(account?.apiToken ?? ''), digest(apiToken))
  if (!account || !matches) throw notAuthorized()
  return account
}
