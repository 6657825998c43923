import { z } from '@hono/zod-openapi'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { key, longTerm, sealed } from '../schemas.ts'
import { authenticateKms } from './authenticate.ts'
import { entrySchema, presentEntry } from './present.ts'
import { whitelist } from './put.ts'

const patchBody = z
  .strictObject({
    meta: sealed.optional(),
    previous_meta: sealed
      .nullable()
      .optional()
      .describe('The value that `meta` replaces; null: none. A 409 if it has changed meanwhile.'),
    whitelist: whitelist.optional(),
    expires_in: longTerm
      .nullable()
      .optional()
      .describe('Expiry of the newest version, in seconds from now; null: never.'),
    rotate_after: longTerm.nullable().optional().describe('Seconds; null: never.'),
    workspace_check: key
      .optional()
      .describe('Of the workspace key that `meta` is sealed under: refused (409) if the workspace has another.'),
  })
  .openapi('PatchNamedSecret')

export const patchKms: DefineOperation = (deps) => ({
  method: 'patch',
  path: '/api/v1/kms/{handler}',
  summary: 'Change a named secret’s configuration',
  description: 'Omitted fields stay unchanged. To change the content, put a new version.',
  access: 'token',
  body: patchBody,
  reply: entrySchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT'],

  async handle(c) {
    const { token, caller, name } = await authenticateKms(c, deps, 'kms:write')
    const { body } = await readBody(c, patchBody)

    const now = deps.clock.now()
    const outcome = await deps.store.patchKms({
      ...name,
      token,
      caller,
      meta: body.meta,
      previousMeta: body.previous_meta,
      whitelist: body.whitelist && (body.whitelist.length > 0 ? body.whitelist : null),
      expiresAt: body.expires_in && now + body.expires_in * 1000,
      rotateAfter: body.rotate_after && body.rotate_after * 1000,
      workspaceCheck: body.workspace_check,
      now,
    })
    if (outcome.kind === 'unknown') throw new ApiError('NOT_FOUND')
    if (outcome.kind === 'conflict') throw new ApiError('CONFLICT', { field: 'previous_meta' })
    if (outcome.kind === 'rekeyed') throw new ApiError('CONFLICT', { workspace_check: outcome.workspaceCheck })

    return success(c, 'Named secret updated successfully', presentEntry(outcome.record, now))
  },
})
