import { z } from '@hono/zod-openapi'
import { gone } from '../../domain/policies/policy.ts'
import type { Patch } from '../../store/store.ts'
import { authenticateOwner } from '../authenticate.ts'
import { callerOf } from '../context.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { detailsSchema, presentDetails } from '../presenters.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { anonymousQuotaOf, quotaExceeded, quotaOf } from '../workspace/quota.ts'
import { expiresIn, maximumViews, sealed } from '../schemas.ts'

export const patchBody = z
  .strictObject({
    expires_in: expiresIn.optional().describe('Seconds from now; must not be later than the current expiry.'),
    maximum_views: maximumViews.optional().describe('At most the current value, and more than the views already used.'),
    unlock: z.literal(true, 'Must be true.').optional().describe('Resets failed attempts and unused codes.'),
    meta: sealed.optional(),
  })
  .openapi('PatchSecret')

const tooLoose: Partial<Record<keyof Patch, Record<string, string[]>>> = {
  expiresAt: { expires_in: ['Can only be shortened.'] },
  maximumViews: { maximum_views: ['Can only be lowered, and must stay above the views already used.'] },
}

export const patchSecret: DefineOperation = (deps) => ({
  method: 'patch',
  path: '/api/v1/secrets/{slug}',
  summary: 'Change a secret',
  description:
    'Shortens the expiry, lowers the views, unlocks, or replaces the metadata. Nothing can be extended. Of an ended secret, only the metadata can be replaced.',
  access: 'owner',
  body: patchBody,
  reply: detailsSchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'GONE', 'QUOTA_EXCEEDED'],

  async handle(c) {
    const { id, workspaceId } = await authenticateOwner(c, deps, 'secrets:write')
    const isAnonymous = workspaceId === null
    const { body } = await readBody(c, patchBody)

    const now = deps.clock.now()
    const outcome = await deps.store.patch(id, {
      fields: {
        ...(body.expires_in !== undefined && { expiresAt: now + body.expires_in * 1000 }),
        ...(body.maximum_views !== undefined && { maximumViews: body.maximum_views }),
        ...(body.unlock && { unlock: true }),
        ...(body.meta !== undefined && { meta: body.meta }),
      },
      now,
      caller: callerOf(c, deps),
      quota: isAnonymous ? anonymousQuotaOf(deps.config) : quotaOf(deps.config),
    })
    if (outcome.kind === 'exceeded') throw quotaExceeded(outcome, { isAnonymous })
    const record = await deps.store.readRecord(id)
    if (!record) throw new ApiError('NOT_FOUND')
    if (outcome.kind === 'ended')
      throw new ApiError('GONE', gone(record.cause ?? 'expired', record.endedAt ?? record.expiresAt).details)
    if (outcome.kind === 'loosened')
      throw validationError(
        Object.assign({}, ...outcome.fields.map((field) => tooLoose[field])) as Record<string, string[]>,
      )

    return success(c, 'Secret updated successfully', presentDetails(deps, record))
  },
})
