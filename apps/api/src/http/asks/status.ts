import { z } from '@hono/zod-openapi'
import type { WireAskStatus } from '@halfkey/sdk'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso } from '../presenters.ts'
import { limitLooking } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { authenticateAnswerer, requireRequests } from '../requests/authenticate.ts'
import { answerLimitsSchema, presentLimits, throwIfEnded } from '../requests/present.ts'
import { time } from '../schemas.ts'

const askStatusSchema = replySchema<WireAskStatus>()(
  z
    .object({
      note: z.string(),
      public_key: z.string().describe('The ask link is bound to it: check it before sealing anything.'),
      answers_left: z.int().min(1),
      expiration: time.describe('Until when the request takes answers.'),
      limits: answerLimitsSchema,
      asked_by: z.string().describe('`anonymous`, or the workspace’s name: on the server’s word.'),
    })
    .openapi('AskStatus'),
)

const statusBody = z.strictObject({})

export const askStatus: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/asks/{slug}/status',
  summary: 'What is asked for, and what an answer may be',
  description: 'For a holder of the ask link.',
  access: 'answerer',
  body: statusBody,
  reply: askStatusSchema,
  errors: ['VALIDATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'GONE'],

  async handle(c) {
    await limitLooking(c, deps)
    const request = await authenticateAnswerer(c, deps)
    await readBody(c, statusBody, 1024)
    requireRequests(deps)
    throwIfEnded(request, deps.clock.now())
    const { content } = request
    // It ended, and was destroyed, in between.
    if (!content) throw new ApiError('NOT_FOUND')

    deps.denials.addFirst(request.slug, null, callerOf(c, deps), 'request.seen')
    const status: WireAskStatus = {
      note: content.note,
      public_key: content.publicKey.toString('base64url'),
      answers_left: request.maximumAnswers - request.answers,
      expiration: iso(request.expiresAt),
      limits: presentLimits(request.limits),
      asked_by: request.workspaceName ?? 'anonymous',
    }
    return success(c, 'Request is ready to be answered', status)
  },
})
