import Sqlite from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Committer } from '../src/store/sqlite/committer.ts'
import { StoreUnavailable } from '../src/store/store.ts'
import { fastDirectory } from './support/app.ts'

let directory: string
let database: Sqlite.Database
let observer: Sqlite.Database
let statements: string[]
let committer: Committer

/** Throws what SQLite would throw, in place of the next statements that start with `verb`. */
let fault: { verb: string; code: string; times: number } | undefined

function watch(real: Sqlite.Database): Sqlite.Database {
  return new Proxy(real, {
    get(target, property) {
      if (property !== 'exec') return Reflect.get(target, property, target) as unknown
      return (sql: string) => {
        statements.push(sql)
        if (fault && fault.times > 0 && sql.startsWith(fault.verb)) {
          fault.times--
          throw new Sqlite.SqliteError('injected', fault.code)
        }
        return target.exec(sql)
      }
    },
  })
}

const insert = (value: number) => () => {
  database.prepare('INSERT INTO t VALUES (?)').run(value)
  return value
}
const committed = (): unknown[] => observer.prepare('SELECT value FROM t ORDER BY value').pluck().all()
const countOf = (verb: string): number => statements.filter((sql) => sql.startsWith(verb)).length

beforeEach(() => {
  directory = mkdtempSync(path.join(fastDirectory, 'halfkey-committer-'))
  const file = path.join(directory, 'test.sqlite')
  database = new Sqlite(file)
  database.pragma('journal_mode = WAL')
  database.exec('CREATE TABLE t (value INTEGER PRIMARY KEY)')
  observer = new Sqlite(file, { readonly: true })
  statements = []
  fault = undefined
  committer = new Committer(watch(database))
})

afterEach(() => {
  observer.close()
  database.close()
  rmSync(directory, { recursive: true })
})

describe('a write is answered after its commit', () => {
  test('when a promise settles, another connection sees the row and no transaction is open', async () => {
    await committer.run(insert(1)).then(() => {
      expect(committed()).toEqual([1])
      expect(database.inTransaction).toBe(false)
    })
  })

  test('no promise of a batch settles before the whole batch is committed', async () => {
    const seen = await Promise.all([1, 2, 3].map((n) => committer.run(insert(n)).then(committed)))
    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  test('each caller gets the result of its own work', async () => {
    const results = await Promise.all([5, 6, 7].map((n) => committer.run(insert(n))))
    expect(results).toEqual([5, 6, 7])
  })
})

describe('writes that wait at the same moment share a transaction', () => {
  test('100 writes make one commit', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, n) => committer.run(insert(n))))
    expect(countOf('COMMIT')).toBe(1)
    expect(committed()).toHaveLength(100)
  })

  test('a batch is bounded: 600 writes make three commits, in order, and all settle', async () => {
    const order: number[] = []
    const all = Array.from({ length: 600 }, (_, n) => committer.run(insert(n)).then(() => order.push(n)))
    await Promise.all(all)
    expect(countOf('COMMIT')).toBe(3)
    expect(order).toEqual(Array.from({ length: 600 }, (_, n) => n))
    expect(committed()).toHaveLength(600)
  })

  test('a write that comes while others are answered goes into the next transaction', async () => {
    const later = committer.run(insert(1)).then(() => committer.run(insert(2)))
    await expect(later).resolves.toBe(2)
    expect(countOf('COMMIT')).toBe(2)
  })
})

describe('reads of one turn of the event loop share a transaction', () => {
  const rows = () => database.prepare('SELECT count(*) FROM t').pluck().get()
  const turn = () => new Promise((resolve) => setImmediate(resolve))

  test('100 reads make one, which has ended when the turn has', async () => {
    for (let n = 0; n < 100; n++) expect(committer.read(rows)).toBe(0)
    expect(database.inTransaction).toBe(true)
    await turn()
    expect(statements).toEqual(['BEGIN', 'COMMIT'])
    expect(database.inTransaction).toBe(false)
  })

  test('a read after a write’s reply sees it, though reads came before it in the same turn', async () => {
    expect(committer.read(rows)).toBe(0)
    await committer.run(insert(1))
    expect(committer.read(rows)).toBe(1)
  })

  test('a read that throws takes neither the others nor the next write with it', async () => {
    const broken = () => database.prepare('SELECT * FROM missing').get()
    expect(() => committer.read(broken)).toThrow(Sqlite.SqliteError)
    expect(committer.read(rows)).toBe(0)
    await committer.run(insert(1))
    expect(committed()).toEqual([1])
  })

  test('what runs alone runs outside of them: a checkpoint is made', async () => {
    await committer.run(insert(1))
    committer.read(rows)
    const [checkpoint] = committer.runAlone(() => database.pragma('wal_checkpoint(TRUNCATE)')) as { busy: number }[]
    expect(checkpoint?.busy).toBe(0)
  })
})

describe('a write that throws changes nothing and takes no other with it', () => {
  const broken = (value: number) => () => {
    insert(value)()
    throw new RangeError('broken on purpose')
  }

  test('its neighbours are committed, each once, and it alone is rejected with its own error', async () => {
    const outcomes = await Promise.allSettled([
      committer.run(insert(1)),
      committer.run(broken(2)),
      committer.run(insert(3)),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: expect.any(RangeError) as RangeError })
    expect(committed()).toEqual([1, 3])
  })

  test('alone in its batch it is rolled back as well, and the next write works', async () => {
    await expect(committer.run(broken(1))).rejects.toThrow('broken on purpose')
    expect(database.inTransaction).toBe(false)
    await committer.run(insert(2))
    expect(committed()).toEqual([2])
  })

  test('an error of the program that SQLite raises is not called a fault of the storage', async () => {
    await committer.run(insert(1))
    const again = committer.run(insert(1))
    await expect(again).rejects.toThrow(Sqlite.SqliteError)
    await expect(again).rejects.not.toBeInstanceOf(StoreUnavailable)
  })
})

describe('storage that fails', () => {
  const codes = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_READONLY', 'SQLITE_BUSY']

  test.each(codes)(
    'a COMMIT that fails with %s rejects every member as StoreUnavailable and leaves no row',
    async (code) => {
      fault = { verb: 'COMMIT', code, times: Infinity }
      const outcomes = await Promise.allSettled([1, 2, 3].map((n) => committer.run(insert(n))))
      const refused = { status: 'rejected', reason: expect.any(StoreUnavailable) as StoreUnavailable }
      expect(outcomes).toEqual([refused, refused, refused])
      expect(database.inTransaction).toBe(false)
      expect(committed()).toEqual([])
    },
  )

  test('a BEGIN that fails rejects as StoreUnavailable without running the work', async () => {
    fault = { verb: 'BEGIN', code: 'SQLITE_BUSY', times: Infinity }
    let ran = false
    const outcome = committer.run(() => (ran = true))
    await expect(outcome).rejects.toBeInstanceOf(StoreUnavailable)
    expect(ran).toBe(false)
  })

  test('a commit that fails once is tried again member by member, each row written once', async () => {
    fault = { verb: 'COMMIT', code: 'SQLITE_BUSY', times: 1 }
    await Promise.all([1, 2, 3].map((n) => committer.run(insert(n))))
    expect(committed()).toEqual([1, 2, 3])
  })

  test('the first write after the storage is back succeeds', async () => {
    fault = { verb: 'COMMIT', code: 'SQLITE_FULL', times: Infinity }
    await expect(committer.run(insert(1))).rejects.toBeInstanceOf(StoreUnavailable)
    fault = undefined
    await committer.run(insert(2))
    expect(committed()).toEqual([2])
  })
})
