/** Requests for secrets; what schema.ts says of `vault` and `metas` holds for `request_vault` and `request_metas`. */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { RequestState } from '../../domain/requests/request.ts'
import { bytes, tokens, workspaces } from './schema.ts'

export const requests = sqliteTable(
  'requests',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    slug: text('slug').notNull(),
    workspaceId: integer('workspace_id').references(() => workspaces.id),
    tokenId: text('token_id').references(() => tokens.id),
    creator: text('creator').notNull(),
    state: text('state').$type<RequestState>().notNull(),
    accessVerifier: bytes('access_verifier').notNull(),
    collectVerifier: bytes('collect_verifier').notNull(),
    createDigest: bytes('create_digest').notNull(),
    maximumAnswers: integer('maximum_answers').notNull(),
    /** Places taken. */
    answers: integer('answers').notNull().default(0),
    /** Of each answer, as the next three; seconds, encrypted bytes. */
    answerViews: integer('answer_views').notNull(),
    answerExpiresIn: integer('answer_expires_in').notNull(),
    answerBytes: integer('answer_bytes').notNull(),
    answerFiles: integer('answer_files').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    endedAt: integer('ended_at'),
    /** Takes no answers: from when on its content isn't needed; null: it does, or the content is destroyed. */
    contentUntil: integer('content_until'),
  },
  (table) => [
    uniqueIndex('requests_slug').on(table.slug),
    index('requests_newest')
      .on(table.workspaceId, table.id)
      .where(sql`workspace_id IS NOT NULL`),
    index('requests_by_state')
      .on(table.workspaceId, table.state, table.id)
      .where(sql`workspace_id IS NOT NULL`),
    index('requests_open')
      .on(table.expiresAt)
      .where(sql`state = 'open'`),
    index('requests_to_destroy')
      .on(table.contentUntil)
      .where(sql`content_until IS NOT NULL`),
    index('requests_ended')
      .on(table.endedAt)
      .where(sql`ended_at IS NOT NULL`),
  ],
)

/** One row a request, with the request's id. All null: destroyed. */
export const requestVault = sqliteTable('request_vault', {
  id: integer('id').primaryKey(),
  publicKey: bytes('public_key'),
  note: bytes('note'),
  /** Who is told of answers and of the expiry, under the server key. */
  sealedNotify: bytes('sealed_notify'),
})

/** The owner's metadata; a newer row replaces an older one, which is nulled. */
export const requestMetas = sqliteTable(
  'request_metas',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    requestId: integer('request_id').notNull(),
    meta: bytes('meta'),
  },
  (table) => [index('request_metas_by_request').on(table.requestId, table.id)],
)

/** One row for each secret that answers a request, with the secret's id. */
export const answers = sqliteTable(
  'answers',
  {
    id: integer('id').primaryKey(),
    requestId: integer('request_id')
      .notNull()
      .references(() => requests.id),
    /** Encrypted bytes of text and files. */
    size: integer('size').notNull(),
    /** Its files were there once. */
    complete: integer('complete', { mode: 'boolean' }).notNull(),
  },
  (table) => [index('answers_by_request').on(table.requestId, table.id)],
)

/** Requests by state, and answers, by workspace: those present, and all that there ever were. */
export const requestCounts = sqliteTable(
  'request_counts',
  {
    workspaceId: integer('workspace_id').notNull(),
    what: text('what').$type<RequestState | 'answers' | 'collected'>().notNull(),
    present: integer('present').notNull(),
    ever: integer('ever').notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.what] })],
)
