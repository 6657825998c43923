import { z } from '@hono/zod-openapi'
import { authenticateToken } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { detailsSchema, presentDetails } from '../presenters.ts'
import { readQuery } from '../read-body.ts'
import { page } from '../reply.ts'
import { listQuery } from '../schemas.ts'

export const listSecrets: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/secrets',
  summary: 'List secrets',
  description: 'The workspace’s secrets, newest first, ended ones included until they are purged.',
  access: 'token',
  query: listQuery,
  reply: z.array(detailsSchema),
  paged: true,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(c, deps, 'secrets:read')
    const { status, creator, page: number = 1, per_page = 50 } = readQuery(c, listQuery)

    const { secrets, total } = await deps.store.listSecrets({
      workspaceId,
      page: number,
      perPage: per_page,
      ...(status && { state: status }),
      ...(creator !== undefined && { creator }),
    })

    const data = secrets.map((record) => presentDetails(deps, record))
    const last_page = Math.max(1, Math.ceil(total / per_page))
    return page(c, 'Secrets retrieved successfully', data, { current_page: number, per_page, total, last_page })
  },
})
