/** What an answerer keeps: it tells what became of the answer, on the server's word (spec/protocol.md section 10, step 4). */
import { checkOptions, SIGNAL, TEXT, transportRules, type CallOptions } from '../options.ts'
import { b64, type Bytes } from '../protocol/encoding.ts'
import { formatLink, readLink } from '../protocol/link.ts'
import { request, type Call, type Reply, type TransportOptions } from '../transport/http.ts'
import { date, nullable, record, string } from '../transport/read.ts'

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** What became of an answer. */
export interface ReceiptStatus {
  /** `waiting`: it can be collected; `collected`: it was opened; `burned`: it was withdrawn. */
  state: 'uploading' | 'waiting' | 'collected' | 'expired' | 'burned'
  /** When it was first opened; null: it wasn't. */
  collectedAt: Date | null
  /** When it expires, or expired. */
  expiration: Date
}

const readStatus = record({ status: string, collectedAt: nullable(date), expiration: date })

interface ReceiptParts {
  base: string
  slug: string
  manageKey: Bytes
  transport: TransportOptions
}

/** A call with the right to an answer. */
export function receiptCall(
  { base, manageKey }: Omit<ReceiptParts, 'transport'>,
  method: Call['method'],
  path: string,
): Call {
  return { url: `${base}/api/v1${path}`, method, headers: { 'Halfkey-Manage': b64(manageKey) } }
}

/** Reads a status link. Asks the server for nothing. */
export function openReceipt(statusUrl: string, transport: TransportOptions = {}): Receipt {
  checkOptions(transport, transportRules, { statusUrl: [statusUrl, TEXT] })
  const { base, slug, key: manageKey } = readLink(statusUrl, 'status')
  return new Receipt({ base, slug, manageKey, transport })
}

/**
 * The receipt for an answer. Its key is private: `console.log` and `String` show the slug alone. `JSON.stringify` keeps the
 * status link, which exists nowhere else.
 */
export class Receipt {
  readonly #parts: ReceiptParts

  /** Made by `ask.answer` and `openReceipt`. */
  constructor(parts: ReceiptParts) {
    this.#parts = parts
  }

  /** 13 characters that name the answer. */
  get slug(): string {
    return this.#parts.slug
  }

  /** The status link, for the answerer alone: whoever has it can withdraw the answer, though not read it. */
  get statusUrl(): string {
    const { base, slug, manageKey } = this.#parts
    return formatLink(base, slug, manageKey, 'status')
  }

  /**
   * What became of the answer, as the server says.
   *
   * @throws HalfkeyError NOT_FOUND if the answer's record was removed.
   *
   * @example
   * ```ts
   * const { askUrl } = await client.createRequest()
   * const receipt = await (await openAsk(askUrl)).answer('correct horse')
   * const { state, collectedAt } = await receipt.status()
   * console.log(state, collectedAt)
   * ```
   */
  async status(options: CallOptions = {}): Promise<ReceiptStatus> {
    checkOptions(options, { signal: SIGNAL })
    const { data } = await this.#call('GET', options)
    const { status, collectedAt, expiration } = readStatus(data)
    return { state: stateOf(status, collectedAt), collectedAt, expiration }
  }

  /**
   * Destroys the answer, unless it was opened already. The request doesn't take another in its place. Calling it again does
   * nothing more.
   *
   * @throws HalfkeyError CONFLICT if the answer was opened; NOT_FOUND if its record was removed.
   *
   * @example
   * ```ts
   * const { askUrl } = await client.createRequest()
   * const receipt = await (await openAsk(askUrl)).answer('the wrong password')
   * await receipt.withdraw()
   * ```
   */
  async withdraw(options: CallOptions = {}): Promise<void> {
    checkOptions(options, { signal: SIGNAL })
    await this.#call('DELETE', options)
  }

  /** The slug. */
  toString(): string {
    return this.slug
  }

  /** With the status link. */
  toJSON(): { slug: string; status_url: string } {
    return { slug: this.slug, status_url: this.statusUrl }
  }

  [inspect](): string {
    return `Receipt ${this.slug}`
  }

  #call(method: Call['method'], { signal }: CallOptions): Promise<Reply> {
    const call = receiptCall(this.#parts, method, `/secrets/${this.slug}`)
    return request({ ...call, signal }, this.#parts.transport)
  }
}

/** In the words of section 10: an answer is a secret, whose states the server gives. */
function stateOf(status: string, collectedAt: Date | null): ReceiptStatus['state'] {
  if (collectedAt !== null || status === 'viewed') return 'collected'
  if (status === 'uploading' || status === 'expired' || status === 'burned') return status
  return 'waiting'
}
