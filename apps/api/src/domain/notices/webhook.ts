/** Webhooks: where a workspace is told of events, signed as Standard Webhooks (https://www.standardwebhooks.com). */
import { randomBytes } from 'node:crypto'
import { Webhook as Signer } from 'standardwebhooks'
import type { ServerKey } from '../server-key.ts'

/** Times are milliseconds since the epoch; secrets are under the server key. */
export interface Webhook {
  id: string
  workspaceId: number
  url: string
  sealedSecret: Buffer
  /** The secret before the last rotation signs too, until `previousUntil`. */
  previousSealedSecret: Buffer | null
  previousUntil: number | null
  createdAt: number
}

/** A workspace's webhooks: each is called at every event. */
export const webhookLimit = 10

/** How long the previous secret signs too after a rotation. */
export const rotationMs = 86_400_000

export const newWebhookId = (): string => `wh_${randomBytes(12).toString('base64url')}`

/** 32 bytes, as the specification writes them: base64 after `whsec_`. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

export const sealWebhookSecret = (key: ServerKey, id: string, secret: string): Buffer =>
  key.sealBox(`webhook ${id}`, Buffer.from(secret))

/** The headers of one try: the timestamp is the try's, and every secret that is in force signs. */
export function signWebhook(
  key: ServerKey,
  { id, sealedSecret, previousSealedSecret, previousUntil }: Webhook,
  message: { id: string; body: string },
  now: number,
): Record<string, string> {
  const sealed = [sealedSecret]
  if (previousSealedSecret && previousUntil !== null && now < previousUntil) sealed.push(previousSealedSecret)
  const sign = (box: Buffer): string =>
    new Signer(key.unsealBox(`webhook ${id}`, box).toString()).sign(message.id, new Date(now), message.body)
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': sealed.map(sign).join(' '),
  }
}
