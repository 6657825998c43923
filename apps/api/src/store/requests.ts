/** The part of the store's contract that keeps requests (spec/protocol.md section 10). Answers are secrets. */
import type { AnswerCommand, AnswerOutcome } from '../domain/requests/answer.ts'
import type { AskCommand, AskOutcome } from '../domain/requests/ask.ts'
import type { RequestPurgeOutcome } from '../domain/requests/endings.ts'
import type { RequestPatchCommand, RequestPatchOutcome } from '../domain/requests/patch.ts'
import type { TakeBackOutcome } from '../domain/requests/receipt.ts'
import type { RequestRecord, RequestState } from '../domain/requests/request.ts'
import type { Caller, Secret } from '../domain/secrets/secret.ts'

/** What tells whose a request is. */
export type RequestVerifiers = Pick<RequestRecord, 'id' | 'slug' | 'workspaceId' | 'accessVerifier' | 'collectVerifier'>

/** The record with what is destroyed once it takes no more answers, and the owner's metadata. */
export interface FullRequest extends RequestRecord {
  /** null: destroyed. */
  content: { publicKey: Buffer; note: string } | null
  meta: string | null
  /** null: made without a token. */
  workspaceName: string | null
}

/** An answer that can be, or could have been, collected. */
export interface Answer extends Pick<
  Secret,
  'id' | 'slug' | 'state' | 'createdAt' | 'expiresAt' | 'endedAt' | 'attachmentsCount'
> {
  /** null: destroyed. */
  sealedKeyB: Buffer | null
  /** Its first recorded reveal; null: none. */
  collectedAt: number | null
  /** Encrypted bytes of its text and files. */
  size: number
}

/** What tells whether a request has new answers, or can have any. */
export interface AwaitedRequest extends Pick<RequestRecord, 'id' | 'state' | 'expiresAt' | 'answers'> {
  /** How many answers `listAnswers` lists. */
  listed: number
}

export interface RequestListQuery {
  /** null: of every workspace, and of those made without a token. */
  workspaceId: number | null
  state?: RequestState
  /** From 1. */
  page: number
  perPage: number
}

/** Kept by counters in the writing transaction. */
export interface RequestStats {
  /** Ever created, by what has become of them. */
  ever: Record<RequestState, number>
  /** Ever counted, without those that were abandoned. */
  answers: number
  collected: number
}

export interface RequestStore {
  /** `quota` is the most that the request's workspace, or everybody without a token, may use afterwards. */
  createRequest(command: AskCommand): Promise<AskOutcome>
  /**
   * Those of the slug, or of another one where there is none (claim C3: both must take as long), so that the slug is to
   * be compared too.
   */
  findRequestVerifiers(slug: string): Promise<RequestVerifiers>
  readRequest(id: number): Promise<FullRequest | undefined>
  /** Newest first. */
  listRequests(query: RequestListQuery): Promise<{ requests: FullRequest[]; total: number }>
  /** Counts the answer and creates its secret, or refuses and does neither: spec/protocol.md section 10, step 3. */
  answerRequest(command: AnswerCommand): Promise<AnswerOutcome>
  /** Oldest first: those whose upload was completed, and those destroyed before that, which keep their place. */
  listAnswers(requestId: number): Promise<Answer[]>
  /** Those of the ids that are there still, in one query. */
  readAwaited(requestIds: readonly number[]): Promise<AwaitedRequest[]>
  /** When an answer was first opened; null: it wasn't. */
  readCollectedAt(secretId: number): Promise<number | null>
  /** Burns an answer that was never opened. */
  takeBackAnswer(secretId: number, now: number, caller: Caller): Promise<TakeBackOutcome>
  /** Nothing is loosened; of an ended request only the metadata can be replaced, by a patch of nothing else. */
  patchRequest(id: number, command: RequestPatchCommand): Promise<RequestPatchOutcome>
  /** Takes no answers from then on. Ended ones stay as they are. */
  withdrawRequest(id: number, now: number, caller: Caller, reason?: 'operator'): Promise<void>
  /** Removes the record and those of its answers, once all have ended, and what the log says of them. */
  purgeRequest(id: number, now: number): Promise<RequestPurgeOutcome>
  readRequestStats(workspaceId: number): Promise<RequestStats>
}
