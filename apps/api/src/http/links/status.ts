import { z } from '@hono/zod-openapi'
import type { WireChallenge, WireLinkStatus } from '@halfkey/sdk'
import { firstDenial, statusPolicies } from '../../domain/policies/reveal.ts'
import { maskAddress, openOtp } from '../../domain/secrets/one-time-code.ts'
import type { Secret } from '../../domain/secrets/secret.ts'
import type { SecretRecord } from '../../store/store.ts'
import { authenticateRecipient } from '../authenticate.ts'
import type { Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso } from '../presenters.ts'
import { limitOpening } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { time } from '../schemas.ts'

const challengeSchema = replySchema<WireChallenge>()(
  z
    .object({
      algorithm: z.literal('SHA-256'),
      challenge: z.string().describe('SHA-256 of the salt and the number to find, in hex.'),
      maxnumber: z.int().describe('The largest possible number.'),
      salt: z.string(),
      signature: z.string(),
    })
    .openapi('Challenge', { description: 'A captcha challenge in ALTCHA’s format.' }),
)

const statusSchema = replySchema<WireLinkStatus>()(
  z
    .object({
      password: z.boolean(),
      otp: z.object({ type: z.enum(['email', 'sms', 'totp']), to: z.string().nullable() }).nullable(),
      captcha: z.boolean(),
      challenge: challengeSchema.nullable(),
      note: z.string().nullable(),
      expiration: time,
      views_left: z.int().nullable().describe('null: unlimited until expiry.'),
      attempts_left: z.int(),
      files: z.array(z.object({ id: z.string(), size: z.int().describe('Encrypted bytes.') })),
    })
    .openapi('LinkStatus'),
)

const statusBody = z.strictObject({})

export const linkStatus: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/links/{slug}/status',
  summary: 'What a reveal requires',
  description: 'Doesn’t use up a view.',
  access: 'recipient',
  body: statusBody,
  reply: statusSchema,
  errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'GONE', 'LOCKED', 'IP_DENIED', 'GEO_DENIED'],

  async handle(c) {
    await limitOpening(c, deps)
    const { id } = await authenticateRecipient(c, deps)
    await readBody(c, statusBody, 1024)
    const secret = await deps.store.readRecord(id)
    if (!secret) throw new ApiError('NOT_FOUND')

    const caller = callerOf(c, deps)
    const { ip, country } = caller
    const nothing = { proof: 'missing', captcha: 'missing', otp: 'missing' } as const
    const denial = firstDenial(statusPolicies, { ...nothing, secret, ip, country, now: deps.clock.now() })
    if (denial) {
      deps.denials.add(secret.slug, denial.code, caller)
      throw new ApiError(denial.code, denial.details)
    }
    const status: WireLinkStatus = {
      password: secret.hasPassword,
      otp: presentOtp(deps, secret),
      captcha: secret.captcha,
      challenge: secret.captcha ? await deps.captcha.challenge(secret.slug) : null,
      note: secret.note,
      expiration: iso(secret.expiresAt),
      views_left: secret.maximumViews === null ? null : secret.maximumViews - secret.views,
      attempts_left: secret.maxAttempts - secret.failedAttempts,
      files: secret.attachmentsCount > 0 ? await presentFiles(deps, secret) : [],
    }
    return success(c, 'Link is ready to be opened', status)
  },
})

async function presentFiles({ store }: Deps, { id }: Secret): Promise<WireLinkStatus['files']> {
  const files = await store.listAttachments(id)
  return files.map(({ fileId, size }) => ({ id: fileId.toString('base64url'), size }))
}

/** Where the code is sent, masked. TOTP codes aren't sent. */
function presentOtp({ serverKey }: Deps, { slug, otpType, sealedOtp }: SecretRecord): WireLinkStatus['otp'] {
  if (otpType === null) return null
  const to = otpType === 'totp' || !sealedOtp ? null : maskAddress(otpType, openOtp(serverKey, slug, sealedOtp))
  return { type: otpType, to }
}
