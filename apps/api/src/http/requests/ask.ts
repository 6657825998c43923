import { z } from '@hono/zod-openapi'
import type { WireAsked } from '@halfkey/sdk'
import { sealRecipient } from '../../domain/notices/notice.ts'
import type { AnswerLimits } from '../../domain/requests/request.ts'
import { maxAttachments } from '../../domain/secrets/attachment.ts'
import type { Token } from '../../domain/tokens/token.ts'
import { sha256 } from '../authenticate.ts'
import type { Deps } from '../context.ts'
import { callerOf } from '../context.ts'
import { ApiError, validationError } from '../errors.ts'
import type { DefineOperation } from '../operation.ts'
import { iso } from '../presenters.ts'
import { limitCreating } from '../rate-limit.ts'
import { readBody } from '../read-body.ts'
import { success } from '../reply.ts'
import { replySchema } from '../reply-schema.ts'
import {
  email,
  exactly,
  expiresIn,
  hasOwnSlug,
  key,
  maxCiphertextBytes,
  minCiphertextBytes,
  sealed,
  slug,
  time,
  wrongSlug,
} from '../schemas.ts'
import { inHours, ownership } from '../secrets/create.ts'
import { anonymousQuotaOf, quotaExceeded, quotaOf } from '../workspace/quota.ts'
import { authenticateAsker, requireRequests } from './authenticate.ts'
import { answerLimitsSchema, askUrl, collectUrl, presentLimits } from './present.ts'

/** Seconds: of a request, and of an answer. */
const defaultLife = 604_800

export const maximumAnswers = z
  .int('Must be a whole number.')
  .min(1, 'Must be at least 1.')
  .max(100, 'Must be at most 100.')

const answer = z
  .strictObject({
    maximum_views: z
      .int('Must be a whole number.')
      .min(1, 'Must be at least 1.')
      .max(10, 'Must be at most 10.')
      .default(1),
    expires_in: expiresIn
      .optional()
      .describe('Seconds that an answer is kept. Default: 7 days, or the server’s maximum.'),
    maximum_bytes: z
      .int('Must be a whole number of bytes.')
      .min(minCiphertextBytes, `Must be at least ${minCiphertextBytes}.`)
      .max(80_000_000_000_000, 'Must be at most 80,000,000,000,000.')
      .optional()
      .describe('Encrypted bytes of text and files together. Default: the most that the server allows.'),
    maximum_files: z
      .int('Must be a whole number.')
      .min(0, 'Must be at least 0.')
      .max(maxAttachments, `Must be at most ${maxAttachments}.`)
      .optional()
      .describe('Default: 100, or 0 on a server without attachments.'),
  })
  .openapi('AskedAnswer')

export const askBody = z
  .strictObject({
    slug,
    access_verifier: key,
    collect_verifier: key,
    public_key: exactly(1216).describe('The ML-KEM-768 and X25519 key that answers are sealed to.'),
    note: sealed,
    meta: sealed.optional(),
    maximum_answers: maximumAnswers.default(1),
    expires_in: expiresIn
      .optional()
      .describe('Seconds that the request takes answers. Default: 7 days, or the server’s maximum.'),
    answer: answer.optional().describe('What each answer may be.'),
    notify: z.strictObject({ email }).optional().describe('Whom to notify of answers and of the expiry.'),
  })
  .refine(hasOwnSlug, wrongSlug)
  .openapi('CreateRequest')

type AskBody = z.output<typeof askBody>

const askedSchema = replySchema<WireAsked>()(
  z
    .object({
      slug: z.string(),
      ask_url: z.string().describe('Without the fragment, which only the asker has.'),
      collect_url: z.string().describe('Without the fragment.'),
      maximum_answers: z.int(),
      expiration: time,
      limits: answerLimitsSchema,
      created_at: time,
    })
    .openapi('CreatedRequest'),
)

/** What the server allows at most. */
interface Most {
  expiresIn: number
  bytes: number
  files: number
}

function maxOf({ config }: Deps, token: Token | null): Most {
  const fileBytes = token
    ? Math.min(config.HALFKEY_MAX_FILE_BYTES, config.HALFKEY_QUOTA_FILE_BYTES)
    : Math.min(config.HALFKEY_MAX_FILE_BYTES, config.HALFKEY_ANONYMOUS_MAX_FILE_BYTES)
  const textBytes = token ? maxCiphertextBytes : Math.min(maxCiphertextBytes, config.HALFKEY_ANONYMOUS_MAX_BYTES)
  const takesFiles = config.HALFKEY_FILES === 'on' && fileBytes > 0
  return {
    expiresIn: token
      ? config.HALFKEY_MAX_EXPIRES_IN
      : Math.min(config.HALFKEY_MAX_EXPIRES_IN, config.HALFKEY_ANONYMOUS_MAX_EXPIRES_IN),
    bytes: takesFiles ? Math.max(fileBytes, textBytes) : textBytes,
    files: takesFiles ? maxAttachments : 0,
  }
}

