/** A caller's requests to the Halfkey server of the region that it called. */
import { HalfkeyError, openLink, type CreateOptions, type Link, type SecretEvent } from '@halfkey/sdk'
import {
  formatLink,
  presentSecret,
  readEvents,
  readPagination,
  readSecret,
  readSecrets,
  readWorkspace,
  request,
  sealSecretWith,
  trustLink,
  workspaceCheck,
  type Bytes,
  type Call,
  type Reply,
  type SecretParts,
  type SecretRecord,
} from '@halfkey/sdk/parts'
import { isIP } from 'node:net'
import type { Context } from 'hono'
import { addressOf, type Env } from './caller.ts'
import { isUnanswered, type Log } from './failure.ts'
import { workspaceKeysOf, type Account, type Place, type Settings } from './settings.ts'

/** The network, the clock and the log, which tests replace. */
export interface Transport {
  fetch: typeof fetch
  /** Milliseconds since the epoch. */
  now: () => number
  /** Time limit for each attempt of a request, in milliseconds. */
  timeout: number
  /** Receives failures that no caller caused. They never contain secrets. */
  log: Log
}

/** The result of a create, with the complete link. */
export type Created = ReturnType<typeof presentSecret>

export interface Upstream {
  readonly account: Account | null
  /** @throws HalfkeyError if the server can't be reached, rejects the account's token, or uses another workspace key */
  check(): Promise<void>
  /**
   * Encrypts and stores a secret that can be read once. If the server doesn't reply, the secret is withdrawn: nobody has
   * its keys, and the caller will retry.
   */
  create(content: string, options: CreateOptions, parts: SecretParts): Promise<Created>
  details(slug: string, manageKey: Bytes): Promise<SecretRecord>
  events(slug: string, manageKey: Bytes): Promise<SecretEvent[]>
  burn(slug: string, manageKey: Bytes): Promise<void>
  /** The secrets of the account's workspace, newest first. */
  list(): AsyncGenerator<SecretRecord, void>
  /** The link at the bridge's address of the server. `ask`: request its status first. */
  link(slug: string, keyB: Bytes, status: 'ask' | 'trust'): Promise<Link>
  /** The link that a recipient opens in a browser. */
  shareLink(slug: string, keyB: Bytes): string
}

type OpenUpstream = (c: Context<Env>, account: Account | null) => Upstream

/** Retries after the first attempt. A create and a reveal can be repeated safely (claim C6); few, so that callers don't wait long. */
export const RETRIES = 2
export const TIMEOUT_MS = 10_000

/** When to withdraw a create without a reply, in multiples of the time-out: a slow server may store it late. */
const WITHDRAWALS = [0, 1, 3, 6]

export function createUpstream(settings: Settings, transport: Transport): OpenUpstream {
  const sealing = new Map<string, Promise<Bytes>>()

  return (c, account) => {
    const { region, server, shareUrl } = placeOf(c, settings)
    const workspaceKeys = workspaceKeysOf(settings, account)
    const requestOptions = {
      fetch: forwarding(c, settings, transport.fetch),
      retries: RETRIES,
      timeout: transport.timeout,
    }

    const call = (
      method: Call['method'],
      path: string,
      more: { manageKey?: Bytes; body?: string; retries?: number } = {},
    ): Promise<Reply> => {
      const { manageKey, body, retries = RETRIES } = more
      const token = tokenOf(account, region)
      const headers: Record<string, string> = {
        ...(region !== undefined && { 'Halfkey-Region': region }),
        ...(manageKey
          ? { 'Halfkey-Manage': Buffer.from(manageKey).toString('base64url') }
          : token !== undefined && { Authorization: `Bearer ${token}` }),
      }
      return request({ url: `${server}/api/v1${path}`, method, headers, body }, { ...requestOptions, retries })
    }

    /** Chosen once per account and server, so that nothing is encrypted with a key that the owner doesn't have. */
    const sealingKey = (): Promise<Bytes> => {
      if (!account) return Promise.resolve(workspaceKeys[0] as Bytes)
      const name = `${server} ${account.user}`
      const key = sealing.get(name) ?? chooseSealingKey(() => call('GET', '/workspace'), workspaceKeys)
      sealing.set(name, key)
      key.catch(() => sealing.delete(name))
      return key
    }

    const withdraw = async (slug: string, manageKey: Bytes): Promise<void> => {
      let answered = true
      for (const timeouts of WITHDRAWALS) {
        await sleep(timeouts * transport.timeout)
        try {
          await call('DELETE', `/secrets/${slug}?purge=true`, { manageKey })
          transport.log(`A create without a reply had been stored as ${slug}. It was withdrawn.`)
          return
        } catch (error) {
          answered = error instanceof HalfkeyError && error.code === 'NOT_FOUND'
        }
      }
      if (!answered)
        transport.log(`A create without a reply may have been stored as ${slug}. Nobody has the key to open it.`)
    }

    return {
      account,
      async check() {
        if (account) await chooseSealingKey(() => call('GET', '/workspace', { retries: 0 }), workspaceKeys)
        else await call('GET', '/limits', { retries: 0 })
      },
      async create(content, options, parts) {
        const sealed = await sealSecretWith(parts, content, options, await sealingKey(), [])
        try {
          const { data } = await call('POST', '/secrets', { body: sealed.body })
          return presentSecret(data, sealed)
        } catch (error) {
          if (isUnanswered(error)) void withdraw(sealed.slug, parts.manageKey)
          throw error
        }
      },
      async details(slug, manageKey) {
        return readSecret((await call('GET', `/secrets/${slug}`, { manageKey })).data)
      },
      async events(slug, manageKey) {
        return readEvents((await call('GET', `/secrets/${slug}/events`, { manageKey })).data)
      },
      async burn(slug, manageKey) {
        await call('DELETE', `/secrets/${slug}`, { manageKey })
      },
      async *list() {
        for (let page = 1, last = 1; page <= last; page++) {
          const { data, pagination } = await call('GET', `/secrets?per_page=100&page=${page}`)
          last = readPagination(pagination).lastPage
          yield* readSecrets(data)
        }
      },
      link: (slug, keyB, status) =>
        (status === 'ask' ? openLink : trustLink)(formatLink(server, slug, keyB), requestOptions),
      shareLink: (slug, keyB) => formatLink(shareUrl, slug, keyB),
    }
  }
}

