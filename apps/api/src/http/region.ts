/** Rejects requests for another region's server before anything is read, stored or logged. */
import type { MiddlewareHandler } from 'hono'
import type { Env } from './context.ts'
import { ApiError } from './errors.ts'

/**
 * Requests without the header are accepted by any server, as recipients' requests are.
 *
 * @throws ApiError WRONG_REGION
 */
export function checkRegion(region: string): MiddlewareHandler<Env> {
  return async (c, next) => {
    const requested = c.req.header('Halfkey-Region')
    if (requested !== undefined && requested !== region) throw new ApiError('WRONG_REGION')
    await next()
  }
}
