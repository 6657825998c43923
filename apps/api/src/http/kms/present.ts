/** Converts named secrets to wire format. */
import { z } from '@hono/zod-openapi'
import type { WireKmsEntry, WireKmsEvent, WireKmsVersion } from '@halfkey/sdk'
import type { KmsEvent, KmsRecord, KmsVersion } from '../../domain/kms/entry.ts'
import { eventSchema, iso, isoOrNull, presentAttempt } from '../presenters.ts'
import { replySchema } from '../reply-schema.ts'
import { time } from '../schemas.ts'

export const entrySchema = replySchema<WireKmsEntry>()(
  z
    .object({
      handler: z.string(),
      id: z.string(),
      meta: z.string().nullable(),
      whitelist: z.array(z.string()).describe('Empty: any address.'),
      version: z.int().describe('The newest version.'),
      versions: z.int().describe('The number of versions that aren’t destroyed.'),
      created_at: time,
      updated_at: time,
      expires_at: time.nullable().describe('Expiry of the newest version; null: never. The same for `destroyed_at`.'),
      destroyed_at: time.nullable(),
      rotate_after: z.int().nullable().describe('Seconds.'),
      rotation_due_at: time.nullable(),
      rotation_due: z.boolean(),
    })
    .openapi('NamedSecret'),
)

export function presentEntry(entry: KmsRecord, now: number): WireKmsEntry {
  const dueAt = entry.rotateAfter === null ? null : entry.rotateFrom + entry.rotateAfter
  return {
    handler: entry.handler,
    id: entry.publicId,
    meta: entry.meta,
    whitelist: entry.whitelist ?? [],
    version: entry.newest,
    versions: entry.versions,
    created_at: iso(entry.createdAt),
    updated_at: iso(entry.updatedAt),
    expires_at: isoOrNull(entry.expiresAt),
    destroyed_at: isoOrNull(entry.destroyedAt),
    rotate_after: entry.rotateAfter === null ? null : entry.rotateAfter / 1000,
    rotation_due_at: isoOrNull(dueAt),
    rotation_due: dueAt !== null && dueAt <= now,
  }
}

export const versionSchema = replySchema<WireKmsVersion>()(
  z
    .object({
      version: z.int(),
      created_at: time,
      creator: z.string().describe('The token’s name.'),
      expires_at: time.nullable(),
      destroyed_at: time.nullable(),
    })
    .openapi('NamedSecretVersion'),
)

export const presentVersion = (version: KmsVersion): WireKmsVersion => ({
  version: version.version,
  created_at: iso(version.createdAt),
  creator: version.creator,
  expires_at: isoOrNull(version.expiresAt),
  destroyed_at: isoOrNull(version.destroyedAt),
})

export const kmsEventType = z.enum([
  'kms.put',
  'kms.revealed',
  'kms.denied',
  'kms.updated',
  'kms.expired',
  'kms.destroyed',
  'kms.deleted',
])

const refusal = z.enum([
  'token_revoked',
  'token_expired',
  'token_ip',
  'scope',
  'handler',
  'unknown_handler',
  'unknown_version',
  'whitelist',
  'destroyed',
  'expired',
])

export const kmsEventSchema = replySchema<WireKmsEvent>()(
  z
    .object({
      ...eventSchema.shape,
      id: z.int(),
      type: kmsEventType,
      reason: refusal.nullable().describe('Of `kms.denied`; null for the other types.'),
      version: z.int().nullable(),
      token_id: z.string().nullable(),
      token: z.string().nullable().describe('The token’s name.'),
    })
    .openapi('NamedSecretEvent'),
)

export const presentKmsEvent = (event: KmsEvent): WireKmsEvent => ({
  id: event.id,
  type: event.type,
  ...presentAttempt(event),
  reason: event.reason,
  version: event.version,
  token_id: event.tokenId,
  token: event.token,
})
