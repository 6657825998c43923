/** Destroys ended secrets, and leaves no trace of them in the database files or the blobs. */
import type { Store, SweepReport } from '../store/store.ts'
import type { RemovalParts } from './remove-blobs.ts'
import { removeDueBlobs } from './remove-blobs.ts'
import type { Repeating } from './repeat.ts'
import { repeat } from './repeat.ts'

export interface SweepParts extends RemovalParts {
  store: Store
  retentionMs: number
}

export interface SweeperParts extends SweepParts {
  everyMs: number
  onSwept?: (report: SweepReport) => void
}

export async function sweepOnce(parts: SweepParts): Promise<SweepReport> {
  const { store, clock, retentionMs } = parts
  const now = clock.now()
  const report = await store.sweep(now, now - retentionMs)
  if (report.disputed > 0)
    parts.log.error(
      { records: report.disputed },
      'database records that do not match the access log were neither expired nor purged; run halfkey-api audit verify',
    )
  await store.scrub()
  await removeDueBlobs(parts)
  return report
}

/** Sweeps every `everyMs`. */
export const startSweeper = (parts: SweeperParts): Repeating =>
  repeat('a sweep', parts.everyMs, parts.log, async () => parts.onSwept?.(await sweepOnce(parts)))
