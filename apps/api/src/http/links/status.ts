import { z } from '@hono/zod-openapi'
import type { WireLinkStatus } from '@halfkey/sdk'
import { firstDenial, statusPolicies } from '../../policies/reveal.ts'
import { authenticateRecipient } from '../authenticate.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso } from '../presenters.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { time } from '../schemas.ts'

const statusSchema = z
  .object({
    password: z.boolean(),
    otp: z.object({ type: z.enum(['email', 'sms', 'totp']), to: z.string().nullable() }).nullable(),
    captcha: z.boolean(),
    note: z.string().nullable(),
    expiration: time,
    views_left: z.int().nullable().describe('null: any number until expiry.'),
    attempts_left: z.int(),
    files: z.array(z.object({ id: z.string(), size: z.int() })),
  })
  .openapi('LinkStatus')

const statusBody = z.strictObject({})

export const linkStatus: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/links/{slug}/status',
  summary: 'What a reveal will need',
  description: 'Spends nothing.',
  access: 'recipient',
  body: statusBody,
  reply: statusSchema,
  errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'GONE', 'LOCKED'],

  async handle(c) {
    const secret = await authenticateRecipient(c, deps)
    await readBody(c, statusBody, 1024)

    const denial = firstDenial(statusPolicies, { secret, proof: 'missing', now: deps.clock.now() })
    if (denial) throw new ApiError(denial.code, denial.details)
    const record = await deps.store.readRecord(secret.id)

    const status: WireLinkStatus = {
      password: secret.hasPassword,
      otp: null,
      captcha: false,
      note: record?.note ?? null,
      expiration: iso(secret.expiresAt),
      views_left: secret.maximumViews === null ? null : secret.maximumViews - secret.views,
      attempts_left: secret.maxAttempts - secret.failedAttempts,
      files: [],
    }
    return success(c, 'Link is ready to be opened', status)
  },
})
