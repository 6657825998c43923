import { z } from '@hono/zod-openapi'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { success } from '../reply.ts'
import { authenticateKms } from './authenticate.ts'

export const deleteKms: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/kms/{handler}',
  summary: 'Delete a named secret',
  description:
    'Immediately destroys every version. Version numbers aren’t reused: a later put continues the numbering. Idempotent.',
  access: 'token',
  reply: z.null(),
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { name, ...actor } = await authenticateKms(c, deps, 'kms:write')
    const known = await deps.store.deleteKms(name, actor, deps.clock.now())
    if (!known) throw new ApiError('NOT_FOUND')
    return success(c, 'Named secret deleted successfully', null)
  },
})
