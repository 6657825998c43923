import { z } from '@hono/zod-openapi'
import type { DefineOperation } from '../operation.ts'
import { success } from '../reply.ts'
import { authenticateRequest } from './authenticate.ts'
import { answerSchema, presentAnswer } from './present.ts'

export const listAnswers: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/requests/{slug}/answers',
  summary: 'List the answers to a request',
  description:
    'Oldest first, including ended ones; an answer with files appears once they are uploaded. Each is opened like any ' +
    'secret, with `Halfkey-Collect` besides `Halfkey-Access` in every call.',
  access: 'asker',
  reply: z.array(answerSchema),
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id } = await authenticateRequest(c, deps, 'requests:read')
    const answers = await deps.store.listAnswers(id)
    const now = deps.clock.now()
    return success(
      c,
      'Answers retrieved successfully',
      answers.map((answer) => presentAnswer(answer, now)),
    )
  },
})
