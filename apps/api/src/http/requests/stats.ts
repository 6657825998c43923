import { authenticateToken } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { success } from '../reply.ts'
import { presentRequestStats, requestStatsSchema } from './present.ts'

export const getRequestStats: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/requests/stats',
  summary: 'Statistics of the workspace’s requests',
  description: 'Read from counters, which are updated with every change.',
  access: 'token',
  reply: requestStatsSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(c, deps, 'requests:read')
    const stats = await deps.store.readRequestStats(workspaceId)
    return success(c, 'Statistics of requests retrieved successfully', presentRequestStats(stats))
  },
})
