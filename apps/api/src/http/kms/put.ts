import { z } from '@hono/zod-openapi'
import type { WireKmsPut } from '@halfkey/sdk'
import { sealVersionKey } from '../../domain/kms/entry.ts'
import { sha256 } from '../authenticate.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso } from '../presenters.ts'
import { limitCreating } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { envelope, key, longTerm, networks, orCommas, sealed, time } from '../schemas.ts'
import { quotaExceeded, quotaOf } from '../workspace/quota.ts'
import { authenticateKms } from './authenticate.ts'

export const version = z.int('Must be a whole number.').min(1, 'Must be at least 1.')

export const whitelist = orCommas(networks).describe(
  'IPv4 and IPv6 addresses and CIDR blocks, as a list or comma-separated text; empty: any address.',
)

const putBody = z
  .strictObject({
    version: version.describe('The newest version + 1, also after a deletion.'),
    key_a: key,
    envelope,
    meta: sealed.optional(),
    whitelist: whitelist.optional(),
    expires_in: longTerm.optional().describe('Seconds until this version can no longer be revealed.'),
    rotate_after: longTerm.nullable().optional().describe('Seconds until rotation is due; null: never.'),
    same_value: z
      .boolean('Must be true or false.')
      .default(false)
      .describe('The same value as the previous version, re-encrypted: its expiry and rotation date stay.'),
    workspace_check: key
      .optional()
      .describe(
        'Check value of the workspace key it is encrypted with. Required once the workspace has one; a 409 if they differ.',
      ),
  })
  .openapi('PutNamedSecret')

const putSchema = replySchema<WireKmsPut>()(
  z.object({ handler: z.string(), version: z.int(), created_at: time }).openapi('PutVersion'),
)

export const putKms: DefineOperation = (deps) => ({
  method: 'put',
  path: '/api/v1/kms/{handler}',
  summary: 'Put a new version of a named secret',
  description:
    'The handler is one percent-encoded segment. `version` must be the newest version + 1: repeating the same request gets ' +
    'the same reply, anything else a 409 with `details.newest`. Omitted fields stay unchanged, except for the expiry.',
  access: 'token',
  body: putBody,
  reply: putSchema,
  status: 201,
  errors: [
    'VALIDATION_ERROR',
    'AUTHENTICATION_ERROR',
    'PERMISSION_DENIED',
    'QUOTA_EXCEEDED',
    'CONFLICT',
    'PAYLOAD_TOO_LARGE',
  ],

  async handle(c) {
    const { token, caller, name } = await authenticateKms(c, deps, 'kms:write')
    await limitCreating(c, deps, token)
    const { body, text } = await readBody(c, putBody)

    const now = deps.clock.now()
    const keyA = Buffer.from(body.key_a, 'base64url')
    const outcome = await deps.store.putKms({
      ...name,
      token,
      caller,
      version: body.version,
      content: {
        sealedKeyA: sealVersionKey(deps.serverKey, { ...name, version: body.version }, keyA),
        envelope: body.envelope,
      },
      digest: sha256(text),
      meta: body.meta,
      whitelist: body.whitelist && (body.whitelist.length > 0 ? body.whitelist : null),
      expiresAt: body.expires_in === undefined ? undefined : now + body.expires_in * 1000,
      rotateAfter: body.rotate_after && body.rotate_after * 1000,
      sameValue: body.same_value,
      workspaceCheck: body.workspace_check,
      now,
      quota: quotaOf(deps.config),
    })
    if (outcome.kind === 'conflict') throw new ApiError('CONFLICT', { newest: outcome.newest })
    if (outcome.kind === 'rekeyed') throw new ApiError('CONFLICT', { workspace_check: outcome.workspaceCheck })
    if (outcome.kind === 'exceeded') throw quotaExceeded(outcome)

    const { handler } = name
    const put: WireKmsPut = { handler, version: body.version, created_at: iso(outcome.createdAt) }
    return success(c, 'Version stored', put, 201)
  },
})
