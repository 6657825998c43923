import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { success } from '../reply.ts'
import { authenticateKms } from './authenticate.ts'
import { entrySchema, presentEntry } from './present.ts'

export const getKms: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/kms/{handler}',
  summary: 'A named secret’s configuration',
  description:
    'Everything but the content. The handler is one percent-encoded segment. `kms:read` or `kms:write`: whoever puts a ' +
    'version first opens `meta` with its key.',
  access: 'token',
  reply: entrySchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { name } = await authenticateKms(c, deps, 'kms:read', 'kms:write')
    const entry = await deps.store.findKms(name)
    if (!entry) throw new ApiError('NOT_FOUND')
    return success(c, 'Named secret retrieved successfully', presentEntry(entry, deps.clock.now()))
  },
})
