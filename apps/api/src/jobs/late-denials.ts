/**
 * Refusals that change nothing but the log: probes without proof, status calls that a policy refused, calls over a rate
 * limit. They are recorded after the reply, by slug and whether or not it exists, so that neither the reply's time nor
 * the load that follows it tells (spec/protocol.md, claim C3).
 */
import type { Logger } from 'pino'
import type { Clock } from '../adapters/clock.ts'
import type { Caller } from '../domain/secrets/secret.ts'
import { isSlug } from '../domain/secrets/slug.ts'
import type { Store } from '../store/store.ts'

export interface LateDenial {
  /** Of a secret that may not exist. */
  slug: string
  reason: string
  at: number
  caller: Caller
}

export interface LateDenialsParts {
  store: Pick<Store, 'recordDenials'>
  clock: Clock
  log: Logger
  /** Told of each denial that was not kept because there were too many. */
  onDropped: () => void
}

const everyMs = 250
/** Written at once: few enough that the commit costs more than the rows. */
const batchLength = 64
const mostWaiting = 2048
/** A burst is what one address does to one slug within this time. */
const burstMs = 60_000
/** Bursts told apart within that time. */
const mostBursts = 256

export class LateDenials {
  readonly #parts: LateDenialsParts
  readonly #waiting: LateDenial[] = []
  readonly #bursts = new Set<string>()
  #burstsEnd = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  /** The newest write; each begins when the one before it is over. */
  #writing = Promise.resolve()

  constructor(parts: LateDenialsParts) {
    this.#parts = parts
  }

  add(slug: string, reason: string, caller: Caller): void {
    if (!isSlug(slug)) return
    if (this.#stopped || this.#waiting.length >= mostWaiting) return this.#parts.onDropped()
    this.#waiting.push({ slug, reason, at: this.#parts.clock.now(), caller })
    this.#schedule()
  }

  /** Adds the first of a burst alone: where nothing else bounds a caller, the log must not grow with its calls. */
  addFirst(slug: string, reason: string, caller: Caller): void {
    const now = this.#parts.clock.now()
    if (now >= this.#burstsEnd) {
      this.#bursts.clear()
      this.#burstsEnd = now + burstMs
    }
    const burst = JSON.stringify([slug, reason, caller.ip])
    if (this.#bursts.has(burst)) return
    if (this.#bursts.size >= mostBursts) return this.#parts.onDropped()
    this.#bursts.add(burst)
    this.add(slug, reason, caller)
  }

  /** Writes everything that waits now. Rejects if the store can't; what isn't written then waits on. */
  async flush(): Promise<void> {
    for (let left = this.#waiting.length; left > 0; left -= batchLength) await this.#write()
  }

  /** The last flush: nothing is taken or tried after it. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.flush()
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#write()
        .catch((error: unknown) => this.#parts.log.error({ err: error }, 'refusals could not be recorded yet'))
        .then(() => this.#waiting.length > 0 && this.#schedule())
    }, everyMs)
  }

  #write(): Promise<void> {
    const writing = this.#writing.then(async () => {
      const batch = this.#waiting.slice(0, batchLength)
      if (batch.length === 0) return
      await this.#parts.store.recordDenials(batch, this.#parts.clock.now())
      this.#waiting.splice(0, batch.length)
    })
    this.#writing = writing.catch(() => undefined)
    return writing
  }
}
