/** When tokens were last used: noted in memory, and written together now and then, not one commit a request. */
import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'

export interface TokenUseParts {
  store: Pick<Store, 'recordTokenUse'>
  log: Logger
}

const everyMs = 60_000

export class TokenUse {
  readonly #parts: TokenUseParts
  #waiting = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: TokenUseParts) {
    this.#parts = parts
  }

  /** Notes an accepted call at `at`, in milliseconds since the epoch. */
  add(tokenId: string, at: number): void {
    this.#waiting.set(tokenId, at)
    this.#timer ??= setTimeout(() => void this.flush(), everyMs).unref()
  }

  /** Writes what waits. Never rejects: no call depends on it, and what the store refuses is written with the next. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const used = this.#waiting
    if (used.size === 0) return
    this.#waiting = new Map()
    try {
      await this.#parts.store.recordTokenUse(used)
    } catch (error) {
      this.#parts.log.error({ err: error }, 'token use could not be recorded')
      this.#waiting = new Map([...used, ...this.#waiting])
    }
  }
}
