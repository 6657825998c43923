/** Named secrets; what schema.ts says of `vault` and `metas` holds for `kms_vault` and `kms_metas`. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { bytes, workspaces } from './schema.ts'

/** Named secrets: a deleted one stays, because its numbers do. */
export const kmsEntries = sqliteTable(
  'kms_entries',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    publicId: text('public_id').notNull(),
    workspaceId: integer('workspace_id')
      .notNull()
      .references(() => workspaces.id),
    handler: text('handler').notNull(),
    newest: integer('newest').notNull(),
    /** That aren't destroyed. */
    versions: integer('versions').notNull(),
    whitelist: text('whitelist', { mode: 'json' }).$type<string[]>(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    rotateAfter: integer('rotate_after'),
    rotateFrom: integer('rotate_from').notNull(),
    /** When to tell that a newer version is due; null: never, or told. */
    remindAt: integer('remind_at'),
    deletedAt: integer('deleted_at'),
    /** Deleted, and its log is purged. */
    purged: integer('purged', { mode: 'boolean' }).notNull().default(false),
  },
  (table) => [
    uniqueIndex('kms_entries_handler').on(table.workspaceId, table.handler),
    index('kms_entries_to_remind')
      .on(table.remindAt)
      .where(sql`remind_at IS NOT NULL`),
    index('kms_entries_deleted')
      .on(table.deletedAt)
      .where(sql`deleted_at IS NOT NULL AND NOT purged`),
  ],
)

export const kmsVersions = sqliteTable(
  'kms_versions',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    entryId: integer('entry_id')
      .notNull()
      .references(() => kmsEntries.id),
    version: integer('version').notNull(),
    /** SHA-256 of the request that put it. */
    digest: bytes('digest').notNull(),
    creator: text('creator').notNull(),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at'),
    /** When to tell that it expired; null: never, or told. */
    remindAt: integer('remind_at'),
    destroyedAt: integer('destroyed_at'),
  },
  (table) => [
    uniqueIndex('kms_versions_number').on(table.entryId, table.version),
    index('kms_versions_to_remind')
      .on(table.remindAt)
      .where(sql`remind_at IS NOT NULL`),
    index('kms_versions_to_destroy')
      .on(table.expiresAt)
      .where(sql`expires_at IS NOT NULL AND destroyed_at IS NULL`),
  ],
)

/** One row a version, with the version's id. All null: destroyed. */
export const kmsVault = sqliteTable('kms_vault', {
  id: integer('id').primaryKey(),
  sealedKeyA: bytes('sealed_key_a'),
  salt: bytes('salt'),
  iv: bytes('iv'),
  commitment: bytes('commitment'),
  ciphertext: bytes('ciphertext'),
})

/** Names and properties, sealed; a newer row replaces an older one, which is nulled. */
export const kmsMetas = sqliteTable(
  'kms_metas',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    entryId: integer('entry_id').notNull(),
    meta: bytes('meta'),
  },
  (table) => [index('kms_metas_by_entry').on(table.entryId, table.id)],
)
