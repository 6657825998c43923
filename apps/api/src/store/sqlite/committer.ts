/**
 * When transactions begin and end. Group commit: writes that wait at the same moment share one durable transaction, as in every database that flushes
 * before it answers. With `synchronous=FULL` the flush costs far more than a row, so it is paid once for all.
 */
import type { Database } from 'better-sqlite3'
import { StoreDamaged, StoreUnavailable } from '../store.ts'

/** Bounds how long one transaction keeps the event loop. */
const maxBatch = 256

interface Job {
  work: () => unknown
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

/** Result codes that mean that the storage failed, not the program: https://www.sqlite.org/rescode.html */
const storageFault = /^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|BUSY|LOCKED|NOMEM|PERM|PROTOCOL)/
const damage = /^SQLITE_(CORRUPT|NOTADB)/

/** A fault of the storage as `StoreUnavailable`, or `StoreDamaged`; any other error as it is. */
export function asStoreError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (damage.test(code)) return new StoreDamaged(`the database answered ${code}`, { cause: error })
  return storageFault.test(code) ? new StoreUnavailable(`the database answered ${code}`, { cause: error }) : error
}

/** What keeps in memory what a transaction wrote. */
export interface Observer {
  /** Called first in every transaction. */
  begun(): void
  /** Nothing of the transaction is left. */
  rolledBack(): void
}

export class Committer {
  readonly #database: Database
  readonly #observer: Observer | undefined
  #waiting: Job[] = []
  #scheduled = false

  constructor(database: Database, observer?: Observer) {
    this.#database = database
    this.#observer = observer
  }

  /**
   * Runs `work` in a transaction and settles once that is committed. `work` must be synchronous, and may run twice:
   * if any member of a batch throws, the batch is rolled back and each member gets a transaction of its own.
   */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as Job['resolve'], reject })
      this.#schedule()
    })
  }

  /**
   * Runs `work`, which only reads, at once. What is read in one turn of the event loop is read in one transaction: to
   * begin and end one costs more than to find a row.
   */
  read<T>(work: () => T): T {
    if (!this.#database.inTransaction) this.#database.exec('BEGIN')
    this.#schedule()
    return work()
  }

  /** Runs `work` at once and outside of any transaction, as a checkpoint must be. */
  runAlone<T>(work: () => T): T {
    this.#endReads()
    return work()
  }

  /** Commits what waits, up to one batch. */
  flush(): void {
    this.#scheduled = false
    this.#endReads()
    const batch = this.#waiting.splice(0, maxBatch)
    if (this.#waiting.length > 0) this.#schedule()
    if (batch.length > 0 && !this.#commit(batch)) for (const job of batch) this.#commit([job])
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.flush())
  }

  #endReads(): void {
    const isReading = () => this.#database.inTransaction
    if (!isReading()) return
    try {
      this.#database.exec('COMMIT')
    } catch {
      // A damaged database refuses even this. The read itself has failed by then, and has told its caller.
      if (isReading()) this.#database.exec('ROLLBACK')
    }
  }

  /** false: rolled back, and to be tried one by one. A single job settles either way. */
  #commit(batch: Job[]): boolean {
    let results: unknown[]
    try {
      results = this.#transaction(batch)
    } catch (error) {
      if (batch.length > 1) return false
      batch[0]?.reject(asStoreError(error))
      return true
    }
    batch.forEach((job, index) => job.resolve(results[index]))
    return true
  }

  #transaction(batch: Job[]): unknown[] {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      this.#observer?.begun()
      const results = batch.map((job) => job.work())
      this.#database.exec('COMMIT')
      return results
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      this.#observer?.rolledBack()
      throw error
    }
  }
}
