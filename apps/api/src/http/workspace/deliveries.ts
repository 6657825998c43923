import { z } from '@hono/zod-openapi'
import { authenticateWholeAdmin } from '../authenticate.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { deliverySchema, presentDelivery } from '../presenters.ts'
import { readQuery } from '../read-body.ts'
import { page, paginationOf, success } from '../reply.ts'
import { pageQuery } from '../schemas.ts'

const deliveriesQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(['pending', 'delivered', 'failed']).optional(),
})

export const listDeliveries: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/deliveries',
  summary: 'List deliveries',
  description:
    'The workspace’s notifications by webhook and e-mail, newest first, kept as long as the record of their secret. Like ' +
    'all calls for webhooks and deliveries, not for tokens with handler patterns, because it reveals every named secret.',
  access: 'token',
  query: deliveriesQuery,
  reply: z.array(deliverySchema),
  paged: true,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateWholeAdmin(c, deps)
    const { status, page: number = 1, per_page = 50 } = readQuery(c, deliveriesQuery)
    const query = { workspaceId, page: number, perPage: per_page, ...(status && { status }) }
    const { deliveries, total } = await deps.store.listDeliveries(query)
    return page(
      c,
      'Deliveries retrieved successfully',
      deliveries.map(presentDelivery),
      paginationOf(number, per_page, total),
    )
  },
})

export const redeliver: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/deliveries/{id}/redeliver',
  summary: 'Redeliver a notification',
  description:
    'Immediately, with the same id. More than 24 hours after the event, there is only one attempt. A delivered e-mail can’t ' +
    'be sent again, because its address has been deleted.',
  access: 'token',
  reply: deliverySchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { workspaceId } = await authenticateWholeAdmin(c, deps)
    const outcome = await deps.store.redeliver(workspaceId, c.req.param('id') ?? '', deps.clock.now())
    if (outcome === 'unknown') throw new ApiError('NOT_FOUND')
    if (outcome === 'forgotten') throw validationError({ id: ['Its address or webhook has been deleted.'] })
    return success(c, 'Message queued', presentDelivery(outcome))
  },
})
