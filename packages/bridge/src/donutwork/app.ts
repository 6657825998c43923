/** Donutwork's API, version 2026-02-01. docs/bridge.md lists the differences. */
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Env } from '../caller.ts'
import type { Settings } from '../settings.ts'
import type { Transport } from '../upstream.ts'
import { authenticate, createClients } from './client.ts'
import { methodNotAllowed, notFound, refuse, tooLarge, toRefusal } from './errors.ts'
import { getEntry, listEntries, revealEntry } from './kms.ts'
import { showConnection, ping } from './general.ts'
import type { Call } from './call.ts'
import { MAX_BODY_BYTES } from './read-share-secret.ts'
import { createShareSecret, deleteShareSecret, getShareSecret, listShareSecrets } from './share-secrets.ts'

export interface DonutworkParts extends Transport {
  settings: Settings
}

type Handle = (call: Call) => Promise<object>

interface Route {
  get?: Handle
  post?: Handle
  delete?: Handle
  /** Set if the GET has side effects, which a HEAD must not have. */
  noHead?: true
}

const basePath = '/2026-02-01'

/** By path. A named secret's handler may contain slashes, percent-encoded or not. */
const routes: Record<string, Route> = {
  '/ping.json': { get: ping },
  '/connection.json': { get: showConnection },
  '/share-secrets.json': { get: listShareSecrets, post: createShareSecret },
  '/share-secrets/:id{[^/]+\\.json}': { get: getShareSecret, delete: deleteShareSecret },
  '/kms.json': { get: listEntries },
  '/kms/reveal/:handler{.+\\.json}': { get: revealEntry, noHead: true },
  '/kms/:handler{.+\\.json}': { get: getEntry },
}

/** Must be mounted at a host's root. */
export function createDonutwork(parts: DonutworkParts): Hono<Env> {
  const { settings, log } = parts
  const withClient = createClients(parts)
  const app = new Hono<Env>()

  const answer = (route: Route) => async (c: Context<Env>) => {
    try {
      const handle = handlerOf(route, c.req.method)
      const account = authenticate(c, settings)
      return c.json(await withClient(c, account, (client) => handle({ c, settings, log, client })))
    } catch (error) {
      return refuse(c, toRefusal(error, log))
    }
  }

  app.use(`${basePath}/*`, bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => refuse(c, tooLarge()) }))
  for (const [path, route] of Object.entries(routes)) app.all(basePath + path, answer(route))
  app.all(`${basePath}/*`, (c) => refuse(c, notFound()))
  return app
}

/** @throws Refusal */
function handlerOf(route: Route, method: string): Handle {
  const { noHead, ...handlers } = route
  const name = method === 'HEAD' && !noHead ? 'get' : method.toLowerCase()
  const handle = Object.hasOwn(handlers, name) ? handlers[name as keyof typeof handlers] : undefined
  if (handle) return handle
  const known = Object.keys(handlers).flatMap((one) =>
    one === 'get' && !noHead ? ['GET', 'HEAD'] : [one.toUpperCase()],
  )
  throw methodNotAllowed(known)
}
