import { z } from '@hono/zod-openapi'
import type { WireRevealed } from '@halfkey/sdk'
import { firstDenial, revealPolicies } from '../../domain/policies/reveal.ts'
import { makeGrant } from '../../domain/secrets/grant.ts'
import { codeVerifier, matchTotp, openOtp } from '../../domain/secrets/one-time-code.ts'
import { authenticateRecipient, sha256 } from '../authenticate.ts'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { limitOpening } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { captcha, envelope, id, key } from '../schemas.ts'
import { checkCaptcha } from './captcha.ts'

const revealBody = z
  .strictObject({
    reveal_id: id.describe(
      'Random, and saved by the client before it is sent. It uses one view, however often it is sent.',
    ),
    password_proof: key.optional(),
    otp: z.string().min(1).max(32).optional(),
    captcha: captcha.optional(),
  })
  .openapi('Reveal')

const revealedSchema = replySchema<WireRevealed>()(
  z
    .object({ key_a: z.string(), envelope, grant: z.string().describe('Authorizes downloading its files.') })
    .openapi('Revealed'),
)

export const revealLink: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/links/{slug}/reveal',
  summary: 'Reveal a secret',
  description:
    'Checks every policy, uses a view and records the reveal_id in one atomic step, or is denied and records nothing. ' +
    'Repeating a recorded id gets the same reply until it is confirmed or its grace time is over.',
  access: 'recipient',
  body: revealBody,
  reply: revealedSchema,
  errors: [
    'VALIDATION_ERROR',
    'NOT_FOUND',
    'GONE',
    'LOCKED',
    'IP_DENIED',
    'GEO_DENIED',
    'CAPTCHA_REQUIRED',
    'CAPTCHA_WRONG',
    'PASSWORD_REQUIRED',
    'PASSWORD_WRONG',
    'OTP_REQUIRED',
    'OTP_WRONG',
  ],

  async handle(c) {
    await limitOpening(c, deps)
    const secret = await authenticateRecipient(c, deps)
    const { id: secretId, slug } = secret
    const { body } = await readBody(c, revealBody, 16_384)

    const now = deps.clock.now()
    const caller = callerOf(c, deps)
    const revealId = Buffer.from(body.reveal_id, 'base64url')
    const { ip, country } = caller
    const outcome = await deps.store.reveal({
      secretId,
      revealId,
      proofVerifier: body.password_proof === undefined ? null : sha256(Buffer.from(body.password_proof, 'base64url')),
      codeVerifier: body.otp === undefined ? null : codeVerifier(deps.serverKey, slug, body.otp),
      matchTotp: (sealed, last) => matchTotp(openOtp(deps.serverKey, slug, sealed), body.otp ?? '', now, last),
      captcha: await checkCaptcha(deps, secret, body.captcha),
      decide: (row, evidence) => firstDenial(revealPolicies, { ...evidence, secret: row, ip, country, now }),
      now,
      graceMs: deps.config.HALFKEY_GRACE_SECONDS * 1000,
      caller,
    })
    if (outcome.kind === 'denied') throw new ApiError(outcome.denial.code, outcome.denial.details)

    const revealed: WireRevealed = {
      key_a: deps.serverKey.unseal(slug, outcome.content.sealedKeyA).toString('base64url'),
      envelope: outcome.content.envelope,
      grant: makeGrant(deps.serverKey, slug, revealId),
    }
    return success(c, 'Secret revealed', revealed)
  },
})
