/**
 * Which other origins may read the API's replies (Fetch Standard, “CORS protocol”). Calls of recipients and of those who
 * answer are open to all origins, because the link itself is the credential; other calls are open to the origins in the settings. The browser's
 * own credentials are never used: there are no cookies. Web pages are never readable from other origins.
 */
import type { MiddlewareHandler } from 'hono'
import type { Context, Env } from './context.ts'
import { empty } from './reply.ts'

interface Sharing {
  methods: string
  /** Request headers, beyond the CORS-safelisted ones. */
  headers: string
}

const forRecipients: Sharing = {
  methods: 'GET, POST',
  headers: 'Content-Type, Halfkey-Access, Halfkey-Collect, Halfkey-Grant, If-Range, Range',
}

const forOwners: Sharing = {
  methods: 'DELETE, GET, PATCH, POST, PUT',
  headers: 'Authorization, Content-Type, Halfkey-Collect, Halfkey-Manage, Halfkey-Region',
}

/** Response headers, beyond the CORS-safelisted ones. */
const exposedHeaders =
  'Accept-Ranges, Content-Disposition, Content-Range, Halfkey-Audit-Head, RateLimit, RateLimit-Policy, Retry-After, ' +
  'X-Request-Id'

/** Chromium's maximum; other browsers cap it themselves. */
const preflightSeconds = '7200'

const vary = { Vary: 'Origin' }
const headersFor = (allowed: string) => ({
  ...vary,
  'Access-Control-Allow-Origin': allowed,
  'Access-Control-Expose-Headers': exposedHeaders,
})

const isPreflight = (c: Context): boolean =>
  c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined

/**
 * @param owners  origins as browsers write them, or `*`
 *
 * A rejected preflight is a 404, like any other OPTIONS. Access from public pages to private networks
 * (`Access-Control-Allow-Private-Network`) is never granted: browsers then ask their user.
 */
export function shareWith(owners: readonly string[]): MiddlewareHandler<Env> {
  return (c, next) => {
    const [, room] = /^\/api\/v1\/(links|asks)\//.exec(c.req.path) ?? []
    const isRecipients = room !== undefined
    const [sharing, origins] = isRecipients ? [forRecipients, ['*']] : [forOwners, owners]
    const origin = c.req.header('Origin')
    const allowed = origin === undefined ? undefined : origins.find((entry) => entry === '*' || entry === origin)
    c.set('cors', allowed === undefined ? vary : headersFor(allowed))
    if (allowed === undefined || !isPreflight(c)) return next()
    c.set('route', isRecipients ? `/api/v1/${room}/*` : '/api/v1/*')
    const granted = {
      'Access-Control-Allow-Methods': sharing.methods,
      'Access-Control-Allow-Headers': sharing.headers,
      'Access-Control-Max-Age': preflightSeconds,
    }
    return Promise.resolve(empty(c, granted))
  }
}