/** Doesn't keep the program running. */
const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())

/**
 * The server of the region named by the first label of the called host. Without regions it is `server`. With regions, only
 * IP addresses, `localhost` and the host of `publicUrl` mean `server`: any other host might name a region, whose data must
 * not be stored elsewhere.
 *
 * @throws HalfkeyError WRONG_REGION
 */
export function placeOf(c: Context, settings: Settings): Place & { region: string | undefined } {
  const { regions, server, publicUrl } = settings
  const { hostname } = new URL(c.req.url)
  const [label = ''] = hostname.split('.')
  const known = Object.hasOwn(regions, label) ? regions[label] : undefined
  if (known) return { region: label, ...known }
  const own = [publicUrl === undefined ? undefined : new URL(publicUrl).hostname, 'localhost']
  const isOwn = own.includes(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  if (Object.keys(regions).length === 0 || isOwn) return { region: undefined, ...server }
  throw new HalfkeyError(
    'WRONG_REGION',
    `The host ${hostname} isn't a region in the bridge's settings. Nothing was sent.`,
  )
}

/** @throws HalfkeyError AUTHENTICATION_ERROR if the account has no token for the region */
export function tokenOf(account: Account | null, region: string | undefined): string | undefined {
  if (!account) return undefined
  if (typeof account.token === 'string') return account.token
  const token = region === undefined ? undefined : account.token[region]
  if (token === undefined)
    throw new HalfkeyError(
      'AUTHENTICATION_ERROR',
      `The account has no token for ${region ?? 'the server without a region'}.`,
    )
  return token
}

/** The key that matches the workspace's check value; the first if it has none. @throws HalfkeyError WRONG_KEY */
export async function chooseSealingKey(getWorkspace: () => Promise<Reply>, workspaceKeys: Bytes[]): Promise<Bytes> {
  const { workspaceCheck: expected } = readWorkspace((await getWorkspace()).data)
  const checks = await Promise.all(workspaceKeys.map((key) => workspaceCheck(key)))
  const chosen = workspaceKeys.find(
    (_, i) => expected === null || Buffer.from(checks[i] as Bytes).toString('base64url') === expected,
  )
  if (chosen) return chosen
  throw new HalfkeyError('WRONG_KEY', "This isn't the workspace's key. Nothing was sent.")
}

/**
 * A `fetch` that passes on the caller's address and user agent, so that the server's limits and log apply to callers and
 * not to the bridge. The server must list the bridge as a trusted proxy.
 */
export function forwarding(c: Context<Env>, settings: Settings, fetch: Transport['fetch']): Transport['fetch'] {
  const address = addressOf(c, settings)
  const agent = c.req.header('User-Agent')
  const forwarded: Record<string, string> = {
    ...(address !== null && { [settings.clientIpHeader]: address }),
    ...(agent !== undefined && { 'User-Agent': agent }),
  }
  return async (input, init) => {
    const response = await fetch(input, { ...init, headers: { ...(init?.headers as object), ...forwarded } })
    if (response.status !== 429) return response
    // The long Retry-After keeps the SDK from retrying, so that the caller gets the reply immediately.
    const headers = { ...Object.fromEntries(response.headers), 'Retry-After': '3600' }
    return new Response(response.body, { status: 429, headers })
  }
}
