/** Destroys what ended, and leaves no byte of it in the database's files. */
import type { Logger } from 'pino'
import type { Clock } from '../outside/clock.ts'
import type { Store, SweepReport } from '../store/store.ts'

export interface Sweeper {
  /** Ends the timer, after a sweep that is under way. */
  stop(): Promise<void>
}

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

/** Sweeps every `everyMs`, one at a time; a failed sweep is logged and tried again the next time. */
export function startSweeper(parts: SweepParts): Sweeper {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const sweep = async (): Promise<void> => {
    try {
      parts.onSwept?.(await sweepOnce(parts))
    } catch (error) {
      parts.log.error({ err: error }, 'a sweep failed')
    }
    if (!stopped) timer = setTimeout(start, parts.everyMs)
  }
  const start = (): void => {
    running = sweep()
  }
  start()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
