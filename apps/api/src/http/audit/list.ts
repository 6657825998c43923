import { z } from '@hono/zod-openapi'
import type { WireAuditPage } from '@halfkey/sdk'
import { allowsHandler } from '../../domain/policies/handlers.ts'
import { authenticateToken } from '../authenticate.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readQuery } from '../read-body.ts'
import { download, success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { handler, slug, wholeNumber } from '../schemas.ts'
import { exportLog, formats } from './export.ts'
import { entrySchema, entryType, headSchema, presentEntry, presentHead } from './present.ts'

const time = z.iso
  .datetime('Must be an ISO 8601 time in UTC, such as 2026-01-31T00:00:00Z.')
  .transform((text) => Date.parse(text))

const entryId = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})$/, 'Must be the id of an entry, or 0.')
  .transform(Number)

const auditQuery = z
  .strictObject({
    format: z.enum(['json', 'jsonl', 'csv'], 'Must be json, jsonl or csv.').optional(),
    after: entryId.optional().describe('Return entries after this id.'),
    limit: wholeNumber(1, 1000)
      .optional()
      .describe('Entries per page; default 100. Not for exports, which have no pages.'),
    since: time.optional().openapi({ type: 'string', format: 'date-time' }),
    until: time.optional().openapi({ type: 'string', format: 'date-time', description: 'Exclusive.' }),
    type: entryType.optional(),
    slug: slug.optional(),
    handler: handler.optional(),
  })
  .refine(({ format = 'json', limit }) => format === 'json' || limit === undefined, {
    path: ['limit'],
    error: 'Must not be given for an export, which has no pages.',
  })

const pageSchema = replySchema<WireAuditPage>()(
  z
    .object({ entries: z.array(entrySchema), head: headSchema.nullable(), next: z.int().nullable() })
    .openapi('AuditPage'),
)

export const listAudit: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/audit',
  summary: 'The workspace’s access log',
  description:
    'Oldest first. `next` is the `after` of the next page. With `format=jsonl` or `format=csv`, everything is returned as ' +
    'one file. The header `Halfkey-Audit-Head` (ID:CHAIN) names the newest entry: store it elsewhere to check later that ' +
    'nothing up to it was changed or removed. A token with handler patterns only sees entries of those named secrets.',
  access: 'token',
  query: auditQuery,
  reply: pageSchema,
  exports: Object.values(formats).map(({ type }) => type.split(';')[0] ?? type),
  headers: ['Halfkey-Audit-Head', 'Content-Disposition'],
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId, handlers } = await authenticateToken(c, deps, 'audit:read')
    const { format = 'json', limit = 100, after = 0, ...filter } = readQuery(c, auditQuery)
    const requested = filter.handler
    if (requested !== undefined && !allowsHandler(handlers, requested))
      throw new ApiError('PERMISSION_DENIED', { handler: requested })

    const head = await deps.store.readAuditHead(workspaceId)
    const shown = presentHead(head)
    const headers: Record<string, string> = shown ? { 'Halfkey-Audit-Head': `${shown.id}:${shown.chain}` } : {}
    const query = { workspaceId, patterns: handlers, after, ...filter }
    if (format !== 'json') {
      const lines = exportLog(deps.store, query, head, formats[format])
      return download(c, formats[format].type, `halfkey-audit.${format}`, headers, lines)
    }
    const found = await deps.store.readAudit({ ...query, limit: limit + 1 })
    const entries = found.slice(0, limit).map(presentEntry)
    const next = found.length > limit ? (entries.at(-1)?.id ?? null) : null
    const page: WireAuditPage = { entries, head: shown, next }
    return success(c, 'Access log retrieved successfully', page, 200, headers)
  },
})
