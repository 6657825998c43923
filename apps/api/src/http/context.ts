import type { HttpBindings } from '@hono/node-server'
import type { Context as HonoContext } from 'hono'
import type { Logger } from 'pino'
import type { AwaitedAnswers } from '../jobs/awaited-answers.ts'
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

/** Dependencies of the operations, injected by start.ts and by tests. */
export interface Deps {
  config: Config
  store: Store
  blobs: BlobStore
  log: Logger
  serverKey: ServerKey
  clock: Clock
  denials: LateDenials
  tokenUse: TokenUse
  awaited: AwaitedAnswers
  /** null: no country database. */
  geo: Geo | null
  /** null: no mail server. */
  mailer: Mailer | null
  /** null: no SMS gateway. */
  sms: SmsGateway | null
  captcha: Captcha
  /** null: no rate limits. */
  rateLimiter: RateLimiter<LimitName> | null
  /** The caller's address, from the peer's address and the trusted header. */
  addressOf: (peer: string | undefined, header: (name: string) => string | undefined) => string | null
  /** The start of links, without a trailing slash. A function, because the port may only be known once the server listens. */
  publicUrl: () => string
}

export interface Env {
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    /** The route's pattern, the only part of a URL that may be logged. */
    route: string
    /** RateLimit headers for a counted caller. */
    rateLimit?: Record<string, string>
    /** CORS headers. */
    cors?: Record<string, string>
  }
}

export type Context = HonoContext<Env>

const maxUserAgentLength = 512

/** null: unknown. */
export const callerAddress = (c: Context, { addressOf }: Deps): string | null =>
  addressOf(c.env.incoming?.socket.remoteAddress, (name) => c.req.header(name))

/** The caller: address, country and user agent. */
export function callerOf(c: Context, deps: Deps): Caller {
  const ip = callerAddress(c, deps)
  return {
    ip,
    country: ip === null ? null : (deps.geo?.countryOf(ip) ?? null),
    userAgent: c.req.header('User-Agent')?.slice(0, maxUserAgentLength) ?? null,
  }
}
