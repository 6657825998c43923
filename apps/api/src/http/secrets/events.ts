import { z } from '@hono/zod-openapi'
import { authenticateOwner } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { eventSchema, presentEvent } from '../presenters.ts'
import { success } from '../reply.ts'

export const listEvents: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/secrets/{slug}/events',
  summary: 'Access log of a secret',
  description: 'Who, when and from where, oldest first; at most the newest 1000 denied attempts.',
  access: 'owner',
  reply: z.array(eventSchema),
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id } = await authenticateOwner(c, deps, 'secrets:read')
    const events = await deps.store.listEvents(id)
    return success(c, 'Events retrieved successfully', events.map(presentEvent))
  },
})
