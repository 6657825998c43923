import { z } from '@hono/zod-openapi'
import type { WireKmsRevealed } from '@halfkey/sdk'
import { openVersionKey } from '../../domain/kms/entry.ts'
import { firstKmsRefusal } from '../../domain/policies/kms.ts'
import { identifyToken } from '../authenticate.ts'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { limitKmsReveals, limitKmsRevealsOf } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { envelope } from '../schemas.ts'
import { readHandler } from './authenticate.ts'
import { version } from './put.ts'

const revealBody = z
  .strictObject({ version: version.optional().describe('Default: the newest.') })
  .openapi('RevealNamedSecret')

const revealedSchema = replySchema<WireKmsRevealed>()(
  z.object({ version: z.int(), key_a: z.string(), envelope }).openapi('RevealedVersion'),
)

export const revealKms: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/kms/{handler}/reveal',
  summary: 'Reveal a version of a named secret',
  description:
    'Every call is logged before its reply is sent. A token with `kms:read` for the handler gets NOT_FOUND if the handler ' +
    'or version doesn’t exist; other tokens get PERMISSION_DENIED, as for any refusal. The reply names what the token ' +
    'itself lacks (scope, handler, address); for all other rules, the reason is only in the log.',
  access: 'token',
  body: revealBody,
  reply: revealedSchema,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    await limitKmsReveals(c, deps)
    const token = await identifyToken(c, deps)
    if (!token) throw new ApiError('AUTHENTICATION_ERROR')
    await limitKmsRevealsOf(c, deps, token)
    const handler = readHandler(c)
    const { body } = await readBody(c, revealBody, 1024)

    const now = deps.clock.now()
    const caller = callerOf(c, deps)
    const { workspaceId } = token
    const outcome = await deps.store.revealKms({
      workspaceId,
      handler,
      version: body.version ?? null,
      token,
      caller,
      decide: (entry, found) => firstKmsRefusal({ token, handler, entry, version: found, ip: caller.ip, now }),
      now,
    })
    if (outcome.kind === 'refused') {
      const useless = outcome.reason === 'token_revoked' || outcome.reason === 'token_expired'
      if (useless) throw new ApiError('AUTHENTICATION_ERROR')
      const isUnknown = outcome.reason === 'unknown_handler' || outcome.reason === 'unknown_version'
      if (isUnknown && token.scopes.includes('kms:read')) throw new ApiError('NOT_FOUND')
      // These concern only the caller's own token, and are checked before anything about the handler.
      const details = { scope: { scope: 'kms:reveal' }, handler: { handler }, token_ip: { rule: 'token_ip' } }
      const { reason } = outcome
      throw new ApiError('PERMISSION_DENIED', reason in details ? details[reason as keyof typeof details] : undefined)
    }
    deps.tokenUse.add(token.id, now)

    const { content } = outcome
    const keyA = openVersionKey(deps.serverKey, { workspaceId, handler, version: outcome.version }, content.sealedKeyA)
    const revealed: WireKmsRevealed = {
      version: outcome.version,
      key_a: keyA.toString('base64url'),
      envelope: content.envelope,
    }
    return success(c, 'Secret revealed', revealed)
  },
})
