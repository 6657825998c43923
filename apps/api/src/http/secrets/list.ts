import { z } from '@hono/zod-openapi'
import type { WireStatus } from '@halfkey/sdk'
import { endedStates, livingStates, type State } from '../../domain/secrets/secret.ts'
import { authenticateToken } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { detailsSchema, presentDetails } from '../presenters.ts'
import { readQuery } from '../read-body.ts'
import { page } from '../reply.ts'
import { listQuery } from '../schemas.ts'

/** `active` and `expired` are the two halves that `GET /stats` counts; the others narrow them down. */
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
    'The workspace’s secrets, newest first, ended ones included until they are purged. `status=active`: everything ' +
    'that hasn’t ended (`status` active, uploading or locked); `status=expired`: everything that has ended, whatever ' +
    'the cause (`status` expired, viewed or burned; `is_expired` true), as `GET /stats` counts them. The other values ' +
    'narrow these down. A secret whose time has just run out moves with the next sweep, after a second.',
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
    const last_page = Math.max(1, Math.ceil(total / per_page))
    return page(c, 'Secrets retrieved successfully', data, { current_page: number, per_page, total, last_page })
  },
})
