/**
 * Who works in a data directory: a SQLite database of its own is held, shared by servers and commands, alone by a restore.
 * The operating system takes the lock back from a process that ends in any way.
 */
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import { DatabaseRefused } from './wal-mark.ts'

export interface Lock {
  release(): void
}

const nameOf = (directory: string): string => path.join(directory, 'halfkey.lock')

export function lockShared(directory: string): Lock {
  return hold(
    directory,
    'BEGIN; SELECT * FROM sqlite_master',
    `a restore is under way in ${directory}. Wait until it is done`,
  )
}

export function lockAlone(directory: string): Lock {
  return hold(
    directory,
    'BEGIN EXCLUSIVE',
    `a server or another command is running in ${directory}. Stop it, and run this again`,
  )
}

function hold(directory: string, sql: string, busy: string): Lock {
  const client = new Sqlite(nameOf(directory), { timeout: 0 })
  try {
    client.exec(sql)
  } catch (error) {
    client.close()
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY'))
      throw new DatabaseRefused(`${busy}.`)
    throw error
  }
  return { release: () => void client.close() }
}
