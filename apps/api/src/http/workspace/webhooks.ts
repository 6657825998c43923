import { z } from '@hono/zod-openapi'
import type { WireWebhook, WireWebhookSecret } from '@halfkey/sdk'
import { newMessageId } from '../../domain/notices/notice.ts'
import type { Webhook } from '../../domain/notices/webhook.ts'
import {
  newWebhookId,
  newWebhookSecret,
  rotationMs,
  sealWebhookSecret,
  webhookLimit,
} from '../../domain/notices/webhook.ts'
import { refuseWebhookUrl } from '../../adapters/webhook.ts'
import { authenticateWholeAdmin } from '../authenticate.ts'
import type { Context, Deps } from '../context.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { deliverySchema, iso, presentDelivery } from '../presenters.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { time } from '../schemas.ts'

const webhookFields = {
  id: z.string(),
  url: z.string().describe('Normalized as in the WHATWG URL standard.'),
  created_at: time,
  previous_until: time.nullable().describe('Until then, messages are also signed with the previous secret.'),
}
const webhookSchema = replySchema<WireWebhook>()(z.object(webhookFields).openapi('Webhook'))
const secretSchema = replySchema<WireWebhookSecret>()(
  z
    .object({ ...webhookFields, secret: z.string().describe('In the format of Standard Webhooks; shown only here.') })
    .openapi('WebhookSecret'),
)

function present({ clock }: Deps, { id, url, createdAt, previousUntil }: Webhook): WireWebhook {
  const rotating = previousUntil !== null && clock.now() < previousUntil
  return { id, url, created_at: iso(createdAt), previous_until: rotating ? iso(previousUntil) : null }
}

/** The webhook in the path, for a token of its workspace. */
async function authenticateWebhook(c: Context, deps: Deps): Promise<Webhook> {
  const { workspaceId } = await authenticateWholeAdmin(c, deps)
  const webhook = await deps.store.findWebhook(c.req.param('id') ?? '')
  if (webhook?.workspaceId !== workspaceId) throw new ApiError('NOT_FOUND')
  return webhook
}

export const listWebhooks: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/webhooks',
  summary: 'List webhooks',
  description: 'Without their secrets.',
  access: 'token',
  reply: z.array(webhookSchema),
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const { workspaceId } = await authenticateWholeAdmin(c, deps)
    const webhooks = await deps.store.listWebhooks(workspaceId)
    return success(
      c,
      'Webhooks retrieved successfully',
      webhooks.map((webhook) => present(deps, webhook)),
    )
  },
})

const webhookBody = z
  .strictObject({ url: z.url('Must be an https URL.').max(2048, 'Must be at most 2048 characters.') })
  .openapi('CreateWebhook')

export const createWebhook: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/webhooks',
  summary: 'Create a webhook',
  description:
    'It is called on the first opening, lock-out and unopened expiry of each of the workspace’s secrets, and when a named ' +
    'secret expires or is due for rotation. Messages are signed (Standard Webhooks). Its secret is shown only once.',
  access: 'token',
  body: webhookBody,
  reply: secretSchema,
  status: 201,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'QUOTA_EXCEEDED'],

  async handle(c) {
    const { workspaceId } = await authenticateWholeAdmin(c, deps)
    const { body } = await readBody(c, webhookBody, 16_384)
    const problem = refuseWebhookUrl(body.url, deps.config.HALFKEY_WEBHOOKS_PRIVATE === 'allow')
    if (problem !== null) throw validationError({ url: [problem] })

    const id = newWebhookId()
    const secret = newWebhookSecret()
    const webhook: Webhook = {
      id,
      workspaceId,
      url: new URL(body.url).href,
      sealedSecret: sealWebhookSecret(deps.serverKey, id, secret),
      previousSealedSecret: null,
      previousUntil: null,
      createdAt: deps.clock.now(),
    }
    const made = await deps.store.createWebhook(webhook, webhookLimit)
    if (!made) throw new ApiError('QUOTA_EXCEEDED', { limit: 'webhooks', maximum: webhookLimit })

    const created: WireWebhookSecret = { ...present(deps, webhook), secret }
    return success(c, 'Webhook created successfully', created, 201)
  },
})

export const rotateWebhook: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/webhooks/{id}/rotate',
  summary: 'Rotate a webhook’s secret',
  description:
    'The new secret is shown only once. For 24 hours, messages are signed with both the old and the new secret.',
  access: 'token',
  reply: secretSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id } = await authenticateWebhook(c, deps)
    const secret = newWebhookSecret()
    const sealed = sealWebhookSecret(deps.serverKey, id, secret)
    const webhook = await deps.store.rotateWebhook(id, sealed, deps.clock.now() + rotationMs)
    if (!webhook) throw new ApiError('NOT_FOUND')
    const rotated: WireWebhookSecret = { ...present(deps, webhook), secret }
    return success(c, 'Webhook rotated successfully', rotated)
  },
})

export const testWebhook: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/webhooks/{id}/test',
  summary: 'Send a test message to a webhook',
  description: 'Of type `webhook.test`. The result is listed in the deliveries.',
  access: 'token',
  reply: deliverySchema,
  status: 201,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id: webhookId, workspaceId } = await authenticateWebhook(c, deps)
    const now = deps.clock.now()
    const added = await deps.store.addMessage({
      id: newMessageId(),
      workspaceId,
      secretId: null,
      kind: 'webhook',
      webhookId,
      sealedTo: null,
      notice: { type: 'webhook.test', timestamp: iso(now), data: { webhook_id: webhookId } },
      createdAt: now,
    })
    return success(c, 'Test message queued', presentDelivery(added), 201)
  },
})

export const deleteWebhook: DefineOperation = (deps) => ({
  method: 'delete',
  path: '/api/v1/webhooks/{id}',
  summary: 'Delete a webhook',
  description: 'Pending messages for it are discarded.',
  access: 'token',
  reply: z.null(),
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'NOT_FOUND'],

  async handle(c) {
    const { id } = await authenticateWebhook(c, deps)
    await deps.store.deleteWebhook(id)
    return success(c, 'Webhook deleted successfully', null)
  },
})
