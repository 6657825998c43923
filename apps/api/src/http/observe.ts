/** Request ids, the request log and metrics. They contain a URL's route pattern, and nothing else from the request. */
import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Logger } from 'pino'
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'
import type { Env } from './context.ts'

export interface Metrics {
  registry: Registry
  requests: Histogram<'method' | 'route' | 'status'>
  swept: Counter<'what'>
  denialsDropped: Counter
  logLinesDropped: Counter
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    requests: new Histogram({
      name: 'halfkey_request_duration_seconds',
      help: 'Time from a request to its reply',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers: [registry],
    }),
    swept: new Counter({
      name: 'halfkey_swept_total',
      help: 'Secrets that the sweeper expired, destroyed or purged',
      labelNames: ['what'],
      registers: [registry],
    }),
    denialsDropped: new Counter({
      name: 'halfkey_denials_dropped_total',
      help: 'Denied attempts missing from the access log, because there were too many at once',
      registers: [registry],
    }),
    logLinesDropped: new Counter({
      name: 'halfkey_log_lines_dropped_total',
      help: 'Lines of the request log that couldn’t be written',
      registers: [registry],
    }),
  }
}

export function observe(log: Logger, { requests }: Metrics): MiddlewareHandler<Env> {
  return async (c, next) => {
    const start = performance.now()
    const request_id = randomUUID()
    c.set('requestId', request_id)
    c.set('route', 'none')
    await next()
    const { method } = c.req
    const route = c.get('route')
    // A streamed reply was sent with its own status.
    const { outgoing } = c.env
    const status = outgoing?.headersSent ? outgoing.statusCode : c.res.status
    const ms = performance.now() - start
    requests.observe({ method, route, status }, ms / 1000)
    log.info({ request_id, method, route, status, ms: Math.round(ms * 10) / 10 })
  }
}
