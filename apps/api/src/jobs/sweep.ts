/** Destroys what ended, and leaves no byte of it in the database's files. */
import type { Logger } from 'pino'
import type { Clock } from '../outside/clock.ts'
import type { Store, SweepReport } from '../store/store.ts'
import type { Repeating } from './repeat.ts'
import { repeat } from './repeat.ts'

export interface SweepParts {
  store: Store
  clock: Clock
  log: Logger
  everyMs: number
  retentionMs: number
  onSwept?: (report: SweepReport) => void
}

export async function sweepOnce({ store, clock, retentionMs }: Pick<SweepParts, 'store' | 'clock' | 'retentionMs'>) {
  const now = clock.now()
  const report = await store.sweep(now, now - retentionMs)
  await store.scrub()
  return report
}

/** Sweeps every `everyMs`. */
export const startSweeper = (parts: SweepParts): Repeating =>
  repeat('a sweep', parts.everyMs, parts.log, async () => parts.onSwept?.(await sweepOnce(parts)))
