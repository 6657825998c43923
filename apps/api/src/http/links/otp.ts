import { z } from '@hono/zod-openapi'
import type { WireCodeSent } from '@halfkey/sdk'
import { NotDelivered } from '../../adapters/delivery.ts'
import { codePolicies, firstDenial } from '../../domain/policies/reveal.ts'
import type { Denial } from '../../domain/policies/policy.ts'
import {
  codeLifeMs,
  codeLimit,
  codeText,
  codeVerifier,
  maskAddress,
  newCode,
  openOtp,
} from '../../domain/secrets/one-time-code.ts'
import type { Secret } from '../../domain/secrets/secret.ts'
import { authenticateRecipient, sha256 } from '../authenticate.ts'
import type { Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso } from '../presenters.ts'
import { limitOpening } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { captcha, key, time } from '../schemas.ts'
import { checkCaptcha } from './captcha.ts'

const codeBody = z.strictObject({ password_proof: key.optional(), captcha: captcha.optional() }).openapi('RequestCode')

const codeSentSchema = replySchema<WireCodeSent>()(
  z
    .object({
      type: z.enum(['email', 'sms']),
      to: z.string().describe('The recipient’s address, masked.'),
      expires_at: time,
    })
    .openapi('CodeSent'),
)

export const sendCode: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/links/{slug}/otp',
  summary: 'Request a one-time code',
  description:
    'Sends a code once all other policies have passed, including captcha and password. Only the newest code is valid, once, ' +
    'for 10 minutes. A secret may have 5 unused codes; a successful reveal or an unlock by the owner resets the count.',
  access: 'recipient',
  body: codeBody,
  reply: codeSentSchema,
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
  ],

  async handle(c) {
    await limitOpening(c, deps)
    const secret = await authenticateRecipient(c, deps)
    const { id: secretId, slug } = secret
    const { body } = await readBody(c, codeBody, 16_384)

    const now = deps.clock.now()
    const caller = callerOf(c, deps)
    const { ip, country } = caller
    const code = newCode()
    const expiresAt = now + codeLifeMs
    const outcome = await deps.store.recordCode({
      secretId,
      verifier: codeVerifier(deps.serverKey, slug, code),
      expiresAt,
      proofVerifier: body.password_proof === undefined ? null : sha256(Buffer.from(body.password_proof, 'base64url')),
      captcha: await checkCaptcha(deps, secret, body.captcha),
      decide: (row, evidence) =>
        firstDenial(codePolicies, { ...evidence, secret: row, otp: 'missing', ip, country, now }),
      limit: codeLimit,
      now,
      caller,
    })
    if (outcome.kind === 'denied') throw denied(outcome.denial, secret, now)

    const to = openOtp(deps.serverKey, slug, outcome.sealedOtp)
    const type = secret.otpType === 'sms' ? 'sms' : 'email'
    await deliver(deps, type, to, code)
    const sent: WireCodeSent = { type, to: maskAddress(type, to), expires_at: iso(expiresAt) }
    return success(c, 'Code sent', sent)
  },
})

/** After too many unused codes, no more are sent until the secret is opened, unlocked or ended. */
function denied({ code, details }: Denial, { expiresAt }: Pick<Secret, 'expiresAt'>, now: number): ApiError {
  const wait = Math.max(1, Math.ceil((expiresAt - now) / 1000))
  return new ApiError(code, details, code === 'RATE_LIMITED' ? { 'Retry-After': String(wait) } : undefined)
}

/** The message contains the code and the server's name, but nothing about the secret. */
async function deliver(
  { mailer, sms, publicUrl }: Deps,
  type: 'email' | 'sms',
  to: string,
  code: string,
): Promise<void> {
  const text = codeText(code, publicUrl())
  if (type === 'email' && mailer) await mailer.send({ to, subject: 'Your one-time code', text })
  else if (type === 'sms' && sms) await sms.send(to, text)
  else throw new NotDelivered(`the server can no longer send codes by ${type}`)
}
