import { z } from '@hono/zod-openapi'
import { authenticateOwnerOrReceipt } from '../authenticate.ts'
import { callerOf } from '../context.ts'
import { removeDueBlobs } from '../../jobs/remove-blobs.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readQuery } from '../read-body.ts'
import { success } from '../reply.ts'

const deleteQuery = z.strictObject({
  purge: z.enum(['true', 'false'], 'Must be true or false.').optional().describe('Also delete the record.'),
})

export const deleteSecret: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/secrets/{slug}',
  summary: 'Burn a secret',
  description:
    'Immediately destroys the content, even while reveals are open. Idempotent. `purge` also deletes the record, unless ' +
    'it doesn’t match the access log. The manage key of an answer to a request burns it until it is first opened, and ' +
    'can’t purge it.',
  access: 'owner',
  query: deleteQuery,
  reply: z.null(),
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],

  async handle(c) {
    const { id, requestId, attachmentsCount } = await authenticateOwnerOrReceipt(c, deps, 'secrets:write')
    const { purge } = readQuery(c, deleteQuery)
    // The record of an answer is its request's.
    if (requestId !== null && purge === 'true') throw new ApiError('NOT_FOUND')

    const now = deps.clock.now()
    if (requestId === null) await deps.store.burn(id, now, callerOf(c, deps))
    else if ((await deps.store.takeBackAnswer(id, now, callerOf(c, deps))) === 'collected')
      throw new ApiError('CONFLICT', { collected: true })
    const isPurged = purge !== 'true' || (await deps.store.purge(id, now))
    if (attachmentsCount > 0) await removeDueBlobs(deps)
    if (!isPurged)
      throw new ApiError('CONFLICT', { purge: 'The record doesn’t match the access log. Contact the operator.' })

    return success(c, 'Secret deleted successfully', null)
  },
})
