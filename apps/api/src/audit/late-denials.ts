/**
 * Refusals that change nothing but the log: probes without proof, and status calls that a policy refused. They are
 * recorded after the reply, so that its time doesn't tell whether the slug exists (spec/protocol.md, claim C3).
 */
import type { Logger } from 'pino'
import type { Clock } from '../outside/clock.ts'
import type { Caller } from '../secrets/secret.ts'
import type { Store } from '../store/store.ts'

export interface LateDenial {
  secretId: number
  /** The code that the caller got. */
  reason: string
  at: number
  caller: Caller
}

export interface LateDenialsParts {
  store: Pick<Store, 'recordDenials'>
  clock: Clock
  log: Logger
  /** Told of each denial that was not kept because too many waited. */
  onDropped: () => void
}

const everyMs = 250
/** Written at once: few enough that the commit costs more than the rows. */
const batchLength = 64
const mostWaiting = 2048

export class LateDenials {
  readonly #parts: LateDenialsParts
  readonly #waiting: LateDenial[] = []
  #timer: NodeJS.Timeout | undefined
  #writing = Promise.resolve()

  constructor(parts: LateDenialsParts) {
    this.#parts = parts
  }

  /** `secretId` null: there is no such secret. That is not recorded, but costs the same commit. */
  add(secretId: number | null, reason: string, caller: Caller): void {
    this.#timer ??= setTimeout(() => this.#start(), everyMs)
    if (secretId === null) return
    if (this.#waiting.length >= mostWaiting) this.#parts.onDropped()
    else this.#waiting.push({ secretId, reason, at: this.#parts.clock.now(), caller })
  }

  /** Writes everything that waits. Rejects if the store can't. */
  async flush(): Promise<void> {
    await this.#writing
    clearTimeout(this.#timer)
    do await this.#write()
    while (this.#waiting.length > 0)
    this.#timer = undefined
  }

  #start(): void {
    this.#writing = this.#write()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'refusals could not be recorded yet'))
      .then(() => {
        this.#timer = this.#waiting.length > 0 ? setTimeout(() => this.#start(), everyMs) : undefined
      })
  }

  async #write(): Promise<void> {
    const batch = this.#waiting.slice(0, batchLength)
    await this.#parts.store.recordDenials(batch, this.#parts.clock.now())
    this.#waiting.splice(0, batch.length)
  }
}
