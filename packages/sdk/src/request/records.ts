/** The server's records of requests, and their metadata, which the workspace key opens. */
import { b64 } from '../protocol/encoding.ts'
import type { WorkspaceKey } from '../protocol/keys.ts'
import { openMeta, type OwnerMeta } from '../protocol/owner.ts'
import { date, integer, list, nullable, record, string, type Reader } from '../transport/read.ts'
import type { WireRequestStatus } from '../wire.ts'
import { openWithAny } from '../workspace/workspace-keys.ts'

/** What a request allows each answer. */
export interface AnswerLimits {
  /** Times that it can be opened. */
  maximumViews: number
  /** Seconds that it is kept. */
  expiresIn: number
  /** Encrypted bytes of its text and files together. */
  maximumBytes: number
  /** Files that it may have. */
  maximumFiles: number
}

/** A request as whoever asked sees it. */
export interface RequestDetails {
  /** 13 characters that name the request. */
  slug: string
  /** The token's name, or `anonymous`. */
  creator: string
  /** Where it is in its life. `answered`: no place is left, though an upload that is given up may free one. */
  status: WireRequestStatus
  /** How many answers it takes. */
  maximumAnswers: number
  /** Places taken, by answers that are being uploaded too. */
  answersCount: number
  /** Places left; 0 once it has ended. */
  answersLeft: number
  /** Until when it takes answers. */
  expiration: Date
  /** What it allows each answer. */
  limits: AnswerLimits
  /** Without the fragment: it answers nothing. */
  askUrl: string
  /** Without the fragment: it collects nothing. */
  collectUrl: string
  /** When it was made. */
  createdAt: Date
  /** When its record last changed. */
  updatedAt: Date
  /** When it ended; null: it is open. */
  endedAt: Date | null
  /** This and the following are known only with the workspace key that the request was made with. */
  description: string | undefined
  /** What is asked for, as holders of the ask link read it. */
  message: string | undefined
  /** Whether `client.collect` can read the answers: the seed is kept under the workspace key. */
  hasSeed: boolean
  /** In lists: the sealed metadata didn't open. Wrong workspace key, or tampered. */
  metaError?: true
}

/** `client.getRequestStats`: a workspace's numbers. */
export interface RequestStats {
  /** Ever made. */
  totalRequests: number
  /** That take answers. */
  openRequests: number
  /** Without a place left. */
  answeredRequests: number
  /** Whose time has run out. */
  expiredRequests: number
  /** Withdrawn by their owners or the operator. */
  withdrawnRequests: number
  /** Ever sent. */
  totalAnswers: number
  /** Opened at least once. */
  collectedAnswers: number
}

export const readLimits: Reader<AnswerLimits> = record({
  maximumViews: integer,
  expiresIn: integer,
  maximumBytes: integer,
  maximumFiles: integer,
})

/** A request as the server has it; `note` and `meta` are sealed. */
export type RequestRecord = ReturnType<typeof readRequest>

export const readRequest = record({
  slug: string,
  creator: string,
  status: string as Reader<WireRequestStatus>,
  maximumAnswers: integer,
  answersCount: integer,
  answersLeft: integer,
  expiration: date,
  limits: readLimits,
  askUrl: string,
  collectUrl: string,
  note: nullable(string),
  meta: nullable(string),
  createdAt: date,
  updatedAt: date,
  endedAt: nullable(date),
})

export const readRequests = list(readRequest)

export const readRequestStats: Reader<RequestStats> = record({
  totalRequests: integer,
  openRequests: integer,
  answeredRequests: integer,
  expiredRequests: integer,
  withdrawnRequests: integer,
  totalAnswers: integer,
  collectedAnswers: integer,
})

/** What the owner noted. @throws HalfkeyError WRONG_KEY for another workspace key, or a changed `meta`. */
export async function openRequestMeta(
  { slug, meta }: RequestRecord,
  workspaceKeys: readonly WorkspaceKey[],
): Promise<OwnerMeta> {
  if (meta === null || workspaceKeys.length === 0) return {}
  return openWithAny(workspaceKeys, (key) => openMeta(key, slug, meta))
}

/** @throws HalfkeyError as `openRequestMeta`. */
export async function openRequest(
  request: RequestRecord,
  workspaceKeys: readonly WorkspaceKey[],
): Promise<RequestDetails> {
  return presentRequest(request, await openRequestMeta(request, workspaceKeys))
}

/** `openRequest` for lists, which must not fail because one item doesn't open. */
export async function openListedRequest(
  request: RequestRecord,
  workspaceKeys: readonly WorkspaceKey[],
): Promise<RequestDetails> {
  try {
    return await openRequest(request, workspaceKeys)
  } catch {
    return { ...presentRequest(request, {}), metaError: true }
  }
}

export function presentRequest(
  { note: _note, meta: _meta, ...known }: RequestRecord,
  { description, note, seed }: OwnerMeta,
): RequestDetails {
  return { ...known, description, message: note, hasSeed: seed !== undefined }
}

/** The header that shows the server that the caller is whoever asked. */
export const collectHeader = (collect: Uint8Array): Record<string, string> => ({ 'Halfkey-Collect': b64(collect) })
