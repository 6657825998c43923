/**
 * SQLite's shape of the domain. What must be unrecoverable lives in `vault` and `metas`: append-only tables whose
 * columns are nulled in place (secure_delete overwrites the bytes) and whose rows are deleted only before a VACUUM,
 * because a page split or merge would leave copies behind.
 */
import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Cause, EventType, State } from '../../secrets/secret.ts'
import type { Scope } from '../../tokens/token.ts'

const bytes = (name: string) => blob(name, { mode: 'buffer' })

export const workspaces = sqliteTable('workspaces', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  workspaceCheck: text('workspace_check'),
  createdAt: integer('created_at').notNull(),
})

export const tokens = sqliteTable('tokens', {
  id: text('id').primaryKey(),
  workspaceId: integer('workspace_id')
    .notNull()
    .references(() => workspaces.id),
  name: text('name').notNull(),
  secretHash: bytes('secret_hash').notNull(),
  scopes: text('scopes', { mode: 'json' }).$type<Scope[]>().notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
  revokedAt: integer('revoked_at'),
})

export const secrets = sqliteTable(
  'secrets',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    slug: text('slug').notNull(),
    workspaceId: integer('workspace_id').references(() => workspaces.id),
    tokenId: text('token_id').references(() => tokens.id),
    creator: text('creator').notNull(),
    state: text('state').$type<State>().notNull(),
    accessVerifier: bytes('access_verifier').notNull(),
    manageVerifier: bytes('manage_verifier').notNull(),
    createDigest: bytes('create_digest').notNull(),
    maximumViews: integer('maximum_views'),
    views: integer('views').notNull().default(0),
    hasPassword: integer('has_password', { mode: 'boolean' }).notNull(),
    maxAttempts: integer('max_attempts').notNull(),
    failedAttempts: integer('failed_attempts').notNull().default(0),
    onLockout: text('on_lockout').$type<'lock' | 'burn'>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    cause: text('cause').$type<Cause>(),
    endedAt: integer('ended_at'),
    /** Ended, but an open reveal may still need the content until then. */
    destroyAt: integer('destroy_at'),
  },
  (table) => [
    uniqueIndex('secrets_slug').on(table.slug),
    index('secrets_newest')
      .on(table.workspaceId, table.id)
      .where(sql`workspace_id IS NOT NULL`),
    index('secrets_by_state')
      .on(table.workspaceId, table.state, table.id)
      .where(sql`workspace_id IS NOT NULL`),
    index('secrets_by_token')
      .on(table.tokenId, table.id)
      .where(sql`token_id IS NOT NULL`),
    index('secrets_alive')
      .on(table.expiresAt)
      .where(sql`ended_at IS NULL`),
    index('secrets_to_destroy')
      .on(table.destroyAt)
      .where(sql`destroy_at IS NOT NULL`),
    index('secrets_ended')
      .on(table.endedAt)
      .where(sql`ended_at IS NOT NULL`),
  ],
)

/** One row a secret, with the secret's id. All null: destroyed. */
export const vault = sqliteTable('vault', {
  id: integer('id').primaryKey(),
  sealedKeyA: bytes('sealed_key_a'),
  salt: bytes('salt'),
  iv: bytes('iv'),
  commitment: bytes('commitment'),
  ciphertext: bytes('ciphertext'),
  note: bytes('note'),
  passwordVerifier: bytes('password_verifier'),
})

/** The owner's metadata; a newer row replaces an older one, which is nulled. */
export const metas = sqliteTable(
  'metas',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    secretId: integer('secret_id').notNull(),
    meta: bytes('meta'),
  },
  (table) => [index('metas_by_secret').on(table.secretId, table.id)],
)

export const reveals = sqliteTable(
  'reveals',
  {
    secretId: integer('secret_id')
      .notNull()
      .references(() => secrets.id),
    revealId: bytes('reveal_id').notNull(),
    graceUntil: integer('grace_until').notNull(),
    ackedAt: integer('acked_at'),
    /** Wrong passwords sent with this recorded id. */
    failedAttempts: integer('failed_attempts').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.secretId, table.revealId] })],
)

export const events = sqliteTable(
  'events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    secretId: integer('secret_id')
      .notNull()
      .references(() => secrets.id),
    type: text('type').$type<EventType>().notNull(),
    reason: text('reason'),
    at: integer('at').notNull(),
    ip: text('ip'),
    userAgent: text('user_agent'),
    country: text('country'),
  },
  (table) => [index('events_by_secret').on(table.secretId, table.id)],
)

/** Records present, by workspace, token and state. */
export const counts = sqliteTable(
  'counts',
  {
    workspaceId: integer('workspace_id').notNull(),
    tokenId: text('token_id').notNull(),
    state: text('state').$type<State>().notNull(),
    present: integer('present').notNull(),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.tokenId, table.state] })],
)

/** What happened, by workspace and UTC day (days since the epoch); never counted down. */
export const days = sqliteTable(
  'days',
  {
    workspaceId: integer('workspace_id').notNull(),
    day: integer('day').notNull(),
    created: integer('created').notNull().default(0),
    withPassword: integer('with_password').notNull().default(0),
    views: integer('views').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.workspaceId, table.day] })],
)

export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})
