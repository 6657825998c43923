/** Collects the answers to a request (spec/protocol.md section 10, step 5). */
import { HalfkeyError } from '../errors.ts'
import { REVEAL_ID, type Link } from '../link/reveal.ts'
import { openParsedLink } from '../link/status.ts'
import { checkOptions, SIGNAL, TEXT, type CallOptions } from '../options.ts'
import { deriveLink, formatLink, readLink } from '../protocol/link.ts'
import type { Kem } from '../protocol/request-kem.ts'
import { openAnswerKey, openRequestNote, parseCollectLink, type RequestKeys } from '../protocol/request.ts'
import { request, sleep, type Call, type TransportOptions } from '../transport/http.ts'
import { date, integer, list, nullable, record, string, type Reader } from '../transport/read.ts'
import type { WireStatus } from '../wire.ts'
import { loadKem } from './kem.ts'
import { openRequestRules, watchRules, type OpenRequestOptions, type WatchOptions } from './options.ts'
import { collectHeader, presentRequest, readRequest, type RequestDetails } from './records.ts'

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

const INTERVAL_MS = 2000
const MAX_INTERVALS = 15

/** An answer as the server lists it. */
interface AnswerFields {
  slug: string
  /** b64 of 1168 bytes; null: it has ended. */
  sealedKeyB: string | null
  status: WireStatus
  createdAt: Date
  collectedAt: Date | null
  attachmentsCount: number
  size: number
}

const readAnswers: Reader<AnswerFields[]> = list(
  record({
    slug: string,
    sealedKeyB: nullable(string),
    status: string as Reader<WireStatus>,
    createdAt: date,
    collectedAt: nullable(date),
    attachmentsCount: integer,
    size: integer,
  }),
)

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

export interface CollectParts {
  base: string
  keys: RequestKeys
  kem: Kem
  transport: TransportOptions
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
   * It asks the server again and again, with growing pauses; a server that can't be reached is waited for, two minutes long.
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
    for (let pause = interval; ; pause = Math.min(pause * 2, interval * MAX_INTERVALS)) {
      // In this order: what was answered before the request ended is in the list.
      const { status, answersCount } = await this.#details(signal, true)
      const answers = await this.#answers(signal, true)
      for (const answer of answers) {
        if (seen.has(answer.slug) || !answer.isSealed) continue
        seen.add(answer.slug)
        pause = interval
        yield answer
      }
      // Those that are still being uploaded count, and aren't in the list.
      if (status !== 'open' && answersCount <= answers.length) return
      await sleep(pause, signal)
    }
  }

  /** `watch` with its defaults. */
  [Symbol.asyncIterator](): AsyncGenerator<Answer, void, undefined> {
    return this.watch()
  }

  /**
   * Ends the request: it takes no more answers. Those that are there can still be collected.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * const { collectUrl } = await client.createRequest()
   * await (await openCollect(collectUrl)).withdraw()
   * ```
   */
  async withdraw(options: CallOptions = {}): Promise<void> {
    checkOptions(options, { signal: SIGNAL })
    await this.#call('DELETE', '', options.signal)
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

  async #answers(signal: CallOptions['signal'], persist = false): Promise<Answer[]> {
    const seen = new Map<string, Answer>()
    for (const fields of readAnswers(await this.#call('GET', '/answers', signal, persist))) {
      if (!seen.has(fields.slug)) seen.set(fields.slug, new Answer(this.#parts, fields))
    }
    return [...seen.values()]
  }

  async #call(method: Call['method'], path: string, signal: CallOptions['signal'], persist = false): Promise<unknown> {
    const { base, keys, transport } = this.#parts
    const call = { url: `${base}/api/v1/requests/${keys.slug}${path}`, method, headers: collectHeader(keys.collect) }
    const { data } = await request({ ...call, signal }, { ...transport, persist })
    return data
  }
}

/** For `answer.open`. */
export interface OpenAnswerOptions extends CallOptions {
  /** `link.revealId` of a reveal that was cut short, perhaps by a crash: continues it. */
  revealId?: string | undefined
}

/** An answer as the server lists it, which shows nothing of what is in it. */
export class Answer {
  readonly #parts: CollectParts
  readonly #fields: AnswerFields

  /** Made by `collect.answers` and `collect.watch`. */
  constructor(parts: CollectParts, fields: AnswerFields) {
    this.#parts = parts
    this.#fields = fields
  }

  /** 13 characters that name the answer. */
  get slug(): string {
    return this.#fields.slug
  }

  /** Where it is in its life, as of the list. */
  get status(): WireStatus {
    return this.#fields.status
  }

  /** When it was sent. */
  get createdAt(): Date {
    return this.#fields.createdAt
  }

  /** When it was first opened; null: it wasn't. */
  get collectedAt(): Date | null {
    return this.#fields.collectedAt
  }

  /** How many files it has. */
  get attachmentsCount(): number {
    return this.#fields.attachmentsCount
  }

  /** Encrypted bytes of its text and files together. */
  get size(): number {
    return this.#fields.size
  }

  /** Whether its key is there: false once the answer has ended. */
  get isSealed(): boolean {
    return this.#fields.sealedKeyB !== null
  }

  /**
   * Opens the answer's key, then asks the server what a reveal will need, as `openLink` does. Spends nothing.
   *
   * @throws HalfkeyError TAMPERED or MALFORMED if this isn't an answer to the request: changed, made up, or another one's; GONE
   *   with `details` `{cause, at}` once it has ended; LOCKED; NOT_FOUND.
   *
   * @example
   * ```ts
   * const { askUrl, collectUrl } = await client.createRequest()
   * await (await openAsk(askUrl)).answer('correct horse')
   * const [answer] = await (await openCollect(collectUrl)).answers()
   * const opened = await (await answer!.open()).reveal()
   * console.log(opened.text)
   * ```
   */
  async open(options: OpenAnswerOptions = {}): Promise<Link> {
    checkOptions(options, { revealId: REVEAL_ID, signal: SIGNAL })
    const { base, keys, kem, transport } = this.#parts
    const { slug, status, sealedKeyB } = this.#fields
    if (sealedKeyB === null && /^(viewed|expired|burned)$/.test(status)) {
      throw new HalfkeyError('GONE', 'This answer has ended, and its content was destroyed.', {
        details: { cause: status },
      })
    }
    const keyB = await openAnswerKey(kem, keys, slug, sealedKeyB)
    const { access } = await deriveLink(keyB)
    return openParsedLink({ base, slug, keyB, access, collect: keys.collect }, { ...transport, ...options })
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
    return `Answer ${this.slug}`
  }
}
