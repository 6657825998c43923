import { authenticateToken } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { presentStats, statsSchema } from '../presenters.ts'
import { success } from '../reply.ts'

export const getStats: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/stats',
  summary: 'Statistics of the workspace',
  description: 'Read from counters, which are updated with every change.',
  access: 'token',
  reply: statsSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(c, deps, 'secrets:read')
    const stats = await deps.store.readStats(workspaceId, deps.clock.now())
    return success(c, 'Secrets statistics retrieved successfully', presentStats(stats))
  },
})
