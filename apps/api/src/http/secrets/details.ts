import { authenticateOwner } from '../authenticate.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { detailsSchema, presentDetails } from '../presenters.ts'
import { success } from '../reply.ts'

export const getSecret: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/secrets/{slug}',
  summary: 'Details of a secret',
  description: 'Everything but the content. Doesn’t use up a view.',
  access: 'owner',
  reply: detailsSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id } = await authenticateOwner(c, deps, 'secrets:read')
    const record = await deps.store.readRecord(id)
    if (!record) throw new ApiError('NOT_FOUND')
    return success(c, 'Secret retrieved successfully', presentDetails(deps, record))
  },
})
