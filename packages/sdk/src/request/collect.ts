/** Collects the answers to a request (spec/protocol.md section 10, step 5). */
import { checkOptions, SIGNAL, TEXT, type CallOptions } from '../options.ts'
import { formatLink, readLink } from '../protocol/link.ts'
import { openRequestNote, parseCollectLink } from '../protocol/request.ts'
import { DEFAULT_TIMEOUT_MS, sleep, type Call } from '../transport/http.ts'
import { Answer, callOn, readAnswers, type CollectParts } from './collected.ts'
import { loadKem } from './kem.ts'
import {
  deleteRequestRules,
  openRequestRules,
  watchRules,
  type DeleteRequestOptions,
  type OpenRequestOptions,
  type WatchOptions,
} from './options.ts'
import { presentRequest, readRequest, type RequestDetails } from './records.ts'

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

const INTERVAL_MS = 2000
const MAX_INTERVALS = 10
/** The longest that a server holds a call back. */
const MAX_WAIT_SECONDS = 25

/** Checks a collect link, then asks its server for the request. */
export async function openCollect(collectUrl: string, options: OpenRequestOptions = {}): Promise<Collect> {
  checkOptions(options, openRequestRules, { collectUrl: [collectUrl, TEXT] })
  const { kem: given, signal, ...transport } = options
  // A page would otherwise fetch the KEM for a link that is of another kind, or cut short.
  readLink(collectUrl, 'collect')
  const kem = given ?? (await loadKem())
  const { base, keys } = await parseCollectLink(kem, collectUrl)
  const collect = new Collect({ base, keys, kem, transport })
  await collect.details({ signal })
  return collect
}

/**
 * A request's answers. Its keys are private: `console.log`, `JSON.stringify` and `String` show the slug alone.
 *
 * @example
 * ```ts
 * const { collectUrl } = await client.createRequest({ message: 'The database password, please' })
 * const collect = await openCollect(collectUrl)
 * for (const answer of await collect.answers()) {
 *   const opened = await (await answer.open()).reveal()
 *   console.log(opened.text)
 *   await opened.done()
 * }
 * ```
 */
export class Collect {
  readonly #parts: CollectParts

  /** Made by `openCollect` and `client.collect`. */
  constructor(parts: CollectParts) {
    this.#parts = parts
  }

  /** 13 characters that name the request. */
  get slug(): string {
    return this.#parts.keys.slug
  }

