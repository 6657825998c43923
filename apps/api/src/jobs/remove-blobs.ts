/** Removes the blobs of attachments that are no longer needed. */
import type { Logger } from 'pino'
import type { Clock } from '../adapters/clock.ts'
import type { BlobStore } from '../store/blobs/blobs.ts'
import type { Store } from '../store/store.ts'

export interface RemovalParts {
  store: Pick<Store, 'listRemovableBlobs' | 'forgetBlobs'>
  blobs: Pick<BlobStore, 'remove'>
  clock: Clock
  log: Logger
}

const batchSize = 64

/**
 * Removes all due blobs, and resolves to their number. Blobs that can't be removed stay known, and are retried by the next
 * call. Stops at a batch of which none could be removed.
 */
export async function removeDueBlobs({ store, blobs, clock, log }: RemovalParts): Promise<number> {
  const now = clock.now()
  let removed = 0
  for (let after = ''; ;) {
    const names = await store.listRemovableBlobs(now, after, batchSize)
    const gone = await removeAll(names, blobs, log)
    if (gone.length > 0) await store.forgetBlobs(gone)
    removed += gone.length
    if (names.length < batchSize || gone.length === 0) return removed
    after = names.at(-1) ?? after
  }
}

/** Resolves to the names of those that were removed. */
async function removeAll(names: string[], blobs: Pick<BlobStore, 'remove'>, log: Logger): Promise<string[]> {
  const outcomes = await Promise.allSettled(names.map((name) => blobs.remove(name)))
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
  if (failed.length > 0)
    log.error({ err: failed[0]?.reason as unknown, count: failed.length }, 'blobs could not be removed')
  return names.filter((_, index) => outcomes[index]?.status === 'fulfilled')
}
