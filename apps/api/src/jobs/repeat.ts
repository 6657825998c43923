/** Runs a job again and again: one run at a time, each `everyMs` after the end of the one before. */
import type { Logger } from 'pino'

export interface Repeating {
  /** Ends it, after a run that is under way. */
  stop(): Promise<void>
}

/** Begins at once; a failed run is logged, and tried again the next time. */
export function repeat(name: string, everyMs: number, log: Logger, run: () => Promise<unknown>): Repeating {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const attempt = async (): Promise<void> => {
    try {
      await run()
    } catch (error) {
      log.error({ err: error }, `${name} failed`)
    }
    if (!stopped) timer = setTimeout(start, everyMs)
  }
  const start = (): void => {
    running = attempt()
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
