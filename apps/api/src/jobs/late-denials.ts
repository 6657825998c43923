/**
 * Denied attempts that only affect the log: calls without proof, status calls that a policy denied, calls over a rate
 * limit; and looks at requests. They are recorded after the reply, whether or not the slug exists, so that neither the response time nor the
 * following load reveals it (spec/protocol.md, claim C3).
 */
import type { Logger } from 'pino'
import type { Clock } from '../adapters/clock.ts'
import { networksAround } from '../domain/addresses.ts'
import type { Caller } from '../domain/secrets/secret.ts'
import { isSlug } from '../domain/secrets/slug.ts'
import type { LateDenial, Store } from '../store/store.ts'

export type { LateDenial } from '../store/store.ts'

export interface LateDenialsParts {
  store: Pick<Store, 'recordDenials'>
  clock: Clock
  log: Logger
  /** Called for each denial that was dropped because there were too many. */
  onDropped: () => void
}

const everyMs = 250
/** Rows per commit: few enough that the commit costs more than the rows. */
const batchLength = 64
const maxWaiting = 2048
/** A burst is what one address does to one slug within this time. */
const burstMs = 60_000
/** Maximum number of bursts counted within that time: in total, per network and per slug. */
const maxBursts = 1024
const maxBurstsPerNetwork = 32
const maxBurstsPerSlug = 256

/** How many waiting denials share a network or a slug. */
interface Crowd {
  size: number
}

interface Waiting {
  denial: LateDenial
  crowds: [Crowd, Crowd]
}

/** /24 for IPv4 and /48 for IPv6: the addresses that one caller easily has. */
const networkOf = ({ ip }: Caller): string => (ip === null ? '' : (networksAround(ip)[1] ?? ip))

/** Counts the members of crowds. */
class Crowds {
  readonly #sizes = new Map<string, Crowd>()

  enter(name: string): Crowd {
    const crowd = this.#sizes.get(name) ?? { size: 0 }
    this.#sizes.set(name, crowd)
    crowd.size += 1
    return crowd
  }

  leave(name: string, crowd: Crowd): void {
    crowd.size -= 1
    if (crowd.size === 0) this.#sizes.delete(name)
  }

  sizeOf = (name: string): number => this.#sizes.get(name)?.size ?? 0

  clear = (): void => this.#sizes.clear()
}

export class LateDenials {
  readonly #parts: LateDenialsParts
  readonly #waiting: Waiting[] = []
  readonly #networks = new Crowds()
  readonly #slugs = new Crowds()
  /** The number of waiting denials, from the start, that are being written. */
  #inFlight = 0
  readonly #bursts = new Set<string>()
  readonly #burstNetworks = new Crowds()
  readonly #burstSlugs = new Crowds()
  #burstsEnd = 0
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  /** The newest write. Writes run one after the other. */
  #writing = Promise.resolve()

  constructor(parts: LateDenialsParts) {
    this.#parts = parts
  }

  /**
   * If too many are waiting, drops the newest of the largest crowd, so that a flood only displaces its own denials and not
   * those from other addresses or for other slugs.
   */
  add(slug: string, reason: string | null, caller: Caller, type: LateDenial['type'] = 'denied'): void {
    if (!isSlug(slug)) return
    if (this.#stopped) return this.#parts.onDropped()
    const crowds: Waiting['crowds'] = [this.#networks.enter(networkOf(caller)), this.#slugs.enter(slug)]
    this.#waiting.push({ denial: { type, slug, reason, at: this.#parts.clock.now(), caller }, crowds })
    if (this.#waiting.length > maxWaiting) this.#dropOne()
    this.#schedule()
  }

  /** Adds only the first denial of a burst, so that unlimited calls can't make the log grow. */
  addFirst(slug: string, reason: string | null, caller: Caller, type: LateDenial['type'] = 'denied'): void {
    if (!isSlug(slug)) return
    const now = this.#parts.clock.now()
    if (now >= this.#burstsEnd) {
      for (const bursts of [this.#bursts, this.#burstNetworks, this.#burstSlugs]) bursts.clear()
      this.#burstsEnd = now + burstMs
    }
    const burst = JSON.stringify([type, slug, reason, caller.ip])
    if (this.#bursts.has(burst)) return
    const network = networkOf(caller)
    const tooMany =
      this.#bursts.size >= maxBursts ||
      this.#burstNetworks.sizeOf(network) >= maxBurstsPerNetwork ||
      this.#burstSlugs.sizeOf(slug) >= maxBurstsPerSlug
    if (tooMany) return this.#parts.onDropped()
    this.#bursts.add(burst)
    this.#burstNetworks.enter(network)
    this.#burstSlugs.enter(slug)
    this.add(slug, reason, caller, type)
  }

  /** Writes all waiting denials. Rejects if the store fails; the rest keeps waiting. */
  async flush(): Promise<void> {
    for (let left = this.#waiting.length; left > 0; left -= batchLength) await this.#write()
  }

  /** Flushes one last time and stops accepting denials. */
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
        .catch((error: unknown) => this.#parts.log.error({ err: error }, 'denied attempts could not be recorded yet'))
        .then(() => this.#waiting.length > 0 && this.#schedule())
    }, everyMs)
  }

  #write(): Promise<void> {
    const writing = this.#writing.then(async () => {
      const batch = this.#waiting.slice(0, batchLength).map(({ denial }) => denial)
      if (batch.length === 0) return
      this.#inFlight = batch.length
      try {
        await this.#parts.store.recordDenials(batch, this.#parts.clock.now())
        this.#take(0, batch.length)
      } finally {
        this.#inFlight = 0
      }
    })
    this.#writing = writing.catch(() => undefined)
    return writing
  }

  #dropOne(): void {
    let [heaviest, found] = [0, this.#waiting.length - 1]
    for (let index = found; index >= this.#inFlight; index--) {
      const [network, slug] = (this.#waiting[index] as Waiting).crowds
      const weight = network.size * slug.size
      if (weight > heaviest) [heaviest, found] = [weight, index]
    }
    this.#take(found, 1)
    this.#parts.onDropped()
  }

  #take(index: number, count: number): void {
    for (const { denial, crowds } of this.#waiting.splice(index, count)) {
      this.#networks.leave(networkOf(denial.caller), crowds[0])
      this.#slugs.leave(denial.slug, crowds[1])
    }
  }
}
