import { z } from '@hono/zod-openapi'
import type { WireAuditProblem, WireAuditVerified } from '@halfkey/sdk'
import { verifyAudit } from '../../domain/audit/verify.ts'
import { authenticateToken } from '../authenticate.ts'
import type { DefineOperation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { key } from '../schemas.ts'
import { headSchema, presentHead } from './present.ts'

const verifyBody = z
  .strictObject({
    head: z.strictObject({ id: z.int('Must be a whole number.').min(1, 'Must be at least 1.'), chain: key }).optional(),
  })
  .openapi('VerifyAudit')

const verifiedSchema = replySchema<WireAuditVerified>()(
  z
    .object({
      valid: z.boolean(),
      entries: z.int().describe('The number of entries checked.'),
      head: headSchema.nullable(),
      problems: z.array(
        z.object({
          id: z.int().describe('The entry where the problem shows.'),
          problem: z
            .enum(['changed', 'misplaced', 'missing', 'purge', 'record'])
            .describe(
              'changed: the entry was modified. misplaced: it doesn’t follow the previous entry. missing: the given head isn’t ' +
                'in the log. purge: it emptied other entries than it says, or too early. record: the record of the secret, ' +
                'named secret or request whose first entry this is (0: it has none) doesn’t match its log.',
            ),
        }),
      ),
    })
    .openapi('AuditVerified'),
)

export const verifyLog: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/audit/verify',
  summary: 'Verify the access log',
  description:
    'Checks the whole chain and finds changed, removed, inserted and moved entries; with a head saved earlier, also a ' +
    'truncated log. Anyone with the server key can forge a chain, but not so that it matches a head saved elsewhere.',
  access: 'token',
  body: verifyBody,
  reply: verifiedSchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateToken(c, deps, 'audit:read')
    const { body } = await readBody(c, verifyBody, 1024)

    const saved = body.head && { id: body.head.id, chain: Buffer.from(body.head.chain, 'base64url') }
    const { entries, head, holdsSaved, ...walked } = await verifyAudit(
      deps.store,
      deps.serverKey.mac,
      workspaceId,
      saved,
    )
    const problems: WireAuditProblem[] = walked.problems
    if (saved && !holdsSaved) problems.push({ id: saved.id, problem: 'missing' })

    const verified: WireAuditVerified = { valid: problems.length === 0, entries, head: presentHead(head), problems }
    return success(c, verified.valid ? 'The log is intact' : 'The log is not intact', verified)
  },
})
