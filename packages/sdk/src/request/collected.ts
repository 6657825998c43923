/** An answer to a request, as whoever asked has it (spec/protocol.md section 10, step 5). */
import { HalfkeyError } from '../errors.ts'
import { REVEAL_ID, type Link } from '../link/reveal.ts'
import { openParsedLink } from '../link/status.ts'
import { checkOptions, SIGNAL, type CallOptions } from '../options.ts'
import { deriveLink } from '../protocol/link.ts'
import type { Kem } from '../protocol/request-kem.ts'
import { openAnswerKey, type RequestKeys } from '../protocol/request.ts'
import { request, type Call, type TransportOptions } from '../transport/http.ts'
import { date, integer, list, nullable, record, string, type Reader } from '../transport/read.ts'
import type { WireStatus } from '../wire.ts'
import { collectHeader } from './records.ts'

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** An answer as the server lists it. */
interface AnswerFields {
  slug: string
  /** b64 of 1168 bytes; null: it has ended. */
  sealedKeyB: string | null
  status: WireStatus
  createdAt: Date
  collectedAt: Date | null
  /** null: it can be opened. */
  endedAt: Date | null
  attachmentsCount: number
  size: number
}

export const readAnswers: Reader<AnswerFields[]> = list(
  record({
    slug: string,
    sealedKeyB: nullable(string),
    status: string as Reader<WireStatus>,
    createdAt: date,
    collectedAt: nullable(date),
    endedAt: nullable(date),
    attachmentsCount: integer,
    size: integer,
  }),
)

export interface CollectParts {
  base: string
  keys: RequestKeys
  kem: Kem
  transport: TransportOptions
}

/** A call on the request, in the right of whoever has the collect link. */
export async function callOn(
  { base, keys, transport }: CollectParts,
  method: Call['method'],
  path: string,
  { persist = false, ...sent }: Pick<Call, 'body' | 'signal'> & { persist?: boolean },
): Promise<unknown> {
  const call = { url: `${base}/api/v1/requests/${keys.slug}${path}`, method, headers: collectHeader(keys.collect) }
  const { data } = await request({ ...call, ...sent }, { ...transport, persist })
  return data
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

  /** When it ended; null: it can be opened. */
  get endedAt(): Date | null {
    return this.#fields.endedAt
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
    const { slug, status, sealedKeyB, endedAt } = this.#fields
    if (sealedKeyB === null && endedAt !== null) {
      throw new HalfkeyError('GONE', 'This answer has ended, and its content was destroyed.', {
        details: { cause: status, at: endedAt.toISOString() },
      })
    }
    const keyB = await openAnswerKey(kem, keys, slug, sealedKeyB)
    const { access } = await deriveLink(keyB)
    return openParsedLink({ base, slug, keyB, access, collect: keys.collect }, { ...transport, ...options })
  }

  /**
   * Lets its password be tried again, after too many wrong ones locked it.
   *
   * @throws HalfkeyError NOT_FOUND; GONE with `details` `{cause, at}` once it has ended.
   *
   * @example
   * ```ts
   * const { askUrl, collectUrl } = await client.createRequest()
   * await (await openAsk(askUrl)).answer('correct horse', { password: 'tr0ub4dor' })
   * const [answer] = await (await openCollect(collectUrl)).answers()
   * await answer!.unlock()
   * ```
   */
  async unlock(options: CallOptions = {}): Promise<void> {
    checkOptions(options, { signal: SIGNAL })
    await callOn(this.#parts, 'PATCH', `/answers/${this.slug}`, { ...options, body: '{"unlock":true}' })
  }

  /**
   * Destroys its content, whether or not it was opened and however often it could be opened still. It gives no place back.
   * Calling it again does nothing more.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * const { askUrl, collectUrl } = await client.createRequest({ answer: { views: 3 } })
   * await (await openAsk(askUrl)).answer('correct horse')
   * const [answer] = await (await openCollect(collectUrl)).answers()
   * await answer!.destroy()
   * ```
   */
  async destroy(options: CallOptions = {}): Promise<void> {
    checkOptions(options, { signal: SIGNAL })
    await callOn(this.#parts, 'DELETE', `/answers/${this.slug}`, options)
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
