import { z } from '@hono/zod-openapi'
import type { WireStatus } from '@halfkey/sdk'
import { endedStates, livingStates, type State } from '../../domain/secrets/secret.ts'
import { authenticateToken } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { detailsSchema, presentDetails } from '../presenters.ts'
import { readQuery } from '../read-body.ts'
import { page, paginationOf } from '../reply.ts'
import { listQuery } from '../schemas.ts'

/** `active` and `expired` are the two groups that `GET /stats` counts; the others are subsets of them. */
const statesOf: Record<WireStatus, readonly State[]> = {
  active: livingStates,
  expired: endedStates,
  uploading: ['uploading'],
  locked: ['locked'],
  viewed: ['viewed'],
  burned: ['burned'],
}

export const listSecrets: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/secrets',
  summary: 'List secrets',
  description:
    'The workspace’s secrets, newest first, including ended ones until they are purged. `status=active`: all that haven’t ' +
    'ended (`status` active, uploading or locked); `status=expired`: all that have ended for any reason (`status` ' +
    'expired, viewed or burned; `is_expired` true), as counted by `GET /stats`. The other values are subsets of these. A ' +
    'secret that has just expired changes groups with the next sweep, after about a second.',
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
      ...(status && { states: statesOf[status] }),
      ...(creator !== undefined && { creator }),
    })

    const data = secrets.map((record) => presentDetails(deps, record))
    return page(c, 'Secrets retrieved successfully', data, paginationOf(number, per_page, total))
  },
})
