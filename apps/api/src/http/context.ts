import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'
import type { Config } from '../config.ts'
import type { Clock } from '../outside/clock.ts'
import type { ServerKey } from '../outside/server-key.ts'
import type { Caller } from '../secrets/secret.ts'
import type { Store } from '../store/store.ts'

/** Everything that the operations stand on, injected by main.ts and by tests. */
export interface Deps {
  config: Config
  store: Store
  serverKey: ServerKey
  clock: Clock
  /** What links begin with, without a trailing slash; asked late, because port 0 is known only once listening. */
  publicUrl: () => string
}

export interface Env {
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    /** The route's pattern, which is all of a URL that the log may hold. */
    route: string
  }
}

export type Context = HonoContext<Env>

const longestUserAgent = 512

/** Who called: the peer's address and what it says of itself. */
export function callerOf(c: Context): Caller {
  const address = c.env.incoming?.socket.remoteAddress
  return {
    ip: address?.replace(/^::ffff:(?=\d+\.)/, '') ?? null,
    userAgent: c.req.header('User-Agent')?.slice(0, longestUserAgent) ?? null,
  }
}
