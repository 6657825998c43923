import { z } from '@hono/zod-openapi'
import type { WireCreated } from '@halfkey/sdk'
import { sealRecipient } from '../../domain/notices/notice.ts'
import { sealOtp } from '../../domain/secrets/one-time-code.ts'
import type { Token } from '../../domain/tokens/token.ts'
import { authenticateSender, sha256 } from '../authenticate.ts'
import type { Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError, tooLarge, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso, shareUrl } from '../presenters.ts'
import { limitCreating } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import {
  attachments,
  countries,
  email,
  envelope,
  expiresIn,
  hasOwnSlug,
  key,
  maximumViews,
  networks,
  orCommas,
  otp,
  sealed,
  slug,
  time,
  wrongSlug,
} from '../schemas.ts'
import { anonymousQuotaOf, quotaExceeded, quotaOf } from '../workspace/quota.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')

export const createBody = z
  .strictObject({
    slug,
    envelope,
    key_a: key,
    access_verifier: key,
    password_verifier: key.optional(),
    manage_verifier: key,
    note: sealed.optional(),
    meta: sealed.optional(),
    maximum_views: maximumViews.nullable().default(1).describe('null: unlimited until expiry.'),
    expires_in: expiresIn.default(86_400),
    max_attempts: z
      .int('Must be a whole number.')
      .min(1, 'Must be at least 1.')
      .max(100, 'Must be at most 100.')
      .default(10),
    on_lockout: z.enum(['lock', 'burn'], 'Must be lock or burn.').default('lock'),
    ip_whitelist: orCommas(networks)
      .optional()
      .describe('IPv4 and IPv6 addresses and CIDR blocks, as a list or comma-separated text; empty: any address.'),
    geolocation: orCommas(countries)
      .optional()
      .describe('ISO 3166-1 alpha-2 codes, as a list or comma-separated text; empty: any country.'),
    captcha: z.boolean('Must be true or false.').default(false),
    otp: otp.optional(),
    notify: z
      .strictObject({ email })
      .optional()
      .describe('Whom to notify of the first opening, a lock-out and an unopened expiry.'),
    attachments,
  })
  .refine(hasOwnSlug, wrongSlug)
  .openapi('CreateSecret')

type CreateBody = z.output<typeof createBody>

const createdSchema = replySchema<WireCreated>()(
  z
    .object({
      slug: z.string(),
      share_url: z.string().describe('Without the fragment, which only the sender has.'),
      maximum_views: z.int().nullable(),
      current_views: z.literal(0),
      expiration: time,
      has_password: z.boolean(),
      has_attachments: z.boolean(),
      attachments_count: z.int(),
      created_at: time,
    })
    .openapi('CreatedSecret'),
)

/** Depends only on the request and the time it was first received, so that a repeated request gets the same reply. */
const presentCreated = (deps: Deps, body: CreateBody, createdAt: number): WireCreated => ({
  slug: body.slug,
  share_url: shareUrl(deps, body.slug),
  maximum_views: body.maximum_views,
  current_views: 0,
  expiration: iso(createdAt + body.expires_in * 1000),
  has_password: body.password_verifier !== undefined,
  has_attachments: body.attachments.length > 0,
  attachments_count: body.attachments.length,
  created_at: iso(createdAt),
})

function checkFiles({ config }: Deps, token: Token | null, { attachments }: CreateBody): void {
  const maxFile = config.HALFKEY_MAX_FILE_BYTES
  if (attachments.some(({ size }) => size > maxFile))
    throw tooLarge('file', maxFile, Math.max(...attachments.map(({ size }) => size)))
  const quota = config.HALFKEY_QUOTA_FILE_BYTES
  const exceeding = attachments.find(({ size }) => size > quota)
  if (token && exceeding)
    throw new ApiError('QUOTA_EXCEEDED', { quota: 'file_bytes', maximum: quota, used: exceeding.size })
  const together = attachments.reduce((sum, { size }) => sum + size, 0)
  const max = config.HALFKEY_ANONYMOUS_MAX_FILE_BYTES
  if (!token && together > max) throw tooLarge('anonymous_files', max, together)
}

function checkAnonymousSize({ config }: Deps, body: CreateBody): void {
  const max = config.HALFKEY_ANONYMOUS_MAX_BYTES
  const { length } = bytes(body.envelope.ciphertext)
  if (length > max) throw tooLarge('anonymous_ciphertext', max, length)
}

export const inHours = (seconds: number): string => `${seconds} seconds (${Math.round(seconds / 36) / 100} hours)`

