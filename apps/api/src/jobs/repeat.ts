/** Runs a job again and again: one run at a time, each `everyMs` after the end of the one before. */
import type { Logger } from 'pino'

export interface Repeating {
  /** Ends it, after a run that is under way, which is told. */
  stop(): Promise<void>
}

/** Begins at once; a failed run is logged, and tried again the next time. */
export function repeat(
  name: string,
  everyMs: number,
  log: Logger,
  run: (stopping: AbortSignal) => Promise<unknown>,
): Repeating {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const attempt = async (): Promise<void> => {
    try {
      await run(stopping.signal)
    } catch (error) {
      log.error({ err: error }, `${name} failed`)
    }
    if (!stopping.signal.aborted) timer = setTimeout(start, everyMs)
  }
  const start = (): void => {
    running = attempt()
  }
  start()
  return {
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}
