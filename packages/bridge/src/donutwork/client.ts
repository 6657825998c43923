/** Who calls, by its bearer token (RFC 6750 section 2.1), and with which client its calls are made. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash, timingSafeEqual } from 'node:crypto'
import { Halfkey } from '@halfkey/sdk'
import type { Context } from 'hono'
import type { Env } from '../caller.ts'
import { workspaceKeysOf, type Account, type Settings } from '../settings.ts'
import { placeOf, RETRIES, tokenOf, forwarding, type Outside } from '../upstream.ts'
import { invalidToken } from './errors.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * The account that has the token as its API token, or as its Halfkey token. Another Halfkey token is none, though its
 * server may take it: a server that invents tokens would have the bridge open named secrets for it.
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

/** Lets a call use its account's client at the Halfkey server that the called host stands for. */
export type WithClient = <T>(c: Context<Env>, account: Account, use: (client: Halfkey) => Promise<T>) => Promise<T>

/**
 * One client for each account and server, so that it asks but once which workspace key to seal with. What it sends bears
 * the address of the caller on whose behalf it is sent.
 */
export function createClients({ settings, fetch, timeout }: Outside & { settings: Settings }): WithClient {
  const callers = new AsyncLocalStorage<Outside['fetch']>()
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
        fetch: (...request) => (callers.getStore() as Outside['fetch'])(...request),
        retries: RETRIES,
        timeout,
      })
    clients.set(name, client)
    return client
  }

  return (c, account, use) => callers.run(forwarding(c, settings, fetch), () => use(open(c, account)))
}
