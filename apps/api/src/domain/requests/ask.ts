/** spec/protocol.md section 10, ask: the first to bring a slug owns it, and the same bytes again change nothing. */
import { unchanged } from '../secrets/decision.ts'
import type { Caller } from '../secrets/secret.ts'
import type { Exceeded, Usage } from '../secrets/usage.ts'
import { exceeded, unlimited } from '../secrets/usage.ts'
import type { RequestDecision } from './decision.ts'
import { limitsOf, log } from './decision.ts'
import type { NewRequest } from './request.ts'
import { requestBytes } from './request.ts'

export interface AskFacts {
  /** The request that has the slug already. */
  known: { workspaceId: number | null; createDigest: Buffer; createdAt: number } | null
  /** What the request's workspace uses, or everybody without a token. */
  usage: Usage
}

export interface AskCommand {
  request: NewRequest
  caller: Caller
  /** The most that may be used afterwards; undefined: no limit. */
  quota: Usage | undefined
}

export type AskOutcome =
  | { kind: 'asked'; createdAt: number }
  /** The same owner sent the same bytes before, at `createdAt`. */
  | { kind: 'repeated'; createdAt: number }
  | { kind: 'conflict' }
  /** Nothing was created. */
  | Exceeded

export function ask({ known, usage }: AskFacts, command: AskCommand): RequestDecision<AskOutcome> {
  const { request, caller, quota = unlimited } = command
  if (known) {
    const isSame = known.workspaceId === request.workspaceId && known.createDigest.equals(request.createDigest)
    return unchanged(isSame ? { kind: 'repeated', createdAt: known.createdAt } : { kind: 'conflict' })
  }
  const bytes = requestBytes(request)
  const refusal = exceeded(usage, { activeSecrets: 0, storedBytes: bytes }, quota)
  if (refusal) return unchanged(refusal)
  return {
    outcome: { kind: 'asked', createdAt: request.createdAt },
    changes: [
      { kind: 'insert', request, bytes, quota },
      log('request.asked', request.createdAt, caller, null, limitsOf(request)),
    ],
  }
}
