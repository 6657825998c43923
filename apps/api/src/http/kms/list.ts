import { z } from '@hono/zod-openapi'
import { authenticateToken } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { readQuery } from '../read-body.ts'
import { page, paginationOf } from '../reply.ts'
import { pageQuery } from '../schemas.ts'
import { entrySchema, presentEntry } from './present.ts'

const listQuery = z.strictObject({
  prefix: z
    .string()
    .regex(/^[a-z0-9._/-]{1,128}$/, 'Must be the start of a handler.')
    .optional(),
  ...pageQuery,
})

export const listKms: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/kms',
  summary: 'List named secrets',
  description: 'Sorted by handler, without content. Lists only those that the token’s handler patterns allow.',
  access: 'token',
  query: listQuery,
  reply: z.array(entrySchema),
  paged: true,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId, handlers } = await authenticateToken(c, deps, 'kms:read')
    const { prefix = '', page: number = 1, per_page = 50 } = readQuery(c, listQuery)

    const query = { workspaceId, prefix, patterns: handlers, page: number, perPage: per_page }
    const { entries, total } = await deps.store.listKms(query)

    const now = deps.clock.now()
    const data = entries.map((entry) => presentEntry(entry, now))
    return page(c, 'Named secrets retrieved successfully', data, paginationOf(number, per_page, total))
  },
})