  /** The whole ask link, made again from the seed. */
  get askUrl(): string {
    return formatLink(this.#parts.base, this.slug, this.#parts.keys.askKey, 'ask')
  }

  /** The whole collect link. Anyone who has it can read the answers. */
  get collectUrl(): string {
    return formatLink(this.#parts.base, this.slug, this.#parts.keys.seed, 'collect')
  }

  /**
   * Everything about the request but its answers.
   *
   * @throws HalfkeyError NOT_FOUND; TAMPERED if the server changed what was asked for.
   *
   * @example
   * ```ts
   * const { collectUrl } = await client.createRequest({ answers: 3 })
   * const { status, answersLeft } = await (await openCollect(collectUrl)).details()
   * console.log(status, answersLeft)
   * ```
   */
  async details(options: CallOptions = {}): Promise<RequestDetails> {
    checkOptions(options, { signal: SIGNAL })
    return this.#details(options.signal)
  }

  /**
   * The answers that are there, oldest first, those that have ended included. One with files appears when all of them are
   * uploaded. A slug appears once, whatever the server says.
   *
   * @throws HalfkeyError NOT_FOUND. An answer that was tampered with is refused when it is opened, and doesn't stop others.
   *
   * @example
   * ```ts
   * const { collectUrl } = await client.createRequest()
   * const answers = await (await openCollect(collectUrl)).answers()
   * console.log(answers.map(({ slug, status }) => `${slug}: ${status}`))
   * ```
   */
  async answers(options: CallOptions = {}): Promise<Answer[]> {
    checkOptions(options, { signal: SIGNAL })
    return this.#answers(options.signal)
  }

  /**
   * Each answer that can be opened, once: those that are there, then new ones as they come, until the request takes no more.
   * The server holds each call back until there are new ones, 25 seconds long or half the client's `timeout`; where it
   * doesn't, because it has too many callers, the pauses between the calls grow. A server that can't be reached is waited for,
   * two minutes long.
   *
   * @throws HalfkeyError NOT_FOUND; ABORTED.
   *
   * @example
   * ```ts
   * const { askUrl, collectUrl } = await client.createRequest()
   * await (await openAsk(askUrl)).answer('correct horse')
   * const collect = await openCollect(collectUrl)
   * for await (const answer of collect.watch({ signal: AbortSignal.timeout(60_000) })) {
   *   const opened = await (await answer.open()).reveal()
   *   console.log(opened.text)
   * }
   * ```
   */
  async *watch(options: WatchOptions = {}): AsyncGenerator<Answer, void, undefined> {
    checkOptions(options, watchRules)
    const { signal, interval = INTERVAL_MS } = options
    const seen = new Set<string>()
    const wait = Math.min(MAX_WAIT_SECONDS, Math.floor((this.#parts.transport.timeout ?? DEFAULT_TIMEOUT_MS) / 2000))
    let listed = 0
    let pause = interval
    for (;;) {
      const askedAt = Date.now()
      // In this order: what was answered before the request ended is in the list.
      const { status, answersCount } = await this.#details(signal, true)
      const answers = await this.#answers(signal, `?wait=${wait}&seen=${listed}`)
      for (const answer of answers) {
        if (seen.has(answer.slug) || !answer.isSealed) continue
        seen.add(answer.slug)
        yield answer
      }
      // Those that are still being uploaded count, and aren't in the list.
      if (status !== 'open' && answersCount <= answers.length) return
      const rest = askedAt + pause - Date.now()
      const isHeld = answers.length > listed || rest <= 0
      if (!isHeld) await sleep(rest, signal)
      pause = isHeld ? interval : Math.min(pause * 2, interval * MAX_INTERVALS)
      listed = Math.max(listed, answers.length)
    }
  }

  /** `watch` with its defaults. */
  [Symbol.asyncIterator](): AsyncGenerator<Answer, void, undefined> {
    return this.watch()
  }

  /**
   * Ends the request: it takes no more answers. Those that are there can still be collected. With `purge`, its record and those
   * of its answers go too, once all of them have ended.
   *
   * @throws HalfkeyError NOT_FOUND; CONFLICT with `details` `{answers}`: how many haven't ended, and so keep the record.
   *
   * @example
   * ```ts
   * const { collectUrl } = await client.createRequest()
   * await (await openCollect(collectUrl)).withdraw()
   * ```
   */
  async withdraw(options: DeleteRequestOptions = {}): Promise<void> {
    checkOptions(options, deleteRequestRules)
    await this.#call('DELETE', options.purge === true ? '?purge=true' : '', options.signal)
  }

  /** The slug. */
  toString(): string {
    return this.slug
  }

  /** The slug. */
  toJSON(): { slug: string } {
    return { slug: this.slug }
  }

  [inspect](): string {
    return `Collect ${this.slug}`
  }

  async #details(signal: CallOptions['signal'], persist = false): Promise<RequestDetails> {
    const { askKey, slug } = this.#parts.keys
    const found = readRequest(await this.#call('GET', '', signal, persist))
    const note = found.note === null ? undefined : await openRequestNote(askKey, slug, found.note)
    return presentRequest(found, { note })
  }

  async #answers(signal: CallOptions['signal'], waiting = ''): Promise<Answer[]> {
    const seen = new Map<string, Answer>()
    for (const fields of readAnswers(await this.#call('GET', `/answers${waiting}`, signal, waiting !== ''))) {
      if (!seen.has(fields.slug)) seen.set(fields.slug, new Answer(this.#parts, fields))
    }
    return [...seen.values()]
  }

  #call(method: Call['method'], path: string, signal: CallOptions['signal'], persist = false): Promise<unknown> {
    return callOn(this.#parts, method, path, { signal, persist })
  }
}
