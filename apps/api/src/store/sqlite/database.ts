import { existsSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database as Client } from 'better-sqlite3'
import Sqlite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import type { Lock } from './lock.ts'
import { lockShared } from './lock.ts'
import { DatabaseRefused, expectUpdate, forget, requireOwnWal, stamp, whileCookieChanges } from './wal-mark.ts'

export const databaseName = 'halfkey.sqlite'

export type OpenedDatabase = ReturnType<typeof openDatabase>
export type Drizzle = OpenedDatabase['db']

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
    DELETE FROM request_vault WHERE public_key IS NULL;
    DELETE FROM request_metas WHERE meta IS NULL;
    COMMIT`)
  vacuum(client)
}

function vacuum(client: Client): void {
  whileCookieChanges(client, () => client.exec(`VACUUM; DELETE FROM settings WHERE name = 'vacuum'`))
  client.pragma('wal_checkpoint(TRUNCATE)')
}

export interface OpenSettings {
  /** false: of a command, which works on the database that a server made and makes none. */
  mayCreate: boolean
}

/**
 * Opens the database in `directory` and brings its schema up to date. Durable: a commit is flushed before it returns.
 * Forgetful: freed bytes are overwritten, and nothing is kept in temporary files.
 */
export function openDatabase(directory: string, { mayCreate }: OpenSettings) {
  const file = path.join(directory, databaseName)
  if (!mayCreate && !(existsSync(file) && statSync(file).size > 0))
    throw new DatabaseRefused(
      `There is no database ${file}. Commands take the settings of the server: set HALFKEY_DATA_DIR to its data folder.`,
    )
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = lockShared(directory)
  let client: Client | undefined
  try {
    requireOwnWal(file)
    if (mayCreate) expectUpdate(file)
    client = new Sqlite(file, { timeout: 5000 })
    const db = prepare(client)
    if (mayCreate) stamp(client)
    return { db, close: closing(client, lock) }
  } catch (error) {
    client?.close()
    lock.release()
    throw error
  }
}

function prepare(client: Client) {
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

const closing = (client: Client, lock: Lock) => (): void => {
  client.pragma('wal_checkpoint(TRUNCATE)')
  client.close()
  forget(client.name)
  lock.release()
}
