/** Regions: what was meant for another region's server is refused before anything of it is read, kept or logged. */
import type { MiddlewareHandler } from 'hono'
import type { Env } from './context.ts'
import { ApiError } from './errors.ts'

/**
 * A call without the header is meant for whichever server it reached, as every recipient's is.
 *
 * @throws ApiError WRONG_REGION
 */
export function checkRegion(region: string | undefined): MiddlewareHandler<Env> {
  return async (c, next) => {
    const meant = c.req.header('Halfkey-Region')
    if (region !== undefined && meant !== undefined && meant !== region) throw new ApiError('WRONG_REGION')
    await next()
  }
}
