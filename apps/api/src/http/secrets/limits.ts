import { z } from '@hono/zod-openapi'
import type { WireLimits } from '@halfkey/sdk'
import { maxAttachments } from '../../domain/secrets/attachment.ts'
import type { Token } from '../../domain/tokens/token.ts'
import { findToken } from '../authenticate.ts'
import type { Deps } from '../context.ts'
import type { DefineOperation } from '../operation.ts'
import { limitUnproven } from '../rate-limit.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { maxCiphertextBytes } from '../schemas.ts'

const limitsSchema = replySchema<WireLimits>()(
  z
    .object({
      anonymous: z.boolean().describe('Whether secrets can be created without a token.'),
      ciphertext_bytes: z.int(),
      expires_in: z.int().describe('Seconds.'),
      maximum_views: z.int(),
      attachments: z.int().describe('0: this server accepts none.'),
      file_bytes: z.int().describe('Maximum encrypted size of each attachment.'),
      files_bytes: z
        .int()
        .nullable()
        .describe('Maximum encrypted size of all attachments of a secret; null: limited only by `file_bytes`.'),
      password_required: z.boolean(),
      otp: z.array(z.enum(['email', 'sms', 'totp'])),
      geolocation: z.boolean(),
      notify: z.boolean(),
      requests: z.boolean().describe('Whether secrets can be requested.'),
    })
    .openapi('Limits'),
)

/** What the checks in create.ts accept. */
function present({ config, geo, mailer, sms }: Deps, token: Token | null): WireLimits {
  const hasToken = token !== null
  const mayMail = hasToken || config.HALFKEY_ANONYMOUS_OTP === 'allow'
  const fileBytes = config.HALFKEY_MAX_FILE_BYTES
  const anonymousFileBytes = config.HALFKEY_ANONYMOUS_MAX_FILE_BYTES
  const takesFiles = config.HALFKEY_FILES === 'on' && (hasToken || anonymousFileBytes > 0)
  return {
    anonymous: config.HALFKEY_ANONYMOUS === 'allow',
    ciphertext_bytes: hasToken ? maxCiphertextBytes : Math.min(maxCiphertextBytes, config.HALFKEY_ANONYMOUS_MAX_BYTES),
    expires_in: hasToken
      ? config.HALFKEY_MAX_EXPIRES_IN
      : Math.min(config.HALFKEY_MAX_EXPIRES_IN, config.HALFKEY_ANONYMOUS_MAX_EXPIRES_IN),
    maximum_views: 10_000,
    attachments: takesFiles ? maxAttachments : 0,
    file_bytes: Math.min(fileBytes, hasToken ? config.HALFKEY_QUOTA_FILE_BYTES : anonymousFileBytes),
    files_bytes: hasToken ? null : anonymousFileBytes,
    password_required: config.HALFKEY_REQUIRE_PASSWORD === 'on',
    otp: [...(mailer && mayMail ? ['email' as const] : []), ...(sms && mayMail ? ['sms' as const] : []), 'totp'],
    geolocation: geo !== null,
    notify: mailer !== null && mayMail,
    requests: config.HALFKEY_REQUESTS === 'anyone' || (hasToken && config.HALFKEY_REQUESTS === 'token'),
  }
}

export const getLimits: DefineOperation = (deps) => ({
  method: 'get',
  path: '/api/v1/limits',
  summary: 'Limits for creating secrets',
  description:
    'The limits for this token, or for senders without one, so that a client can check them before encrypting and uploading.',
  access: 'sender',
  reply: limitsSchema,
  errors: ['AUTHENTICATION_ERROR', 'PERMISSION_DENIED'],

  async handle(c) {
    const token = await findToken(c, deps, 'secrets:write', 'requests:write')
    if (!token) await limitUnproven(c, deps)
    return success(c, 'Limits retrieved successfully', present(deps, token))
  },
})
