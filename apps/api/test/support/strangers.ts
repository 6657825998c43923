/** Another workspace beside the first, which no call of the API can make. */
import Sqlite from 'better-sqlite3'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { NewToken } from '../../src/domain/tokens/token.ts'
import { newToken, scopes } from '../../src/domain/tokens/token.ts'

/** Adds a workspace to the database in `directory`, beside the server if it runs; a token of it with every scope. */
export function addWorkspace(directory: string, now = Date.now()): NewToken {
  const db = new Sqlite(path.join(directory, 'halfkey.sqlite'), { timeout: 10_000 })
  try {
    const { lastInsertRowid } = db
      .prepare('INSERT INTO workspaces (name, created_at) VALUES (?, ?)')
      .run(`stranger ${randomBytes(4).toString('hex')}`, now)
    const workspaceId = Number(lastInsertRowid)
    const made = newToken({ workspaceId, name: 'stranger', scopes: [...scopes], createdAt: now, expiresAt: null })
    db.prepare(
      'INSERT INTO tokens (id, workspace_id, name, secret_hash, scopes, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(made.token.id, workspaceId, 'stranger', made.token.secretHash, JSON.stringify(scopes), now)
    return made
  } finally {
    db.close()
  }
}
