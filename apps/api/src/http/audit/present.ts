import { z } from '@hono/zod-openapi'
import type { WireAuditEntry, WireAuditHead } from '@halfkey/sdk'
import type { AuditEntry, AuditHead } from '../../domain/audit/entry.ts'
import { kmsEventType } from '../kms/present.ts'
import { eventSchema, presentAttempt } from '../presenters.ts'
import { replySchema } from '../reply-schema.ts'
import { time } from '../schemas.ts'

const b64 = (bytes: Buffer): string => bytes.toString('base64url')

export const entryType = z.enum([...eventSchema.shape.type.options, ...kmsEventType.options])

export const entrySchema = replySchema<WireAuditEntry>()(
  z
    .object({
      ...eventSchema.shape,
      id: z.int().describe('Rises with time; has gaps, because other workspaces’ entries are counted too.'),
      type: entryType,
      slug: z.string().nullable(),
      handler: z.string().nullable().describe('This and the following three are of named secrets alone.'),
      version: z.int().nullable(),
      token_id: z.string().nullable(),
      token: z.string().nullable().describe('The token’s name.'),
      basis: z
        .union([
          z.object({ expires_at: time, maximum_views: z.int().nullable() }),
          z.object({ since: time, retention: z.int().nullable(), entries: z.int() }),
        ])
        .nullable()
        .describe(
          'What expiry and purge rest on: of `created` and `changed` the limits that were set, of `purged` since when, how ' +
            'long in seconds (null: the owner asked for it) and how many entries were emptied.',
        ),
      purged: z.boolean(),
      purged_by: z
        .int()
        .nullable()
        .describe('The `purged` entry that tells of it; null: not purged, or by version 0.1.'),
      nonce: z.string().nullable(),
      entry_hash: z
        .string()
        .describe(
          'SHA-256 of the JSON of `[id,nonce,slug,type,reason,at,ip,user_agent,country]`, of a named secret’s entry with ' +
            '`handler,version,token_id,token` after those, then `basis` unless it is null; b64.',
        ),
      chain: z.string().describe('HMAC under the server key of the chain before it and `entry_hash`; b64.'),
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
