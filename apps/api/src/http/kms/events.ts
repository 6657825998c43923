import { z } from '@hono/zod-openapi'
import type { WireKmsEvents } from '@halfkey/sdk'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readQuery } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { wholeNumber } from '../schemas.ts'
import { authenticateKms } from './authenticate.ts'
import { kmsEventSchema, presentKmsEvent } from './present.ts'

const eventsQuery = z.strictObject({
  before: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'Must be the id of an event.')
    .transform(Number)
    .optional()
    .describe('Return events before this id.'),
  limit: wholeNumber(1, 1000).optional().describe('Events per page; default 100.'),
})

const eventsSchema = replySchema<WireKmsEvents>()(
  z.object({ events: z.array(kmsEventSchema), next: z.int().nullable() }).openapi('NamedSecretEvents'),
)

export const listKmsEvents: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/kms/{handler}/events',
  summary: 'Access log of a named secret',
  description:
    'Who, when and from where, newest first. `next` is the `before` of the next page. Calls for a handler that didn’t ' +
    'exist yet are only in the workspace’s log.',
  access: 'token',
  query: eventsQuery,
  reply: eventsSchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { name } = await authenticateKms(c, deps, 'kms:read')
    const { before, limit = 100 } = readQuery(c, eventsQuery)
    const found = await deps.store.listKmsEvents({ ...name, before, limit: limit + 1 })
    if (!found) throw new ApiError('NOT_FOUND')

    const shown = found.slice(0, limit)
    const next = found.length > limit ? (shown.at(-1)?.id ?? null) : null
    const events: WireKmsEvents = { events: shown.map(presentKmsEvent), next }
    return success(c, 'Events retrieved successfully', events)
  },
})
