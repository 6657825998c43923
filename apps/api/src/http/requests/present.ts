/** Converts requests and answers to wire format. Every field is picked by name, so that nothing else can leak. */
import { z } from '@hono/zod-openapi'
import type { WireAnswer, WireAnswerLimits, WireRequest, WireRequestStats } from '@halfkey/sdk'
import type { AnswerLimits } from '../../domain/requests/request.ts'
import { stateAt } from '../../domain/requests/request.ts'
import { denialOf } from '../../domain/requests/status.ts'
import type { Answer, FullRequest, RequestStats } from '../../store/requests.ts'
import type { Deps } from '../context.ts'
import { ApiError } from '../errors.ts'
import { detailsSchema, iso, isoOrNull, statusOf } from '../presenters.ts'
import { replySchema } from '../reply-schema.ts'
import { time } from '../schemas.ts'

const count = z.int().min(0)

export const answerLimitsSchema = replySchema<WireAnswerLimits>()(
  z
    .object({
      maximum_views: z.int(),
      expires_in: z.int().describe('Seconds that an answer is kept.'),
      maximum_bytes: z.int().describe('Encrypted bytes of an answer’s text and files together.'),
      maximum_files: z.int(),
    })
    .openapi('AnswerLimits'),
)

export const presentLimits = (limits: AnswerLimits): WireAnswerLimits => ({
  maximum_views: limits.maximumViews,
  expires_in: limits.expiresIn,
  maximum_bytes: limits.maximumBytes,
  maximum_files: limits.maximumFiles,
})

export const askUrl = (deps: Deps, slug: string): string => `${deps.publicUrl()}/ask/${slug}`
export const collectUrl = (deps: Deps, slug: string): string => `${deps.publicUrl()}/collect/${slug}`

export const requestSchema = replySchema<WireRequest>()(
  z
    .object({
      slug: z.string(),
      creator: z.string(),
      status: z
        .enum(['open', 'answered', 'expired', 'withdrawn'])
        .describe('answered: no place is left; if an upload is abandoned, its place comes back.'),
      maximum_answers: z.int(),
      answers_count: count.describe('Places taken, by answers that are being uploaded too.'),
      answers_left: count.describe('0 once it has ended.'),
      expiration: time.describe('Until when it takes answers.'),
      limits: answerLimitsSchema,
      ask_url: z.string().describe('Without the fragment.'),
      collect_url: z.string().describe('Without the fragment.'),
      note: z.string().nullable().describe('null once it is destroyed.'),
      meta: z.string().nullable(),
      created_at: time,
      updated_at: time,
      ended_at: time.nullable(),
    })
    .openapi('RequestDetails'),
)

export function presentRequest(deps: Deps, request: FullRequest): WireRequest {
  const status = stateAt(request, deps.clock.now())
  return {
    slug: request.slug,
    creator: request.creator,
    status,
    maximum_answers: request.maximumAnswers,
    answers_count: request.answers,
    answers_left: status === 'open' ? request.maximumAnswers - request.answers : 0,
    expiration: iso(request.expiresAt),
    limits: presentLimits(request.limits),
    ask_url: askUrl(deps, request.slug),
    collect_url: collectUrl(deps, request.slug),
    note: request.content?.note ?? null,
    meta: request.meta,
    created_at: iso(request.createdAt),
    updated_at: iso(request.updatedAt),
    ended_at: isoOrNull(request.endedAt ?? (status === 'open' ? null : request.expiresAt)),
  }
}

export const answerSchema = replySchema<WireAnswer>()(
  z
    .object({
      slug: z.string(),
      sealed_key_b: z.string().optional().describe('Absent once it is destroyed.'),
      status: detailsSchema.shape.status,
      created_at: time,
      collected_at: time.optional().describe('Its first opening. Absent while it is unopened.'),
      ended_at: time.optional().describe('Absent while it can be opened.'),
      attachments_count: count,
      size: count.describe('Encrypted bytes of its text and files together.'),
    })
    .openapi('Answer'),
)

export function presentAnswer(answer: Answer, now: number): WireAnswer {
  const endedAt = answer.endedAt ?? (answer.expiresAt <= now ? answer.expiresAt : null)
  return {
    slug: answer.slug,
    ...(answer.sealedKeyB && { sealed_key_b: answer.sealedKeyB.toString('base64url') }),
    status: statusOf(answer, now),
    created_at: iso(answer.createdAt),
    ...(answer.collectedAt !== null && { collected_at: iso(answer.collectedAt) }),
    ...(endedAt !== null && { ended_at: iso(endedAt) }),
    attachments_count: answer.attachmentsCount,
    size: answer.size,
  }
}

export const requestStatsSchema = replySchema<WireRequestStats>()(
  z
    .object({
      total_requests: count.describe('All requests ever created.'),
      open_requests: count,
      answered_requests: count.describe('This and the next two include purged ones.'),
      expired_requests: count,
      withdrawn_requests: count,
      total_answers: count.describe('All answers ever sent, without those whose upload was abandoned.'),
      collected_answers: count.describe('Answers that were opened at least once.'),
    })
    .openapi('RequestStats'),
)

export const presentRequestStats = ({ ever, answers, collected }: RequestStats): WireRequestStats => ({
  total_requests: ever.open + ever.answered + ever.expired + ever.withdrawn,
  open_requests: ever.open,
  answered_requests: ever.answered,
  expired_requests: ever.expired,
  withdrawn_requests: ever.withdrawn,
  total_answers: answers,
  collected_answers: collected,
})

const goneMessages: Record<string, string> = {
  answered: 'The request has all the answers that it takes',
  expired: 'The request has expired',
  withdrawn: 'The request was withdrawn',
}

/** @param details  `{cause, at}` */
export const requestGone = (details: Record<string, unknown> | undefined): ApiError =>
  new ApiError('GONE', details, undefined, goneMessages[String(details?.['cause'])])

/** Throws if the request takes no answers. */
export function throwIfEnded(request: FullRequest, now: number): void {
  const denial = denialOf(request, now)
  if (denial) throw requestGone(denial.details)
}
