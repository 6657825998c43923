/**
 * spec/protocol.md section 10, answer: counts the answer and creates its secret, or refuses and does neither. The same
 * bytes again get the same reply, whatever has happened to the request since.
 */
import type { Denial } from '../policies/policy.ts'
import type { CreateCommand, CreateFacts, CreateOutcome } from '../secrets/create.ts'
import { create, storedBytes } from '../secrets/create.ts'
import type { Change } from '../secrets/decision.ts'
import type { NewSecret } from '../secrets/secret.ts'
import type { RequestChange } from './decision.ts'
import { log, notify } from './decision.ts'
import type { AnswerLimits, RequestRecord } from './request.ts'
import { contentUntil } from './request.ts'
import { denialOf } from './status.ts'

export interface AnswerFacts extends CreateFacts {
  /** null: there is none. */
  request: RequestRecord | null
  /** Who is told by mail (sealed); null: nobody, or destroyed. */
  sealedNotify: Buffer | null
}

/** `secret.requestId` is the request's. */
export type AnswerCommand = CreateCommand

export type AnswerOutcome =
  | CreateOutcome
  | { kind: 'denied'; denial: Denial }
  /** More than the request allows. */
  | { kind: 'too large'; what: 'bytes' | 'files'; maximum: number; actual: number }

export interface AnswerDecision {
  outcome: AnswerOutcome
  /** First. */
  request: RequestChange[]
  secret: Change[]
}

const refuse = (outcome: AnswerOutcome): AnswerDecision => ({ outcome, request: [], secret: [] })

/** null: the answer is what the request allows. */
function exceeding({ maximumBytes, maximumFiles }: AnswerLimits, secret: NewSecret): AnswerOutcome | null {
  const files = secret.attachments.length
  if (files > maximumFiles) return { kind: 'too large', what: 'files', maximum: maximumFiles, actual: files }
  const bytes = answerBytes(secret)
  return bytes > maximumBytes ? { kind: 'too large', what: 'bytes', maximum: maximumBytes, actual: bytes } : null
}

/** Encrypted bytes of its text and files. */
export const answerBytes = ({ content, attachments }: NewSecret): number =>
  storedBytes({ content: { ...content, note: null }, meta: null, attachments })

export function answer(facts: AnswerFacts, command: AnswerCommand): AnswerDecision {
  const { request, sealedNotify } = facts
  const { secret, caller } = command
  if (!request) return refuse({ kind: 'denied', denial: { code: 'NOT_FOUND' } })
  const created = create(facts, command)
  if (created.outcome.kind === 'repeated') return refuse(created.outcome)
  const now = secret.createdAt
  const denial = denialOf(request, now)
  if (denial) return refuse({ kind: 'denied', denial })
  const tooLarge = exceeding(request.limits, secret)
  if (tooLarge) return refuse(tooLarge)
  if (created.outcome.kind !== 'created') return refuse(created.outcome)

  const answers = request.answers + 1
  const { maximumAnswers } = request
  const to = answers >= maximumAnswers ? 'answered' : 'open'
  const after: RequestRecord = { ...request, answers }
  return {
    outcome: created.outcome,
    request: [
      { kind: 'take place', at: now, answers, maximumAnswers, to, contentUntil: contentUntil(to, request, now) },
      log('request.answered', now, caller),
      // With files, once they are there.
      ...(secret.attachments.length === 0 ? [notify('request.answered', after, sealedNotify, now, now)] : []),
    ],
    secret: created.changes,
  }
}
