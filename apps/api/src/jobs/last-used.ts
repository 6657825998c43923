/** Records when tokens were last used: collected in memory and written in batches, not with every request. */
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

  /** Records an accepted call. @param at  milliseconds since the epoch */
  add(tokenId: string, at: number): void {
    this.#waiting.set(tokenId, at)
    this.#timer ??= setTimeout(() => void this.flush(), everyMs).unref()
  }

  /** Writes everything collected. Never rejects: if it fails, the next flush writes it. */
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
