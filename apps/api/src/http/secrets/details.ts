import type { WireDetails } from '@halfkey/sdk'
import { authenticateOwnerOrReceipt } from '../authenticate.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { detailsSchema, iso, presentDetails } from '../presenters.ts'
import { success } from '../reply.ts'

export const getSecret: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/secrets/{slug}',
  summary: 'Details of a secret',
  description:
    'Everything but the content. Doesn’t use up a view. The manage key of an answer to a request also learns when it was ' +
    'first opened.',
  access: 'owner',
  reply: detailsSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id, requestId } = await authenticateOwnerOrReceipt(c, deps, 'secrets:read')
    const record = await deps.store.readRecord(id)
    if (!record) throw new ApiError('NOT_FOUND')
    const collectedAt = requestId === null ? null : await deps.store.readCollectedAt(id)
    const details: WireDetails = {
      ...presentDetails(deps, record),
      ...(collectedAt !== null && { collected_at: iso(collectedAt) }),
    }
    return success(c, 'Secret retrieved successfully', details)
  },
})
