import { z } from '@hono/zod-openapi'
import { removeDueBlobs } from '../../jobs/remove-blobs.ts'
import { authenticateRecipient } from '../authenticate.ts'
import { callerOf } from '../context.ts'
import { validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { limitUnproven } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { id } from '../schemas.ts'

const ackBody = z.strictObject({ reveal_id: id }).openapi('Ack')

export const ackLink: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/links/{slug}/ack',
  summary: 'Confirm that the secret was received',
  description:
    'Call it once everything is decrypted and saved. If no views are left, the content and files are destroyed as soon as ' +
    'every reveal is confirmed or its grace time is over.',
  access: 'recipient',
  body: ackBody,
  reply: z.null(),
  errors: ['VALIDATION_ERROR', 'NOT_FOUND'],

  async handle(c) {
    const { id: secretId, attachmentsCount } = await authenticateRecipient(c, deps)
    const { body } = await readBody(c, ackBody, 1024)

    const revealId = Buffer.from(body.reveal_id, 'base64url')
    const outcome = await deps.store.ackReveal(secretId, revealId, deps.clock.now(), callerOf(c, deps))
    if (outcome === 'unknown') {
      await limitUnproven(c, deps)
      throw validationError({ reveal_id: ['No reveal with this id was recorded.'] })
    }

    if (attachmentsCount > 0) await removeDueBlobs(deps)
    return success(c, 'Reveal acknowledged', null)
  },
})
