import { z } from '@hono/zod-openapi'
import type { DefineOperation } from '../operation.ts'
import { readQuery } from '../read-body.ts'
import { success } from '../reply.ts'
import { wholeNumber } from '../schemas.ts'
import { authenticateRequest } from './authenticate.ts'
import { answerSchema, presentAnswer } from './present.ts'

const answersQuery = z.strictObject({
  wait: wholeNumber(0, 25)
    .optional()
    .describe(
      'Seconds to wait for more answers than `seen`. The reply comes earlier if the request takes no more, if too many calls ' +
        'are waiting, or if the server stops.',
    ),
  seen: wholeNumber(0, 100).optional().describe('How many answers the caller has listed already. Default: none.'),
})

export const listAnswers: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/requests/{slug}/answers',
  summary: 'List the answers to a request',
  description:
    'Oldest first, including ended ones; an answer with files appears once they are uploaded. Each is opened like any ' +
    'secret, with `Halfkey-Collect` besides `Halfkey-Access` in every call. With `wait`, the reply comes once there are new ones.',
  access: 'asker',
  query: answersQuery,
  reply: z.array(answerSchema),
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id } = await authenticateRequest(c, deps, 'requests:read')
    const { wait = 0, seen = 0 } = readQuery(c, answersQuery)
    if (wait > 0) {
      // So that the log and the metrics don't mistake waiting for slowness.
      c.set('route', `${c.get('route')}?wait`)
      await deps.awaited.wait({ requestId: id, seen, ms: wait * 1000, signal: c.req.raw.signal })
      // A token may have been revoked meanwhile.
      await authenticateRequest(c, deps, 'requests:read')
    }
    const answers = await deps.store.listAnswers(id)
    const now = deps.clock.now()
    return success(
      c,
      'Answers retrieved successfully',
      answers.map((answer) => presentAnswer(answer, now)),
    )
  },
})
