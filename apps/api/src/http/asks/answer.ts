import { z } from '@hono/zod-openapi'
import type { WireAnswered } from '@halfkey/sdk'
import type { AnswerOutcome } from '../../domain/requests/answer.ts'
import { sha256 } from '../authenticate.ts'
import type { Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError, tooLarge, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso } from '../presenters.ts'
import { limitAnswering } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import { authenticateAnswerer, requireRequests } from '../requests/authenticate.ts'
import { requestGone } from '../requests/present.ts'
import { attachments, envelope, exactly, hasOwnSlug, key, sealed, slug, time, wrongSlug } from '../schemas.ts'
import { anonymousQuotaOf, quotaOf, usageNames } from '../workspace/quota.ts'

export const answerBody = z
  .strictObject({
    slug,
    envelope,
    key_a: key,
    access_verifier: key,
    password_verifier: key.optional(),
    manage_verifier: key,
    note: sealed.optional(),
    attachments,
    sealed_key_b: exactly(1168).describe('The other half of the key, sealed to the request’s public key.'),
  })
  .refine(hasOwnSlug, wrongSlug)
  .openapi('CreateAnswer')

const answeredSchema = replySchema<WireAnswered>()(
  z
    .object({
      slug: z.string(),
      expiration: time.describe('When the answer expires.'),
      attachments_count: z.int(),
      created_at: time,
    })
    .openapi('CreatedAnswer'),
)

/** As those of a secret whose sender doesn't choose. */
const maxAttempts = 10

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')

type Refused = Exclude<AnswerOutcome, { kind: 'created' | 'repeated' }>

function refusal(outcome: Refused, slug: string): ApiError {
  switch (outcome.kind) {
    case 'denied': {
      const { code, details } = outcome.denial
      return code === 'GONE' ? requestGone(details) : new ApiError(code, details)
    }
    case 'conflict':
      return new ApiError('CONFLICT', { slug })
    case 'exceeded':
      // How much a workspace stores is none of the answerer's business.
      return new ApiError('QUOTA_EXCEEDED', { quota: usageNames[outcome.quota] })
    case 'too large':
      if (outcome.what === 'bytes') return tooLarge('answer', outcome.maximum, outcome.actual)
      return validationError({
        attachments: [
          outcome.maximum === 0
            ? 'The request takes no files.'
            : `Must have at most ${outcome.maximum} entries: the request takes no more.`,
        ],
      })
  }
}

function checkFiles({ config }: Deps, files: readonly { size: number }[]): void {
  const largest = Math.max(0, ...files.map(({ size }) => size))
  if (largest > config.HALFKEY_MAX_FILE_BYTES) throw tooLarge('file', config.HALFKEY_MAX_FILE_BYTES, largest)
}

export const answerRequest: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/asks/{slug}/answers',
  summary: 'Answer a request',
  description:
    'Counts the answer and stores it in one atomic step, or refuses and does neither. Views, expiry and size are the ' +
    'request’s. Idempotent: the same request gets the same reply, whatever has happened to the request since. Files are ' +
    'uploaded with the manage key, as those of any secret; an upload that isn’t complete after 24 hours is abandoned, and ' +
    'gives its place back.',
  access: 'answerer',
  body: answerBody,
  reply: answeredSchema,
  status: 201,
  errors: [
    'VALIDATION_ERROR',
    'PERMISSION_DENIED',
    'NOT_FOUND',
    'GONE',
    'QUOTA_EXCEEDED',
    'CONFLICT',
    'PAYLOAD_TOO_LARGE',
  ],

  async handle(c) {
    await limitAnswering(c, deps)
    const request = await authenticateAnswerer(c, deps)
    const { body, text } = await readBody(c, answerBody)
    requireRequests(deps)
    checkFiles(deps, body.attachments)

    const now = deps.clock.now()
    const caller = callerOf(c, deps)
    const { id: requestId, workspaceId, limits } = request
    const outcome = await deps.store.answerRequest({
      secret: {
        requestId,
        workspaceId,
        tokenId: null,
        creator: 'anonymous',
        slug: body.slug,
        accessVerifier: bytes(body.access_verifier),
        manageVerifier: bytes(body.manage_verifier),
        createDigest: sha256(text),
        maximumViews: limits.maximumViews,
        hasPassword: body.password_verifier !== undefined,
        maxAttempts,
        onLockout: 'lock',
        ipWhitelist: null,
        geolocation: null,
        captcha: false,
        otpType: null,
        createdAt: now,
        updatedAt: now,
        expiresAt: now + limits.expiresIn * 1000,
        attachmentsCount: body.attachments.length,
        attachments: body.attachments.map(({ id, size }) => ({ fileId: bytes(id), size })),
        meta: null,
        content: {
          sealedKeyA: deps.serverKey.seal(body.slug, bytes(body.key_a)),
          envelope: body.envelope,
          note: body.note ?? null,
          passwordVerifier: body.password_verifier === undefined ? null : bytes(body.password_verifier),
          sealedOtp: null,
          sealedNotify: null,
          sealedKeyB: bytes(body.sealed_key_b),
        },
      },
      caller,
      quota: workspaceId === null ? anonymousQuotaOf(deps.config) : quotaOf(deps.config),
    })
    if (outcome.kind !== 'created' && outcome.kind !== 'repeated') {
      const error = refusal(outcome, body.slug)
      deps.denials.add(request.slug, error.code, caller, 'request.refused')
      throw error
    }

    await deps.awaited.look([requestId])

    const answered: WireAnswered = {
      slug: body.slug,
      expiration: iso(outcome.createdAt + limits.expiresIn * 1000),
      attachments_count: body.attachments.length,
      created_at: iso(outcome.createdAt),
    }
    return success(c, 'Answer stored', answered, 201)
  },
})
