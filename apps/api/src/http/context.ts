import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'
import type { Logger } from 'pino'
import type { LateDenials } from '../jobs/late-denials.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../adapters/clock.ts'
import type { Captcha } from '../adapters/captcha.ts'
import type { Geo } from '../adapters/geo.ts'
import type { Mailer } from '../adapters/mail.ts'
import type { RateLimiter } from '../adapters/rate-limiter.ts'
import type { SmsGateway } from '../adapters/sms.ts'
import type { ServerKey } from '../domain/server-key.ts'
import type { Caller } from '../domain/secrets/secret.ts'
import type { BlobStore } from '../store/blobs/blobs.ts'
import type { Store } from '../store/store.ts'
import type { TokenUse } from '../jobs/last-used.ts'
import type { LimitName } from './limit-names.ts'

/** Everything that the operations stand on, injected by start.ts and by tests. */
export interface Deps {
  config: Config
  store: Store
  blobs: BlobStore
  log: Logger
  serverKey: ServerKey
  clock: Clock
  denials: LateDenials
  tokenUse: TokenUse
  /** null: no database of countries. */
  geo: Geo | null
  /** null: no mail. */
  mailer: Mailer | null
  /** null: no text messages. */
  sms: SmsGateway | null
  captcha: Captcha
  /** null: no limits. */
  rateLimiter: RateLimiter<LimitName> | null
  /** The caller's address, from the peer's and the believed header. */
  addressOf: (peer: string | undefined, header: (name: string) => string | undefined) => string | null
  /** What links begin with, without a trailing slash; asked late, because port 0 is known only once listening. */
  publicUrl: () => string
}

export interface Env {
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    /** The route's pattern, which is all of a URL that the log may hold. */
    route: string
    /** Headers that tell a counted caller where it stands. */
    rateLimit?: Record<string, string>
    /** Headers that tell a browser whether a page of another origin may read the reply. */
    cors?: Record<string, string>
  }
}

export type Context = HonoContext<Env>

const longestUserAgent = 512

/** null: unknown. */
export const callerAddress = (c: Context, { addressOf }: Deps): string | null =>
  addressOf(c.env.incoming?.socket.remoteAddress, (name) => c.req.header(name))

/** Who called: the address that the settings let it have, its country, and what it says of itself. */
export function callerOf(c: Context, deps: Deps): Caller {
  const ip = callerAddress(c, deps)
  return {
    ip,
    country: ip === null ? null : (deps.geo?.countryOf(ip) ?? null),
    userAgent: c.req.header('User-Agent')?.slice(0, longestUserAgent) ?? null,
  }
}