/** Rejects what this server can't enforce or doesn't allow, naming the field: nothing is dropped silently. */
function checkEnforceable({ config, geo, mailer, sms }: Deps, token: Token | null, body: CreateBody): void {
  const problems: Record<string, string[]> = {}
  const refuse = (field: keyof CreateBody, problem: string): void => void (problems[field] ??= []).push(problem)
  if (body.geolocation?.length && !geo) refuse('geolocation', 'This server can’t restrict access by country.')
  if (body.otp?.type === 'email' && !mailer) refuse('otp', 'This server can’t send e-mail.')
  if (body.otp?.type === 'sms' && !sms) refuse('otp', 'This server can’t send text messages.')
  if (body.otp && body.otp.type !== 'totp' && !token && config.HALFKEY_ANONYMOUS_OTP === 'deny')
    refuse('otp', 'On this server, codes by e-mail or SMS need a token.')
  if (body.attachments.length > 0 && config.HALFKEY_FILES === 'off')
    refuse('attachments', 'This server doesn’t accept attachments.')
  if (body.notify && !mailer) refuse('notify', 'This server can’t send e-mail.')
  if (body.notify && !token && config.HALFKEY_ANONYMOUS_OTP === 'deny')
    refuse('notify', 'On this server, notifications by e-mail need a token.')
  if (config.HALFKEY_REQUIRE_PASSWORD === 'on' && body.password_verifier === undefined)
    refuse('password_verifier', 'This server requires a password.')
  if (body.expires_in > config.HALFKEY_MAX_EXPIRES_IN)
    refuse('expires_in', `Must be at most ${inHours(config.HALFKEY_MAX_EXPIRES_IN)} on this server.`)
  else if (!token && body.expires_in > config.HALFKEY_ANONYMOUS_MAX_EXPIRES_IN)
    refuse(
      'expires_in',
      `Must be at most ${inHours(config.HALFKEY_ANONYMOUS_MAX_EXPIRES_IN)} for a sender without a token.`,
    )
  if (Object.keys(problems).length > 0) throw validationError(problems)
}

export const ownership = (token: Token | null) => ({
  workspaceId: token?.workspaceId ?? null,
  tokenId: token?.id ?? null,
  creator: token?.name ?? 'anonymous',
})

export const createSecret: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/secrets',
  summary: 'Create a secret',
  description:
    'Idempotent: the same request from the same owner gets the same reply; a different request for a known slug is a 409.',
  access: 'sender',
  body: createBody,
  reply: createdSchema,
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
    const token = await authenticateSender(c, deps)
    await limitCreating(c, deps, token)
    const { body, text } = await readBody(c, createBody)
    checkEnforceable(deps, token, body)
    if (!token) checkAnonymousSize(deps, body)
    checkFiles(deps, token, body)

    const now = deps.clock.now()
    const outcome = await deps.store.createSecret(
      {
        ...ownership(token),
        requestId: null,
        slug: body.slug,
        accessVerifier: bytes(body.access_verifier),
        manageVerifier: bytes(body.manage_verifier),
        createDigest: sha256(text),
        maximumViews: body.maximum_views,
        hasPassword: body.password_verifier !== undefined,
        maxAttempts: body.max_attempts,
        onLockout: body.on_lockout,
        ipWhitelist: body.ip_whitelist?.length ? body.ip_whitelist : null,
        geolocation: body.geolocation?.length ? body.geolocation : null,
        captcha: body.captcha,
        otpType: body.otp?.type ?? null,
        createdAt: now,
        updatedAt: now,
        expiresAt: now + body.expires_in * 1000,
        attachmentsCount: body.attachments.length,
        attachments: body.attachments.map(({ id, size }) => ({ fileId: bytes(id), size })),
        meta: body.meta ?? null,
        content: {
          sealedKeyA: deps.serverKey.seal(body.slug, bytes(body.key_a)),
          envelope: body.envelope,
          note: body.note ?? null,
          passwordVerifier: body.password_verifier === undefined ? null : bytes(body.password_verifier),
          sealedOtp: body.otp ? sealOtp(deps.serverKey, body.slug, body.otp) : null,
          sealedNotify: body.notify ? sealRecipient(deps.serverKey, body.slug, body.notify.email) : null,
          sealedKeyB: null,
        },
      },
      callerOf(c, deps),
      token ? quotaOf(deps.config) : anonymousQuotaOf(deps.config),
    )
    if (outcome.kind === 'conflict') throw new ApiError('CONFLICT', { slug: body.slug })
    if (outcome.kind === 'exceeded') throw quotaExceeded(outcome, { isAnonymous: !token })

    return success(c, 'Secret created successfully', presentCreated(deps, body, outcome.createdAt), 201)
  },
})
