/** Authenticates callers by bearer token (RFC 6750 section 2.1), and provides the client for their calls. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash, timingSafeEqual } from 'node:crypto'
import { Halfkey } from '@halfkey/sdk'
import type { Context } from 'hono'
import type { Env } from '../caller.ts'
import { workspaceKeysOf, type Account, type Settings } from '../settings.ts'
import { placeOf, RETRIES, tokenOf, forwarding, type Transport } from '../upstream.ts'
import { invalidToken } from './errors.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * The account whose API token or Halfkey token was given. Other Halfkey tokens are rejected even if the server accepts
 * them, because a server that makes up tokens could otherwise have the bridge decrypt named secrets for it.
 *
 * @throws Refusal
 */
export function authenticate(c: Context, { accounts }: Settings): Account {
  const bearer = /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '')?.[1]
  if (bearer === undefined) throw invalidToken()
  const given = digest(bearer)
  const account = accounts.find(({ apiToken, token }) =>
    [apiToken, ...(typeof token === 'string' ? [token] : Object.values(token))].some((known) =>
      timingSafeEqual(digest(known), given),
    ),
  )
  if (!account) throw invalidToken()
  return account
}

/** Runs a call with its account's client for the Halfkey server of the called host. */
export type WithClient = <T>(c: Context<Env>, account: Account, use: (client: Halfkey) => Promise<T>) => Promise<T>

/**
 * One client per account and server, so that it asks only once which workspace key to use. Its requests carry the address
 * of the caller they are made for.
 */
export function createClients({ settings, fetch, timeout }: Transport & { settings: Settings }): WithClient {
  const callers = new AsyncLocalStorage<Transport['fetch']>()
  const clients = new Map<string, Halfkey>()

  const open = (c: Context<Env>, account: Account): Halfkey => {
    const { region, server } = placeOf(c, settings)
    const name = `${region ?? ''} ${account.user}`
    const token = tokenOf(account, region)
    const client =
      clients.get(name) ??
      new Halfkey({
        baseUrl: server,
        ...(token !== undefined && { token }),
        workspaceKey: workspaceKeysOf(settings, account).map((key) => Buffer.from(key).toString('base64url')),
        region,
        mailer: settings.mail,
        fetch: (...request) => (callers.getStore() as Transport['fetch'])(...request),
        retries: RETRIES,
        timeout,
      })
    clients.set(name, client)
    return client
  }

  return (c, account, use) => callers.run(forwarding(c, settings, fetch), () => use(open(c, account)))
}
