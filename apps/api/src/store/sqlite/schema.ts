/**
 * SQLite's shape of the domain; of named secrets in kms-schema.ts, of requests in requests-schema.ts. What must be
 * unrecoverable lives in `vault`, `metas` and `addressees`, of named secrets in `kms_vault` and `kms_metas`, and of requests in
 * `request_vault` and `request_metas`: append-only tables whose columns are nulled in place (secure_delete overwrites the bytes) and whose rows are deleted only before a VACUUM,
 * because a page split or merge would leave copies behind. Elsewhere a copy of a deleted row may outlive it. That is
 * borne where the value is worth nothing by then even to a thief of database and server key: a code's verifier after its
 * ten minutes, and a webhook's secret, which its receiver stops believing with the rotation or deletion.
 */
import { sql } from 'drizzle-orm'
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Basis } from '../../domain/audit/entry.ts'
import type { KmsEventType } from '../../domain/kms/entry.ts'
import type { Notice } from '../../domain/notices/notice.ts'
import type { RequestEventType } from '../../domain/requests/request.ts'
import type { Cause, EventType, OtpType, State } from '../../domain/secrets/secret.ts'
import type { Scope } from '../../domain/tokens/token.ts'

export const bytes = (name: string) => blob(name, { mode: 'buffer' })

/** The row of `workspaces` that counts what is stored without a token. No token, and no secret, is of it. */
export const anonymous = 0

export const workspaces = sqliteTable('workspaces', {
  id: integer('id').primaryKey(),
  name: text('name').notNull(),
  workspaceCheck: text('workspace_check'),
  createdAt: integer('created_at').notNull(),
  /** Not ended, locked ones included. */
  activeSecrets: integer('active_secrets').notNull().default(0),
  /** Of ciphertext and notes that aren't destroyed. */
  storedBytes: integer('stored_bytes').notNull().default(0),
})

