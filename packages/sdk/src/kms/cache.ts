import type { KmsRevealed } from './records.ts'

interface Cached {
  revealed: KmsRevealed
  /** In the milliseconds of `performance.now()`, which no clock change moves. */
  at: number
  timer: ReturnType<typeof setTimeout>
}

/** Revealed values, in memory alone, each forgotten when the time that its caller gave it is over. */
export class RevealCache {
  readonly #cached = new Map<string, Cached>()

  /** Undefined: there is none that is younger than `ttl` seconds. */
  get(handler: string, version: number | undefined, ttl: number): KmsRevealed | undefined {
    const cached = this.#cached.get(nameOf(handler, version))
    return cached && performance.now() - cached.at < ttl * 1000 ? cached.revealed : undefined
  }

  set(handler: string, version: number | undefined, ttl: number, revealed: KmsRevealed): void {
    const name = nameOf(handler, version)
    clearTimeout(this.#cached.get(name)?.timer)
    const timer = setTimeout(() => this.#cached.delete(name), ttl * 1000)
    // A cached value is no reason for Node to stay alive.
    if (typeof timer === 'object') timer.unref()
    this.#cached.set(name, { revealed, at: performance.now(), timer })
  }

  /** Every version of it. */
  forget(handler: string): void {
    for (const [name, { timer }] of this.#cached) {
      if (!name.startsWith(nameOf(handler, undefined))) continue
      clearTimeout(timer)
      this.#cached.delete(name)
    }
  }
}

/** No handler has a NUL, so no name of one begins another's. */
const nameOf = (handler: string, version: number | undefined): string => `${handler}\0${version ?? ''}`
