import { z } from '@hono/zod-openapi'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readQuery } from '../read-body.ts'
import { page, paginationOf, success } from '../reply.ts'
import { pageQuery } from '../schemas.ts'
import { authenticateKms, readVersion } from './authenticate.ts'
import { presentVersion, versionSchema } from './present.ts'

const versionsQuery = z.strictObject(pageQuery)

export const listKmsVersions: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/kms/{handler}/versions',
  summary: 'A named secret’s versions',
  description: 'Newest first, without content. Also lists those of a deleted named secret, until its record is purged.',
  access: 'token',
  query: versionsQuery,
  reply: z.array(versionSchema),
  paged: true,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { name } = await authenticateKms(c, deps, 'kms:read')
    const { page: number = 1, per_page = 50 } = readQuery(c, versionsQuery)
    const found = await deps.store.listKmsVersions({ ...name, page: number, perPage: per_page })
    if (!found) throw new ApiError('NOT_FOUND')

    const { versions, total } = found
    return page(
      c,
      'Versions retrieved successfully',
      versions.map(presentVersion),
      paginationOf(number, per_page, total),
    )
  },
})

export const destroyKmsVersion: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/kms/{handler}/versions/{version}',
  summary: 'Destroy a version',
  description: 'Immediately and permanently destroys its content. Its number isn’t reused. Idempotent.',
  access: 'token',
  reply: z.null(),
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { name, ...actor } = await authenticateKms(c, deps, 'kms:write')
    const version = readVersion(c)
    const known = await deps.store.destroyKmsVersion({ ...name, version }, actor, deps.clock.now())
    if (!known) throw new ApiError('NOT_FOUND')
    return success(c, 'Version destroyed', null)
  },
})
