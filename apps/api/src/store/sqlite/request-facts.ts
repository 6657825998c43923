/** What the rules of requests are asked with, read in the transaction that writes what they answer. */
import { and, count, eq, getTableColumns, sql } from 'drizzle-orm'
import type { AskFacts } from '../../domain/requests/ask.ts'
import type { RequestRecord, RequestState } from '../../domain/requests/request.ts'
import type { Drizzle } from './database.ts'
import { answers, requestMetas, requests, requestVault } from './requests-schema.ts'
import { positions } from './rows.ts'
import { secrets } from './schema.ts'
import type { Row } from './statements.ts'
import { prepare } from './statements.ts'

const at = positions(getTableColumns(requests))
/** How many columns `requests` has. */
export const requestWidth = Object.keys(at).length

/** From a row that begins with every column of `requests`, in their order. */
export const requestRow = (row: Row): RequestRecord => ({
  id: row[at.id] as number,
  slug: row[at.slug] as string,
  workspaceId: row[at.workspaceId] as number | null,
  tokenId: row[at.tokenId] as string | null,
  creator: row[at.creator] as string,
  state: row[at.state] as RequestState,
  accessVerifier: row[at.accessVerifier] as Buffer,
  collectVerifier: row[at.collectVerifier] as Buffer,
  maximumAnswers: row[at.maximumAnswers] as number,
  answers: row[at.answers] as number,
  limits: {
    maximumViews: row[at.answerViews] as number,
    expiresIn: row[at.answerExpiresIn] as number,
    maximumBytes: row[at.answerBytes] as number,
    maximumFiles: row[at.answerFiles] as number,
  },
  createdAt: row[at.createdAt] as number,
  updatedAt: row[at.updatedAt] as number,
  expiresAt: row[at.expiresAt] as number,
  endedAt: row[at.endedAt] as number | null,
})

/** The same, from drizzle's objects. */
export function toRequest(row: typeof requests.$inferSelect): RequestRecord {
  const {
    answerViews,
    answerExpiresIn,
    answerBytes,
    answerFiles,
    createDigest: _digest,
    contentUntil: _at,
    ...rest
  } = row
  const limits = {
    maximumViews: answerViews,
    expiresIn: answerExpiresIn,
    maximumBytes: answerBytes,
    maximumFiles: answerFiles,
  }
  return { ...rest, limits }
}

export function openRequestFacts(db: Drizzle) {
  const placeholder = sql.placeholder
  const selectRequest = prepare(
    db,
    db
      .select()
      .from(requests)
      .where(eq(requests.id, placeholder('id'))),
  )
  const selectKnown = prepare(
    db,
    db
      .select({
        workspaceId: requests.workspaceId,
        createDigest: requests.createDigest,
        createdAt: requests.createdAt,
      })
      .from(requests)
      .where(eq(requests.slug, placeholder('slug'))),
  )
  const selectNotify = prepare(
    db,
    db
      .select({ sealedNotify: requestVault.sealedNotify })
      .from(requestVault)
      .where(eq(requestVault.id, placeholder('id'))),
  )
  const sumMeta = prepare(
    db,
    db
      .select({ bytes: sql<number>`coalesce(sum(length(${requestMetas.meta})), 0)` })
      .from(requestMetas)
      .where(eq(requestMetas.requestId, placeholder('id'))),
  )
  const countUploading = prepare(
    db,
    db
      .select({ uploading: count() })
      .from(answers)
      .innerJoin(secrets, eq(secrets.id, answers.id))
      .where(and(eq(answers.requestId, placeholder('id')), eq(secrets.state, 'uploading'))),
  )

  return {
    find(id: number): RequestRecord | null {
      const row = selectRequest.get({ id })
      return row ? requestRow(row) : null
    },

    known(slug: string): AskFacts['known'] {
      const row = selectKnown.get({ slug })
      if (!row) return null
      const [workspaceId, createDigest, createdAt] = row as [number | null, Buffer, number]
      return { workspaceId, createDigest, createdAt }
    },

    metaBytes: (id: number): number => (sumMeta.get({ id })?.[0] ?? 0) as number,

    sealedNotify: (id: number): Buffer | null => (selectNotify.get({ id })?.[0] ?? null) as Buffer | null,

    /** Answers whose files aren't all there yet. */
    uploading: (id: number): number => (countUploading.get({ id })?.[0] ?? 0) as number,
  }
}

export type RequestFacts = ReturnType<typeof openRequestFacts>
