/** Converts domain objects to wire format. Every field is picked by name, so that nothing else can leak. */
import { z } from '@hono/zod-openapi'
import type { WireDelivery, WireDetails, WireEvent, WireStats } from '@halfkey/sdk'
import type { Message } from '../domain/notices/notice.ts'
import type { Secret, SecretEvent } from '../domain/secrets/secret.ts'
import { hasEnded, livingStates } from '../domain/secrets/secret.ts'
import type { SecretRecord, Stats } from '../store/store.ts'
import type { Deps } from './context.ts'
import { replySchema } from './reply-schema.ts'
import { time } from './schemas.ts'

export const iso = (at: number): string => new Date(at).toISOString()

export const shareUrl = (deps: Deps, slug: string): string => `${deps.publicUrl()}/${slug}`

/** A secret counts as expired when it is due, even if the sweeper hasn't processed it yet. */
export function statusOf(secret: Pick<Secret, 'state' | 'endedAt' | 'expiresAt'>, now: number): WireDetails['status'] {
  return !hasEnded(secret) && secret.expiresAt <= now ? 'expired' : secret.state
}

export const detailsSchema = replySchema<WireDetails>()(
  z
    .object({
      slug: z.string(),
      creator: z.string(),
      maximum_views: z.int().nullable(),
      current_views: z.int(),
      expiration: time,
      has_password: z.boolean(),
      has_attachments: z.boolean(),
      attachments_count: z.int(),
      captcha: z.boolean(),
      otp_type: z.enum(['email', 'sms', 'totp']).nullable(),
      ip_whitelist: z.array(z.string()),
      geolocation: z.array(z.string()),
      is_expired: z.boolean().describe('Whether it has ended for any reason: `status` is expired, viewed or burned.'),
      status: z
        .enum(['active', 'uploading', 'viewed', 'expired', 'burned', 'locked'])
        .describe(
          'viewed: all views are used; expired: its time has run out; burned: its owner or a lock-out destroyed it.',
        ),
      share_url: z.string(),
      note: z.string().nullable(),
      meta: z.string().nullable(),
      created_at: time,
      updated_at: time,
      collected_at: time
        .optional()
        .describe('Only for an answer to a request: when it was first opened. Absent while it is unopened.'),
    })
    .openapi('Details'),
)

export function presentDetails(deps: Deps, record: SecretRecord): WireDetails {
  const status = statusOf(record, deps.clock.now())
  return {
    slug: record.slug,
    creator: record.creator,
    maximum_views: record.maximumViews,
    current_views: record.views,
    expiration: iso(record.expiresAt),
    has_password: record.hasPassword,
    has_attachments: record.attachmentsCount > 0,
    attachments_count: record.attachmentsCount,
    captcha: record.captcha,
    otp_type: record.otpType,
    ip_whitelist: record.ipWhitelist ?? [],
    geolocation: record.geolocation ?? [],
    is_expired: !livingStates.some((living) => living === status),
    status,
    share_url: shareUrl(deps, record.slug),
    note: record.note,
    meta: record.meta,
    created_at: iso(record.createdAt),
    updated_at: iso(record.updatedAt),
  }
}

export const eventSchema = replySchema<WireEvent>()(
  z
    .object({
      type: z.enum(['created', 'changed', 'opened', 'denied', 'acked', 'burned', 'expired', 'purged']),
      reason: z
        .string()
        .nullable()
        .describe(
          'For `denied`: the error code that the caller got; for a 404, NOT_FOUND means that the caller didn’t prove to have ' +
            'the link, and NOT_OWNER that the token or manage key was wrong. For `burned`: locked_out, operator, or null for ' +
            'the owner.',
        ),
      at: time,
      ip: z.string().nullable(),
      user_agent: z.string().nullable(),
      country: z.string().nullable(),
    })
    .openapi('Event'),
)

/** The fields that all kinds of events share: when, from where and with what result. */
export const presentAttempt = (event: Omit<SecretEvent, 'type'>): Omit<WireEvent, 'type'> => ({
  reason: event.reason,
  at: iso(event.at),
  ip: event.ip,
  user_agent: event.userAgent,
  country: event.country,
})

export const presentEvent = (event: SecretEvent): WireEvent => ({ type: event.type, ...presentAttempt(event) })

export const deliverySchema = replySchema<WireDelivery>()(
  z
    .object({
      id: z.string().describe('The webhook-id, the same for every attempt.'),
      kind: z.enum(['email', 'webhook']),
      webhook_id: z.string().nullable(),
      type: z.enum([
        'secret.opened',
        'secret.locked',
        'secret.expired_unread',
        'secret.shared',
        'kms.rotation_due',
        'kms.expired',
        'request.answered',
        'request.expired',
        'webhook.test',
      ]),
      slug: z.string().nullable(),
      handler: z.string().nullable(),
      status: z.enum(['pending', 'delivered', 'failed']),
      attempts: z.int(),
      created_at: time,
      next_at: time.nullable(),
      delivered_at: time.nullable(),
      last_error: z.string().nullable(),
    })
    .openapi('Delivery'),
)

export const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

export const presentDelivery = ({ notice, nextAt, deliveredAt, ...message }: Message): WireDelivery => ({
  id: message.id,
  kind: message.kind,
  webhook_id: message.webhookId,
  type: notice.type,
  slug: 'slug' in notice.data ? notice.data.slug : null,
  handler: 'handler' in notice.data ? notice.data.handler : null,
  status: nextAt !== null ? 'pending' : deliveredAt !== null ? 'delivered' : 'failed',
  attempts: message.attempts,
  created_at: iso(message.createdAt),
  next_at: isoOrNull(nextAt),
  delivered_at: isoOrNull(deliveredAt),
  last_error: message.lastError,
})

const count = z.int().min(0)

export const statsSchema = replySchema<WireStats>()(
  z
    .object({
      total_secrets: count.describe('All secrets ever created.'),
      active_secrets: count.describe('Secrets that haven’t ended: active, locked and uploading.'),
      expired_secrets: count.describe(
        'Secrets that have ended: viewed, expired, burned and purged. Together with active_secrets: total_secrets.',
      ),
      total_views: count,
      secrets_with_password: count.describe('Out of all secrets ever created.'),
      secrets_created_today: count.describe('Since 00:00 UTC.'),
      secrets_created_this_week: count.describe('Since Monday 00:00 UTC.'),
      secrets_created_this_month: count.describe('Since the first of the month, 00:00 UTC.'),
    })
    .openapi('Stats'),
)

export function presentStats(stats: Stats): WireStats {
  const active = livingStates.reduce((sum, state) => sum + stats.present[state], 0)
  return {
    total_secrets: stats.created,
    active_secrets: active,
    expired_secrets: stats.created - active,
    total_views: stats.views,
    secrets_with_password: stats.withPassword,
    secrets_created_today: stats.createdToday,
    secrets_created_this_week: stats.createdThisWeek,
    secrets_created_this_month: stats.createdThisMonth,
  }
}
