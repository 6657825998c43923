import { z } from '@hono/zod-openapi'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readQuery } from '../read-body.ts'
import { success } from '../reply.ts'
import { authenticateRequest } from './authenticate.ts'

const withdrawQuery = z.strictObject({
  purge: z
    .enum(['true', 'false'], 'Must be true or false.')
    .optional()
    .describe('Also delete the record and those of its answers, once all of them have ended.'),
})

export const withdrawRequest: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/requests/{slug}',
  summary: 'Withdraw a request',
  description:
    'It takes no answers from then on; those that are there can still be collected. Idempotent. `purge` also deletes the ' +
    'record: a 409 while an answer hasn’t ended, or if the record doesn’t match the access log.',
  access: 'asker',
  query: withdrawQuery,
  reply: z.null(),
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],

  async handle(c) {
    const { id } = await authenticateRequest(c, deps, 'requests:write')
    const { purge } = readQuery(c, withdrawQuery)

    const now = deps.clock.now()
    await deps.store.withdrawRequest(id, now, callerOf(c, deps))
    await deps.awaited.look([id])
    if (purge === 'true') {
      const purged = await deps.store.purgeRequest(id, now)
      if (purged.kind === 'living') throw new ApiError('CONFLICT', { answers: purged.answers })
      if (purged.kind !== 'done')
        throw new ApiError('CONFLICT', { purge: 'The record doesn’t match the access log. Contact the operator.' })
    }
    return success(c, 'Request withdrawn', null)
  },
})
