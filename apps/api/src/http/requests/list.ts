import { z } from '@hono/zod-openapi'
import { authenticateToken } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { readQuery } from '../read-body.ts'
import { page, paginationOf } from '../reply.ts'
import { requestsQuery } from '../schemas.ts'
import { presentRequest, requestSchema } from './present.ts'

export const listRequests: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/requests',
  summary: 'List requests',
  description:
    'The workspace’s requests, newest first, including ended ones until they are purged. A request that has just expired ' +
    'changes its `status` filter with the next sweep, after about a second.',
  access: 'token',
  query: requestsQuery,
  reply: z.array(requestSchema),
  paged: true,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(c, deps, 'requests:read')
    const { status, page: number = 1, per_page = 50 } = readQuery(c, requestsQuery)

    const { requests, total } = await deps.store.listRequests({
      workspaceId,
      page: number,
      perPage: per_page,
      ...(status && { state: status }),
    })

    const data = requests.map((request) => presentRequest(deps, request))
    return page(c, 'Requests retrieved successfully', data, paginationOf(number, per_page, total))
  },
})