/** Rejects what this server doesn't allow, naming the field: nothing is dropped silently. */
function checkAllowed({ config, mailer }: Deps, token: Token | null, body: AskBody, most: Most): void {
  const problems: Record<string, string[]> = {}
  const refuse = (field: string, problem: string): void => void (problems[field] ??= []).push(problem)
  if (body.notify && !mailer) refuse('notify', 'This server can’t send e-mail.')
  if (body.notify && !token && config.HALFKEY_ANONYMOUS_OTP === 'deny')
    refuse('notify', 'On this server, notifications by e-mail need a token.')
  const lives = { expires_in: body.expires_in, 'answer.expires_in': body.answer?.expires_in }
  for (const [field, seconds = 0] of Object.entries(lives))
    if (seconds > most.expiresIn) refuse(field, `Must be at most ${inHours(most.expiresIn)} on this server.`)
  const { maximum_bytes: maximumBytes = 0, maximum_files: maximumFiles = 0 } = body.answer ?? {}
  if (maximumBytes > most.bytes) refuse('answer.maximum_bytes', `Must be at most ${most.bytes} on this server.`)
  if (maximumFiles > most.files) refuse('answer.maximum_files', 'This server doesn’t accept attachments.')
  if (Object.keys(problems).length > 0) throw validationError(problems)
}

function limitsFor({ answer: asked = { maximum_views: 1 } }: AskBody, most: Most): AnswerLimits {
  return {
    maximumViews: asked.maximum_views,
    expiresIn: asked.expires_in ?? Math.min(defaultLife, most.expiresIn),
    maximumBytes: asked.maximum_bytes ?? most.bytes,
    maximumFiles: asked.maximum_files ?? most.files,
  }
}

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')

export const createRequest: DefineOperation = (deps) => ({
  method: 'post',
  path: '/api/v1/requests',
  summary: 'Request a secret',
  description:
    'Asks whoever gets the ask link for a secret that only the asker can read. Needs a token unless `HALFKEY_REQUESTS` is ' +
    'anyone. Idempotent: the same request from the same owner gets the same reply; a different request for a known slug is ' +
    'a 409.',
  access: 'sender',
  body: askBody,
  reply: askedSchema,
  status: 201,
  errors: ['VALIDATION_ERROR', 'AUTHENTICATION_ERROR', 'PERMISSION_DENIED', 'QUOTA_EXCEEDED', 'CONFLICT'],

  async handle(c) {
    requireRequests(deps)
    const token = await authenticateAsker(c, deps)
    await limitCreating(c, deps, token)
    const { body, text } = await readBody(c, askBody, 262_144)
    const most = maxOf(deps, token)
    checkAllowed(deps, token, body, most)

    const now = deps.clock.now()
    const life = (body.expires_in ?? Math.min(defaultLife, most.expiresIn)) * 1000
    const limits = limitsFor(body, most)
    const outcome = await deps.store.createRequest({
      request: {
        ...ownership(token),
        slug: body.slug,
        accessVerifier: bytes(body.access_verifier),
        collectVerifier: bytes(body.collect_verifier),
        createDigest: sha256(text),
        maximumAnswers: body.maximum_answers,
        limits,
        createdAt: now,
        updatedAt: now,
        expiresAt: now + life,
        meta: body.meta ?? null,
        content: {
          publicKey: bytes(body.public_key),
          note: body.note,
          sealedNotify: body.notify ? sealRecipient(deps.serverKey, body.slug, body.notify.email) : null,
        },
      },
      caller: callerOf(c, deps),
      quota: token ? quotaOf(deps.config) : anonymousQuotaOf(deps.config),
    })
    if (outcome.kind === 'conflict') throw new ApiError('CONFLICT', { request: body.slug })
    if (outcome.kind === 'exceeded') throw quotaExceeded(outcome, { isAnonymous: token === null })

    const { createdAt } = outcome
    const asked: WireAsked = {
      slug: body.slug,
      ask_url: askUrl(deps, body.slug),
      collect_url: collectUrl(deps, body.slug),
      maximum_answers: body.maximum_answers,
      expiration: iso(createdAt + life),
      limits: presentLimits(limits),
      created_at: iso(createdAt),
    }
    return success(c, 'Request created successfully', asked, 201)
  },
})
