import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database as Client } from 'better-sqlite3'
import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'

export type Drizzle = ReturnType<typeof openDatabase>

/**
 * Takes back the space of destroyed content. Deleting rows may merge pages and leave copies of live ones behind, so
 * it is always followed by a VACUUM, at the next start if the program ends in between.
 */
export function compact({ $client: client }: Drizzle): void {
  client.exec(`
    BEGIN IMMEDIATE;
    INSERT INTO settings (name, value) VALUES ('vacuum', 'due') ON CONFLICT DO NOTHING;
    DELETE FROM vault WHERE ciphertext IS NULL;
    DELETE FROM metas WHERE meta IS NULL;
    DELETE FROM addressees WHERE sealed_to IS NULL;
    DELETE FROM kms_vault WHERE ciphertext IS NULL;
    DELETE FROM kms_metas WHERE meta IS NULL;
    COMMIT`)
  vacuum(client)
}

function vacuum(client: Client): void {
  client.exec(`VACUUM; DELETE FROM settings WHERE name = 'vacuum'`)
  client.pragma('wal_checkpoint(TRUNCATE)')
}

/**
 * Opens the database in `directory` and brings its schema up to date. Durable: a commit is flushed before it returns.
 * Forgetful: freed bytes are overwritten, and nothing is kept in temporary files.
 */
export function openDatabase(directory: string) {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const client = new Sqlite(path.join(directory, 'halfkey.sqlite'), { timeout: 5000 })
  client.pragma('journal_mode = WAL')
  client.pragma('synchronous = FULL')
  client.pragma('secure_delete = ON')
  client.pragma('foreign_keys = ON')
  client.pragma('temp_store = MEMORY')
  client.pragma('cache_size = -16384')
  client.pragma('wal_autocheckpoint = 4000')
  const db = drizzle({ client })
  migrate(db, { migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) })
  if (client.prepare(`SELECT 1 FROM settings WHERE name = 'vacuum'`).get() !== undefined) vacuum(client)
  return db
}
