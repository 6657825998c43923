/** The database file, read beside the server. */
import Sqlite from 'better-sqlite3'
import path from 'node:path'
import { expect } from 'vitest'

const content = 'sealed_key_a, salt, iv, commitment, ciphertext, note, password_verifier, sealed_otp, sealed_notify'
const anyContent = `coalesce(${content}) IS NOT NULL`

export function readDatabase<T>(directory: string, read: (db: Sqlite.Database) => T): T {
  const db = new Sqlite(path.join(directory, 'halfkey.sqlite'), { readonly: true, timeout: 10_000 })
  try {
    return read(db)
  } finally {
    db.close()
  }
}

/** Row 0 of `workspaces` counts what was made without a token. Pages, indexes and references are whole, and the counters equal a recount. */
export function expectSound(db: Sqlite.Database): void {
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(db.pragma('foreign_key_check')).toEqual([])
  const counted = `SELECT workspace_id, token_id, state, present FROM counts WHERE present <> 0`
  const recounted = `SELECT workspace_id, token_id, state, count(*) AS present FROM secrets
    WHERE workspace_id IS NOT NULL GROUP BY workspace_id, token_id, state`
  const order = 'ORDER BY workspace_id, token_id, state'
  expect(db.prepare(`${counted} ${order}`).all()).toEqual(db.prepare(`${recounted} ${order}`).all())
  const usage = 'SELECT id, active_secrets, stored_bytes FROM workspaces'
  const usageRecounted = `SELECT workspaces.id AS id, count(secrets.id) - count(ended_at) AS active_secrets,
    coalesce(sum(coalesce(length(ciphertext), 0) + coalesce(length(note), 0) + coalesce(attached, 0)
      + coalesce(owners, 0)), 0) AS stored_bytes
    FROM workspaces LEFT JOIN secrets ON coalesce(workspace_id, 0) = workspaces.id LEFT JOIN vault ON vault.id = secrets.id
    LEFT JOIN (SELECT secret_id AS subject, sum(size) AS attached FROM attachments GROUP BY secret_id) AS files
      ON files.subject = secrets.id
    LEFT JOIN (SELECT secret_id AS subject, sum(length(meta)) AS owners FROM metas GROUP BY secret_id) AS kept
      ON kept.subject = secrets.id
    GROUP BY workspaces.id ORDER BY workspaces.id`
  expect(db.prepare(`${usage} ORDER BY id`).all()).toEqual(db.prepare(usageRecounted).all())
  const orphans = `SELECT count(*) FROM vault WHERE id NOT IN (SELECT id FROM secrets) AND ${anyContent}`
  expect(db.prepare(orphans).pluck().get()).toBe(0)
}

/** The slugs of which any byte of content is kept, sorted. */
export function slugsWithContent(db: Sqlite.Database): string[] {
  const held = `SELECT slug FROM secrets JOIN vault USING (id) WHERE ${anyContent} ORDER BY slug`
  return db.prepare<[], string>(held).pluck().all()
}
