/** Runs a job repeatedly, one run at a time, each `everyMs` after the end of the previous one. */
import type { Logger } from 'pino'

export interface Repeating {
  /** Signals the current run to stop, and resolves when it has ended. */
  stop(): Promise<void>
}

/** Starts immediately. A failed run is logged and retried next time. */
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
