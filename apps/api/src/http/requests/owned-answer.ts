/** What whoever asked does to one answer, as the owner of a secret does (spec/protocol.md section 10, step 5). */
import { z } from '@hono/zod-openapi'
import type { Answer, FullRequest } from '../../store/requests.ts'
import { removeDueBlobs } from '../../jobs/remove-blobs.ts'
import type { Context, Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { authenticateRequest } from './authenticate.ts'
import { answerSchema, presentAnswer } from './present.ts'

export const unlockAnswerBody = z
  .strictObject({ unlock: z.literal(true, 'Must be true.').describe('Resets failed attempts.') })
  .openapi('PatchAnswer')

/** The answer in the path, if the request's list has it. */
async function findAnswer(c: Context, { store }: Deps, { id }: FullRequest): Promise<Answer> {
  const slug = c.req.param('answer')
  const found = (await store.listAnswers(id)).find((answer) => answer.slug === slug)
  if (!found) throw new ApiError('NOT_FOUND')
  return found
}

export const unlockAnswer: DefineOperation = (deps) => ({
  method: 'patch',
  path: '/api/v1/requests/{slug}/answers/{answer}',
  summary: 'Unlock an answer',
  description: 'Resets the failed attempts of an answer with a password, which lock it. Idempotent.',
  access: 'asker',
  body: unlockAnswerBody,
  reply: answerSchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'GONE'],

  async handle(c) {
    const request = await authenticateRequest(c, deps, 'requests:write')
    const { id } = await findAnswer(c, deps, request)
    const { body } = await readBody(c, unlockAnswerBody, 1024)

    const now = deps.clock.now()
    const { kind } = await deps.store.patch(id, { fields: body, now, caller: callerOf(c, deps) })
    const answer = presentAnswer(await findAnswer(c, deps, request), now)
    if (kind === 'ended') throw new ApiError('GONE', { cause: answer.status, at: answer.ended_at })

    return success(c, 'Answer unlocked', answer)
  },
})

export const destroyAnswer: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/requests/{slug}/answers/{answer}',
  summary: 'Destroy an answer',
  description:
    'Immediately destroys its content, even while reveals are open. Idempotent. It stays among the request’s answers, and ' +
    'gives no place back.',
  access: 'asker',
  reply: z.null(),
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id, attachmentsCount } = await findAnswer(c, deps, await authenticateRequest(c, deps, 'requests:write'))

    await deps.store.burn(id, deps.clock.now(), callerOf(c, deps))
    if (attachmentsCount > 0) await removeDueBlobs(deps)

    return success(c, 'Answer destroyed', null)
  },
})
