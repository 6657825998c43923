import { z } from '@hono/zod-openapi'
import type { RequestPatch } from '../../domain/requests/patch.ts'
import { callerOf } from '../context.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { expiresIn, sealed } from '../schemas.ts'
import { anonymousQuotaOf, quotaExceeded, quotaOf } from '../workspace/quota.ts'
import { maximumAnswers } from './ask.ts'
import { authenticateRequest } from './authenticate.ts'
import { presentRequest, requestGone, requestSchema, throwIfEnded } from './present.ts'

export const patchRequestBody = z
  .strictObject({
    expires_in: expiresIn.optional().describe('Seconds from now; must not be later than the current expiry.'),
    maximum_answers: maximumAnswers
      .optional()
      .describe(
        'At most the current value, and at least the places taken. With no place left, the request is answered.',
      ),
    meta: sealed.optional(),
  })
  .openapi('PatchRequest')

const tooLoose: Partial<Record<keyof RequestPatch, Record<string, string[]>>> = {
  expiresAt: { expires_in: ['Can only be shortened.'] },
  maximumAnswers: { maximum_answers: ['Can only be lowered, and not below the answers already there.'] },
}

export const patchRequest: DefineOperation = (deps) => ({
  method: 'patch',
  path: '/api/v1/requests/{slug}',
  summary: 'Change a request',
  description:
    'Shortens the expiry, lowers the number of answers, or replaces the metadata. Nothing can be extended. Of an ended ' +
    'request, only the metadata can be replaced.',
  access: 'asker',
  body: patchRequestBody,
  reply: requestSchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'GONE', 'QUOTA_EXCEEDED'],

  async handle(c) {
    const { id, workspaceId } = await authenticateRequest(c, deps, 'requests:write')
    const { body } = await readBody(c, patchRequestBody)

    const now = deps.clock.now()
    const patch: RequestPatch = {
      ...(body.expires_in !== undefined && { expiresAt: now + body.expires_in * 1000 }),
      ...(body.maximum_answers !== undefined && { maximumAnswers: body.maximum_answers }),
      ...(body.meta !== undefined && { meta: body.meta }),
    }
    const isAnonymous = workspaceId === null
    const outcome = await deps.store.patchRequest(id, {
      fields: patch,
      now,
      caller: callerOf(c, deps),
      quota: isAnonymous ? anonymousQuotaOf(deps.config) : quotaOf(deps.config),
    })
    if (outcome.kind === 'exceeded') throw quotaExceeded(outcome, { isAnonymous })
    const request = await deps.store.readRequest(id)
    if (!request) throw new ApiError('NOT_FOUND')
    if (outcome.kind === 'ended') {
      throwIfEnded(request, now)
      throw requestGone(undefined)
    }
    if (outcome.kind === 'loosened')
      throw validationError(
        Object.assign({}, ...outcome.fields.map((field) => tooLoose[field])) as Record<string, string[]>,
      )

    return success(c, 'Request updated successfully', presentRequest(deps, request))
  },
})
