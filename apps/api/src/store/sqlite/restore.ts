/** Puts a backup in the database's place. What was there is kept aside, and nothing is touched before the backup proved whole. */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { databaseName } from './database.ts'
import { lockAlone } from './lock.ts'
import { DatabaseRefused, filesOf, markAnew, noteOwner } from './wal-mark.ts'

export interface Restored {
  secrets: number
  /** Where the database is that was there before, if one was. */
  aside: string | undefined
}

export interface RestoreSettings {
  /** Throws if the backup, with this check value of a server key, wasn't written with the server's. */
  requireKey: (check: string) => void
  now: Date
}

/** Throws DatabaseRefused while a server runs in `directory`, and if `backup` isn't a whole database of Halfkey's. */
export function restoreDatabase(directory: string, backup: string, settings: RestoreSettings): Restored {
  const file = path.join(directory, databaseName)
  if (!existsSync(backup)) throw new DatabaseRefused(`There is no file ${backup}.`)
  if (existsSync(file) && realpathSync(file) === realpathSync(backup))
    throw new DatabaseRefused(`${backup} is the server's own database: name the backup to put in its place.`)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = lockAlone(directory)
  const draft = `${file}.restoring`
  try {
    copyWithWal(backup, draft)
    const secrets = checkWhole(draft, backup, settings.requireKey)
    return { secrets, aside: replace(file, draft, settings.now) }
  } finally {
    for (const left of [draft, ...Object.values(filesOf(draft))]) rmSync(left, { force: true })
    lock.release()
  }
}

function copyWithWal(from: string, to: string): void {
  rmSync(filesOf(to).wal, { force: true })
  copyFileSync(from, to)
  if (existsSync(filesOf(from).wal)) copyFileSync(filesOf(from).wal, filesOf(to).wal)
}

/** How many secrets it holds. Afterwards the file holds everything, and has no log. */
function checkWhole(draft: string, backup: string, requireKey: (check: string) => void): number {
  const damaged = (reason: string): Error =>
    new DatabaseRefused(`${backup} can't be restored: ${reason}. Nothing was changed; use an older backup.`)
  let client: Sqlite.Database | undefined
  try {
    client = new Sqlite(draft, { fileMustExist: true })
    const faults = client.pragma('integrity_check(1)', { simple: true })
    if (faults !== 'ok') throw damaged(`it is damaged (${String(faults).split('\n', 1)[0]})`)
    const check = client.prepare(`SELECT value FROM settings WHERE name = 'server_key_check'`).pluck().get()
    if (typeof check !== 'string') throw damaged('no server of Halfkey ever used it')
    requireKey(check)
    const secrets = client.prepare('SELECT count(*) FROM secrets').pluck().get() as number
    markAnew(client)
    client.pragma('wal_checkpoint(TRUNCATE)')
    return secrets
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error
    throw damaged(`it isn't a whole database of Halfkey's (${error.message})`)
  } finally {
    client?.close()
  }
}

/**
 * The old database and its log get second names first, and the new one takes its place in one step: whenever this is
 * interrupted, the old database is whole, or the start says that the log isn't the new one's.
 */
function replace(file: string, draft: string, now: Date): string | undefined {
  const { wal, shm, journal, mark } = filesOf(file)
  const aside = `${file}.before-${now.toISOString().replace(/[-:]|\.\d+/g, '')}`
  const had = existsSync(file)
  if (had) linkSync(file, aside)
  if (existsSync(wal)) {
    linkSync(wal, filesOf(aside).wal)
    noteOwner(file)
  }
  flush(draft)
  renameSync(draft, file)
  for (const old of [wal, shm, journal, mark]) rmSync(old, { force: true })
  flush(path.dirname(file))
  return had ? aside : undefined
}

function flush(place: string): void {
  const descriptor = openSync(place, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
