/**
 * Which pages of other origins may read what the API answers (Fetch Standard, «CORS protocol»). Recipients' calls are
 * open to all, because what opens a link is in the link; the others to the origins that the settings name. No call is
 * made with credentials of the browser's own: there are no cookies. Pages are never readable from elsewhere.
 */
import type { MiddlewareHandler } from 'hono'
import type { Context, Env } from './context.ts'
import { empty } from './reply.ts'

interface Sharing {
  methods: string
  /** Of the request, beyond those that need no leave. */
  headers: string
}

const forRecipients: Sharing = {
  methods: 'GET, POST',
  headers: 'Content-Type, Halfkey-Access, Halfkey-Grant, If-Range, Range',
}

const forOwners: Sharing = {
  methods: 'DELETE, GET, PATCH, POST, PUT',
  headers: 'Authorization, Content-Type, Halfkey-Manage, Halfkey-Region',
}

/** Of the reply, beyond those that every script may read. */
const exposedHeaders =
  'Accept-Ranges, Content-Disposition, Content-Range, Halfkey-Audit-Head, RateLimit, RateLimit-Policy, Retry-After, ' +
  'X-Request-Id'

/** Chromium's longest; others cut it themselves. */
const preflightSeconds = '7200'

const isPreflight = (c: Context): boolean =>
  c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined

/**
 * @param owners  origins as browsers write them, or `*`
 *
 * A preflight that may not pass is a 404, as any OPTIONS. Leave to come from a public page into a private network
 * (`Access-Control-Allow-Private-Network`) is never given: whoever wants that has the browser ask its user.
 */
export function shareWith(owners: readonly string[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const isRecipients = c.req.path.startsWith('/api/v1/links/')
    const [sharing, origins] = isRecipients ? [forRecipients, ['*']] : [forOwners, owners]
    const origin = c.req.header('Origin')
    const allowed = origin === undefined ? undefined : origins.find((entry) => entry === '*' || entry === origin)
    c.set('cors', {
      Vary: 'Origin',
      ...(allowed !== undefined && {
        'Access-Control-Allow-Origin': allowed,
        'Access-Control-Expose-Headers': exposedHeaders,
      }),
    })
    if (allowed === undefined || !isPreflight(c)) return next()
    c.set('route', isRecipients ? '/api/v1/links/*' : '/api/v1/*')
    return empty(c, {
      'Access-Control-Allow-Methods': sharing.methods,
      'Access-Control-Allow-Headers': sharing.headers,
      'Access-Control-Max-Age': preflightSeconds,
    })
  }
}
