import type { DefineOperation } from '../operation.ts'
import { success } from '../reply.ts'
import { authenticateRequest } from './authenticate.ts'
import { presentRequest, requestSchema } from './present.ts'

export const getRequest: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/requests/{slug}',
  summary: 'Details of a request',
  description: 'For a token of its workspace, or with `Halfkey-Collect`.',
  access: 'asker',
  reply: requestSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const request = await authenticateRequest(c, deps, 'requests:read')
    return success(c, 'Request retrieved successfully', presentRequest(deps, request))
  },
})
