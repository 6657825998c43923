import { z } from '@hono/zod-openapi'
import { newMessageId, sealRecipient } from '../../domain/notices/notice.ts'
import { gone } from '../../domain/policies/policy.ts'
import { authenticateToken, findOfWorkspace } from '../authenticate.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { deliverySchema, iso, presentDelivery } from '../presenters.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { email } from '../schemas.ts'

/** Maximum number of notices per secret. */
const noticeLimit = 5

const noticeBody = z.strictObject({ email }).openapi('SendNotice')

export const sendNotice: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/secrets/{slug}/notice',
  summary: 'Notify the recipient',
  description:
    'Sends an e-mail that names the token used for the call. It contains no link, because the fragment never reaches the ' +
    'server: the sender must send the link. At most 5 per secret.',
  access: 'token',
  body: noticeBody,
  reply: deliverySchema,
  status: 201,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND', 'GONE'],

  async handle(c) {
    const token = await authenticateToken(c, deps, 'secrets:write')
    const { workspaceId, name: sender } = token
    const secret = await findOfWorkspace(c, deps, token)
    const { body } = await readBody(c, noticeBody, 16_384)
    if (!deps.mailer) throw validationError({ email: ['This server can’t send e-mail.'] })

    const { id: secretId, slug, expiresAt } = secret
    const now = deps.clock.now()
    const outcome = await deps.store.addNotice(
      {
        id: newMessageId(),
        workspaceId,
        secretId,
        kind: 'email',
        webhookId: null,
        sealedTo: sealRecipient(deps.serverKey, slug, body.email),
        notice: { type: 'secret.shared', timestamp: iso(now), data: { slug, sender, expires_at: iso(expiresAt) } },
        createdAt: now,
      },
      noticeLimit,
      now,
    )
    if (outcome === 'ended') {
      const { cause, endedAt } = (await deps.store.findSecret(slug)) ?? secret
      throw new ApiError('GONE', gone(cause ?? 'expired', endedAt ?? expiresAt).details)
    }
    if (outcome === 'limit') {
      const wait = Math.max(1, Math.ceil((expiresAt - now) / 1000))
      throw new ApiError('RATE_LIMITED', { limit: 'notices', maximum: noticeLimit }, { 'Retry-After': String(wait) })
    }
    return success(c, 'Notice queued', presentDelivery(outcome), 201)
  },
})