export const tokens = sqliteTable('tokens', {
  id: text('id').primaryKey(),
  workspaceId: integer('workspace_id')
    .notNull()
    .references(() => workspaces.id),
  name: text('name').notNull(),
  secretHash: bytes('secret_hash').notNull(),
  scopes: text('scopes', { mode: 'json' }).$type<Scope[]>().notNull(),
  handlers: text('handlers', { mode: 'json' }).$type<string[]>(),
  ips: text('ips', { mode: 'json' }).$type<string[]>(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
  /** The token that made it; null: the operator did, or version 0.1. */
  parentId: text('parent_id'),
  revokedAt: integer('revoked_at'),
  lastUsedAt: integer('last_used_at'),
})

export const secrets = sqliteTable(
  'secrets',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    slug: text('slug').notNull(),
    /** Of an answer: its request in `requests`. */
    requestId: integer('request_id'),
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
    ipWhitelist: text('ip_whitelist', { mode: 'json' }).$type<string[]>(),
    geolocation: text('geolocation', { mode: 'json' }).$type<string[]>(),
    captcha: integer('captcha', { mode: 'boolean' }).notNull().default(false),
    otpType: text('otp_type').$type<OtpType>(),
    /** The newest TOTP time step that opened this secret: none is taken twice. */
    otpLastStep: integer('otp_last_step'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    cause: text('cause').$type<Cause>(),
    endedAt: integer('ended_at'),
    /** Ended, but an open reveal may still need the content until then. */
    destroyAt: integer('destroy_at'),
    attachmentsCount: integer('attachments_count').notNull().default(0),
    /** Ended, but an open download may still need the files until then. */
    destroyFilesAt: integer('destroy_files_at'),
  },
  (table) => [
    uniqueIndex('secrets_slug').on(table.slug),
    index('secrets_newest')
      .on(table.workspaceId, table.id)
      .where(sql`workspace_id IS NOT NULL AND request_id IS NULL`),
    index('secrets_by_state')
      .on(table.workspaceId, table.state, table.id)
      .where(sql`workspace_id IS NOT NULL AND request_id IS NULL`),
    index('secrets_by_token')
      .on(table.tokenId, table.id)
      .where(sql`token_id IS NOT NULL`),
    index('secrets_alive')
      .on(table.expiresAt)
      .where(sql`ended_at IS NULL`),
    index('secrets_to_destroy')
      .on(table.destroyAt)
      .where(sql`destroy_at IS NOT NULL`),
    index('secrets_files_to_destroy')
      .on(table.destroyFilesAt)
      .where(sql`destroy_files_at IS NOT NULL`),
    index('secrets_uploading')
      .on(table.createdAt)
      .where(sql`state = 'uploading'`),
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
  /** The address of one-time codes, or the TOTP secret, under the server key. */
  sealedOtp: bytes('sealed_otp'),
  /** Who is told of openings and endings, under the server key. */
  sealedNotify: bytes('sealed_notify'),
  /** Of an answer: `keyB` sealed to whoever asked. */
  sealedKeyB: bytes('sealed_key_b'),
})

/** One-time codes that were sent and not used; the newest counts. */
export const codes = sqliteTable(
  'codes',
  {
    id: integer('id').primaryKey(),
    secretId: integer('secret_id')
      .notNull()
      .references(() => secrets.id),
    /** HMAC of slug and code under the server key, 32 bytes. */
    verifier: bytes('verifier').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('codes_by_secret').on(table.secretId, table.id)],
)

/** Captcha solutions that were used, until they expire. */
export const captchas = sqliteTable(
  'captchas',
  {
    /** SHA-256 of the challenge's signature. */
    id: bytes('id').primaryKey(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [index('captchas_expired').on(table.expiresAt)],
)

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

/** The files of a secret, until they are destroyed. */
export const attachments = sqliteTable(
  'attachments',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    secretId: integer('secret_id')
      .notNull()
      .references(() => secrets.id),
    /** As the sender names it, 16 bytes. */
    fileId: bytes('file_id').notNull(),
    /** Encrypted bytes. */
    size: integer('size').notNull(),
  },
  (table) => [uniqueIndex('attachments_file').on(table.secretId, table.fileId)],
)

/**
 * What lies, or may lie, in the blob store: a row is there before its blob and goes after it, so that a crash leaves
 * no blob that nobody knows.
 */
export const blobs = sqliteTable(
  'blobs',
  {
    /** Random, 32 hexadecimal digits. */
    name: text('name').primaryKey(),
    /** null: of no attachment (not yet, or no longer), and to be removed at `removeAt`. */
    attachmentId: integer('attachment_id').references(() => attachments.id),
    /** The number of the part, from 0. */
    part: integer('part'),
    /** SHA-256 of the part, 32 bytes. */
    digest: bytes('digest'),
    removeAt: integer('remove_at'),
  },
  (table) => [
    uniqueIndex('blobs_part')
      .on(table.attachmentId, table.part)
      .where(sql`attachment_id IS NOT NULL`),
    index('blobs_to_remove')
      .on(table.removeAt)
      .where(sql`remove_at IS NOT NULL`),
  ],
)

export const reveals = sqliteTable(
  'reveals',
  {
    secretId: integer('secret_id')
      .notNull()
      .references(() => secrets.id),
    revealId: bytes('reveal_id').notNull(),
    /** When the id was recorded: grants end a day after it at the latest. */
    openedAt: integer('opened_at').notNull(),
    graceUntil: integer('grace_until').notNull(),
    /** Until when its grant fetches files; every file request extends it. */
    filesUntil: integer('files_until').notNull(),
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
    /** null: a secret that nobody's token made. */
    workspaceId: integer('workspace_id').references(() => workspaces.id),
    /** null: the entry was purged with its secret, whose hashes stay; or it is of a named secret. */
    secretId: integer('secret_id'),
    /** null: of no named secret, of a handler that there isn't, or purged. */
    kmsId: integer('kms_id'),
    /** null: of no request, or purged. */
    requestId: integer('request_id'),
    /** Of named secrets alone, as the next three. */
    handler: text('handler'),
    version: integer('version'),
    tokenId: text('token_id'),
    token: text('token'),
    type: text('type').$type<EventType | KmsEventType | RequestEventType>().notNull(),
    reason: text('reason'),
    at: integer('at').notNull(),
    ip: text('ip'),
    userAgent: text('user_agent'),
    country: text('country'),
    /** SHA-256 of the entry, and HMAC under the server key of the chain before it and this hash. */
    entryHash: bytes('entry_hash').notNull(),
    chain: bytes('chain').notNull(),
    /** Part of what is hashed; nulled with the content by a purge, which leaves its mark instead. */
    nonce: text('nonce'),
    purgeMark: bytes('purge_mark'),
    /** The entry that tells of the purge; null: made by version 0.1. */
    purgedBy: integer('purged_by'),
    basis: text('basis', { mode: 'json' }).$type<Basis>(),
  },
  (table) => [
    index('events_by_secret')
      .on(table.secretId, table.id)
      .where(sql`secret_id IS NOT NULL`),
    index('events_by_workspace').on(table.workspaceId, table.id),
    index('events_by_kms')
      .on(table.kmsId, table.id)
      .where(sql`kms_id IS NOT NULL`),
    index('events_by_request')
      .on(table.requestId, table.id)
      .where(sql`request_id IS NOT NULL`),
    index('events_of_unknown_handlers')
      .on(table.at)
      .where(sql`handler IS NOT NULL AND kms_id IS NULL`),
  ],
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

/** Where a workspace is told of events: Standard Webhooks. */
export const webhooks = sqliteTable(
  'webhooks',
  {
    id: text('id').primaryKey(),
    workspaceId: integer('workspace_id')
      .notNull()
      .references(() => workspaces.id),
    url: text('url').notNull(),
    /** Under the server key. The previous one signs too until `previousUntil`, so that a rotation loses nothing. */
    sealedSecret: bytes('sealed_secret').notNull(),
    previousSealedSecret: bytes('previous_sealed_secret'),
    previousUntil: integer('previous_until'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('webhooks_by_workspace').on(table.workspaceId)],
)

/** Messages to owners, written in the transaction of the event that they tell of. */
export const outbox = sqliteTable(
  'outbox',
  {
    /** The `webhook-id`: one an event and a receiver, the same at every try. */
    id: text('id').primaryKey(),
    workspaceId: integer('workspace_id').references(() => workspaces.id),
    /** null: it tells of no secret, or of one whose record is gone. */
    secretId: integer('secret_id'),
    kind: text('kind').$type<'email' | 'webhook'>().notNull(),
    webhookId: text('webhook_id'),
    /** Into `addressees`; null for a webhook. */
    addresseeId: integer('addressee_id'),
    notice: text('notice', { mode: 'json' }).$type<Notice>().notNull(),
    createdAt: integer('created_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** null: delivered, or given up. */
    nextAt: integer('next_at'),
    deliveredAt: integer('delivered_at'),
    lastError: text('last_error'),
  },
  (table) => [
    index('outbox_due')
      .on(table.nextAt)
      .where(sql`next_at IS NOT NULL`),
    index('outbox_by_workspace').on(table.workspaceId, table.createdAt),
    index('outbox_by_secret')
      .on(table.secretId)
      .where(sql`secret_id IS NOT NULL`),
    index('outbox_by_webhook')
      .on(table.webhookId)
      .where(sql`webhook_id IS NOT NULL AND next_at IS NOT NULL`),
    index('outbox_alone')
      .on(table.createdAt)
      .where(sql`secret_id IS NULL AND next_at IS NULL`),
  ],
)

/** Whom messages go to by mail, each of its own: nulled once nobody needs it. */
export const addressees = sqliteTable('addressees', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  /** An e-mail address under the server key. */
  sealedTo: bytes('sealed_to'),
})

export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})
