/**
 * Calls that wait for answers to a request. An answer that comes through this process wakes them at once; for the others, one
 * query a second looks at all awaited requests together.
 */
import type { Logger } from 'pino'
import { stateAt } from '../domain/requests/request.ts'
import type { Clock } from '../adapters/clock.ts'
import type { AwaitedRequest, Store } from '../store/store.ts'

const lookEveryMs = 1000
/** Beyond these, calls don't wait: the client comes again after a pause of its own. */
const maxWaiting = 1000
const maxWaitingPerRequest = 10

export interface Awaited {
  requestId: number
  /** How many answers the caller knows. */
  seen: number
  /** How long to wait at most, in milliseconds. */
  ms: number
  /** Of the caller's connection. */
  signal: AbortSignal
}

interface Waiter {
  seen: number
  settle: () => void
}

export interface AwaitedAnswersOptions {
  store: Pick<Store, 'readAwaited'>
  clock: Clock
  log: Logger
}

export class AwaitedAnswers {
  readonly #options: AwaitedAnswersOptions
  readonly #waiting = new Map<number, Set<Waiter>>()
  #count = 0
  #timer: NodeJS.Timeout | undefined
  #hasStopped = false

  constructor(options: AwaitedAnswersOptions) {
    this.#options = options
  }

  /** How many calls are waiting. */
  get count(): number {
    return this.#count
  }

  /**
   * Resolves once there are more answers than `seen` or the request takes no more, after `ms`, when the connection closes, or
   * when the server stops; at once if too many are waiting.
   */
  async wait({ requestId, seen, ms, signal }: Awaited): Promise<void> {
    const waiters = this.#waiting.get(requestId) ?? new Set()
    if (this.#hasStopped || signal.aborted || this.#count >= maxWaiting || waiters.size >= maxWaitingPerRequest) return
    let settle = (): void => undefined
    const settled = new Promise<void>((resolve) => (settle = resolve))
    const waiter = { seen, settle }
    this.#waiting.set(requestId, waiters.add(waiter))
    this.#count += 1
    const late = setTimeout(settle, ms)
    signal.addEventListener('abort', settle, { once: true })
    try {
      // After it is listed, so that no answer comes in between.
      await this.look([requestId])
      this.#schedule()
      await settled
    } finally {
      clearTimeout(late)
      signal.removeEventListener('abort', settle)
      waiters.delete(waiter)
      if (waiters.size === 0) this.#waiting.delete(requestId)
      this.#count -= 1
    }
  }

  /** Wakes the callers that need not wait any more. */
  async look(requestIds: readonly number[]): Promise<void> {
    const awaited = requestIds.filter((id) => this.#waiting.has(id))
    if (awaited.length === 0) return
    const found = new Map((await this.#options.store.readAwaited(awaited)).map((request) => [request.id, request]))
    for (const id of awaited) {
      const request = found.get(id)
      for (const { seen, settle } of this.#waiting.get(id) ?? [])
        if (!request || request.listed > seen || this.#isFinal(request)) settle()
    }
  }

  /** Wakes everybody, and lets nobody wait from then on. */
  stop(): void {
    this.#hasStopped = true
    clearTimeout(this.#timer)
    for (const waiters of this.#waiting.values()) for (const { settle } of waiters) settle()
  }

  /** It takes no answers, and none of those that have a place is being uploaded. */
  #isFinal(request: AwaitedRequest): boolean {
    return stateAt(request, this.#options.clock.now()) !== 'open' && request.answers <= request.listed
  }

  #schedule(): void {
    if (this.#hasStopped || this.#timer || this.#waiting.size === 0) return
    this.#timer = setTimeout(() => {
      this.look([...this.#waiting.keys()])
        .catch((error: unknown) => this.#options.log.error({ err: error }, 'awaited answers could not be read'))
        .finally(() => {
          this.#timer = undefined
          this.#schedule()
        })
    }, lookEveryMs)
  }
}
