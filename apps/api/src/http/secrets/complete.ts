import { authenticateOwnerOrReceipt } from '../authenticate.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { detailsSchema, presentDetails } from '../presenters.ts'
import { success } from '../reply.ts'
import { endedError } from './upload.ts'

export const completeUpload: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/secrets/{slug}/complete',
  summary: 'Finish an upload',
  description:
    'From then on, recipients can open the secret. If parts are missing, the error lists them. Idempotent: repeating it ' +
    'returns the secret’s current details.',
  access: 'owner',
  reply: detailsSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'GONE', 'UPLOAD_INCOMPLETE'],

  async handle(c) {
    const { id, requestId } = await authenticateOwnerOrReceipt(c, deps, 'secrets:write')

    const outcome = await deps.store.completeUpload(id, deps.clock.now())
    const record = await deps.store.readRecord(id)
    if (!record) throw new ApiError('NOT_FOUND')
    if (outcome.kind === 'ended') throw endedError(record)
    if (outcome.kind === 'incomplete') throw new ApiError('UPLOAD_INCOMPLETE', { missing: outcome.missing })

    if (requestId !== null) await deps.awaited.look([requestId])
    return success(c, 'Upload completed', presentDetails(deps, record))
  },
})
