import { z } from '@hono/zod-openapi'
import type { WireRevealed } from '@halfkey/sdk'
import { firstDenial, revealPolicies } from '../../policies/reveal.ts'
import { authenticateRecipient, sha256 } from '../authenticate.ts'
import { callerOf } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { envelope, id, key } from '../schemas.ts'

const revealBody = z
  .strictObject({
    reveal_id: id.describe('Random, saved before it is sent: it spends one view, however often it is sent.'),
    password_proof: key.optional(),
    otp: z.string().min(1).max(32).optional(),
    captcha: z.string().min(1).max(4096).optional(),
  })
  .openapi('Reveal')

const revealedSchema = z.object({ key_a: z.string(), envelope, grant: z.string() }).openapi('Revealed')

export const revealLink: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/links/{slug}/reveal',
  summary: 'Reveal a secret',
  description:
    'Checks every policy, spends a view and records the reveal_id in one atomic step, or refuses and records nothing. ' +
    'A recorded id gets the same reply until its ack or the end of its grace time.',
  access: 'recipient',
  body: revealBody,
  reply: revealedSchema,
  errors: ['VALIDATION_ERROR', 'NOT_FOUND', 'GONE', 'PASSWORD_REQUIRED', 'PASSWORD_WRONG', 'LOCKED'],

  async handle(c) {
    const { id: secretId, slug } = await authenticateRecipient(c, deps)
    const { body } = await readBody(c, revealBody, 16_384)

    const now = deps.clock.now()
    const revealId = Buffer.from(body.reveal_id, 'base64url')
    const proof = body.password_proof
    const outcome = await deps.store.reveal({
      secretId,
      revealId,
      proofVerifier: proof === undefined ? null : sha256(Buffer.from(proof, 'base64url')),
      decide: (secret, proof) => firstDenial(revealPolicies, { secret, proof, now }),
      now,
      graceMs: deps.config.HALFKEY_GRACE_SECONDS * 1000,
      caller: callerOf(c),
    })
    if (outcome.kind === 'denied') throw new ApiError(outcome.denial.code, outcome.denial.details)

    const revealed: WireRevealed = {
      key_a: deps.serverKey.unseal(slug, outcome.content.sealedKeyA).toString('base64url'),
      envelope: outcome.content.envelope,
      grant: deps.serverKey.grant(slug, revealId).toString('base64url'),
    }
    return success(c, 'Secret revealed', revealed)
  },
})
