/**
 * Tells whether a write-ahead log belongs to the database beside it. SQLite takes any log whose checksums are right: a
 * backup that is copied over a database whose log stayed is damaged by that log, or silently undone.
 *
 * So every start writes a new random mark into the database's header (`user_version`), and notes mark and schema cookie
 * in a file beside it while a log may be there. What was put in the database's place has another mark or, if it was
 * copied from the running database, another cookie: a copy by SQLite's backup API begins with 1, one by `VACUUM INTO` with
 * one more than the original. (A file that was copied from beneath a running server has both; it was never a backup.)
 */
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { Database } from 'better-sqlite3'
import { draw } from '../../adapters/random.ts'

/** A database that must not be opened, or written over; the message says why and what to do. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused'
}

export const filesOf = (file: string) => ({
  wal: `${file}-wal`,
  shm: `${file}-shm`,
  journal: `${file}-journal`,
  mark: `${file}-mark`,
})

/** As the header holds them, at https://www.sqlite.org/fileformat.html#the_database_header. */
const headerLength = 100
const cookieOffset = 40
const markOffset = 60
/** A log without a frame is no longer than its header. */
const walHeaderLength = 32

interface Stamp {
  mark: number
  /** undefined: any; noted while the cookie is about to change. */
  cookie: number | undefined
}

/** Of the file itself, whatever the log says; undefined if there is none. Not while this process has it open. */
function readStamp(file: string): Stamp | undefined {
  if (!existsSync(file) || statSync(file).size < headerLength) return undefined
  const header = Buffer.alloc(headerLength)
  const descriptor = openSync(file, 'r')
  readSync(descriptor, header, 0, headerLength, 0)
  closeSync(descriptor)
  return { mark: header.readUInt32BE(markOffset), cookie: header.readUInt32BE(cookieOffset) }
}

function readNoted(file: string): Stamp[] | undefined {
  const { mark } = filesOf(file)
  return existsSync(mark) ? (JSON.parse(readFileSync(mark, 'utf8')) as Stamp[]) : undefined
}

/** What may lie in the database's place, now and if the process ends before the next note. */
function note(file: string, stamps: Stamp[]): void {
  const { mark } = filesOf(file)
  const draft = `${mark}.${process.pid}`
  writeFileSync(draft, JSON.stringify(stamps), { flush: true })
  renameSync(draft, mark)
}

/** Before a database is opened. Throws DatabaseRefused if a log is beside it that isn't its own. */
export function requireOwnWal(file: string): void {
  const { wal } = filesOf(file)
  const found = readStamp(file)
  const noted = readNoted(file)
  const isNoted = (stamp: Stamp): boolean =>
    noted?.some(({ mark, cookie }) => mark === stamp.mark && (cookie === undefined || cookie === stamp.cookie)) ?? false
  if (existsSync(wal) && statSync(wal).size > walHeaderLength) {
    if (found && (noted === undefined || isNoted(found))) return
    throw new DatabaseRefused(
      `${file} was replaced or removed while ${wal}, the write-ahead log of the database before it, stayed: opened ` +
        'together they would damage each other. Nothing was changed. To put a backup in place, run: ' +
        'halfkey-api restore FILE',
    )
  }
  if (found && noted && !isNoted(found)) note(file, [...noted, found])
}

/** Before a server opens it: an update of the schema changes the cookie. */
export function expectUpdate(file: string): void {
  const [found, noted] = [readStamp(file), readNoted(file)]
  if (found && noted) note(file, [...noted, anyCookie(found.mark)])
}

/** Before another database takes this one's place: a log that is still there then is this one's. */
export function noteOwner(file: string): void {
  const found = readStamp(file)
  if (found && !readNoted(file)) note(file, [found])
}

const newMark = (): number => draw(4).readUInt32BE() & 0x7fffffff
const anyCookie = (mark: number): Stamp => ({ mark, cookie: undefined })
const read = (client: Database, name: string): number => client.pragma(name, { simple: true }) as number

/** So that no log but its own fits. */
export function markAnew(client: Database, mark = newMark()): void {
  client.pragma(`user_version = ${mark}`)
}

/** At the start of a server, once the schema is up to date: from now on this database is told from every copy. */
export function stamp(client: Database): void {
  const [before, mark] = [read(client, 'user_version'), newMark()]
  note(client.name, [anyCookie(before), anyCookie(mark)])
  // A copy that SQLite made begins with 1, as would the next copy of it.
  if (read(client, 'schema_version') === 1) client.exec('CREATE TABLE stamp (x); DROP TABLE stamp')
  markAnew(client, mark)
  settle(client)
}

/** Around work that changes the schema cookie while a server may be running. */
export function whileCookieChanges(client: Database, work: () => void): void {
  const noted = readNoted(client.name)
  if (noted) note(client.name, [...noted, anyCookie(read(client, 'user_version'))])
  work()
  if (noted) settle(client)
}

/** Puts the stamp into the database file itself, and notes it alone. */
function settle(client: Database): void {
  const [result] = client.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
  if (result?.busy !== 0) return
  note(client.name, [{ mark: read(client, 'user_version'), cookie: read(client, 'schema_version') }])
}

/** After the database was closed: without a log there is nothing to tell apart. */
export function forget(file: string): void {
  const { wal, mark } = filesOf(file)
  if (!existsSync(wal)) rmSync(mark, { force: true })
}
