import { z } from '@hono/zod-openapi'
import type { WireAuditEntry, WireAuditHead } from '@halfkey/sdk'
import type { AuditEntry, AuditHead } from '../../domain/audit/entry.ts'
import { kmsEventType } from '../kms/present.ts'
import { eventSchema, presentAttempt } from '../presenters.ts'
import { replySchema } from '../reply-schema.ts'
import { time } from '../schemas.ts'

const b64 = (bytes: Buffer): string => bytes.toString('base64url')

const requestEventType = z.enum([
  'request.asked',
  'request.changed',
  'request.seen',
  'request.answered',
  'request.refused',
  'request.abandoned',
  'request.collected',
  'request.withdrawn',
  'request.expired',
])

export const entryType = z.enum([
  ...eventSchema.shape.type.options,
  ...kmsEventType.options,
  ...requestEventType.options,
])

export const entrySchema = replySchema<WireAuditEntry>()(
  z
    .object({
      ...eventSchema.shape,
      id: z.int().describe('Ascending, with gaps, because other workspaces’ entries are counted too.'),
      type: entryType,
      slug: z.string().nullable().describe('Of a secret or, with a type that starts with `request.`, of a request.'),
      handler: z.string().nullable().describe('This and the next three fields are only for named secrets.'),
      version: z.int().nullable(),
      token_id: z.string().nullable(),
      token: z.string().nullable().describe('The token’s name.'),
      basis: z
        .union([
          z.object({ expires_at: time, maximum_views: z.int().nullable() }),
          z.object({ expires_at: time, maximum_answers: z.int() }),
          z.object({ since: time, retention: z.int().nullable(), entries: z.int() }),
        ])
        .nullable()
        .describe(
          'The basis of expiry and purge. For what creates or changes a secret or request: the limits that were set. For `purged`: the start of ' +
            'retention, its length in seconds (null: purged by the owner) and the number of entries that were emptied.',
        ),
      purged: z.boolean(),
      purged_by: z
        .int()
        .nullable()
        .describe('The `purged` entry that recorded the purge; null: not purged, or purged by version 0.1.'),
      nonce: z.string().nullable(),
      entry_hash: z
        .string()
        .describe(
          'SHA-256, as b64, of the JSON of `[id,nonce,slug,type,reason,at,ip,user_agent,country]`, followed by ' +
            '`handler,version,token_id,token` for a named secret, and by `basis` unless it is null.',
        ),
      chain: z.string().describe('HMAC with the server key over the previous chain value and `entry_hash`, as b64.'),
    })
    .openapi('AuditEntry'),
)

export const headSchema = replySchema<WireAuditHead>()(
  z.object({ id: z.int(), chain: z.string() }).openapi('AuditHead'),
)

export const presentEntry = (entry: AuditEntry): WireAuditEntry => ({
  id: entry.id,
  type: entry.type,
  ...presentAttempt(entry),
  slug: entry.slug,
  handler: entry.handler,
  version: entry.version,
  token_id: entry.tokenId,
  token: entry.token,
  basis: entry.basis,
  purged: entry.purgeMark !== null,
  purged_by: entry.purgedBy,
  nonce: entry.nonce,
  entry_hash: b64(entry.entryHash),
  chain: b64(entry.chain),
})

export const presentHead = (head: AuditHead | null): WireAuditHead | null =>
  head && { id: head.id, chain: b64(head.chain) }
