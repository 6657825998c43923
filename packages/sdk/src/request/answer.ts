/** Answers a request (spec/protocol.md section 10, steps 2 and 3). */
import { sealFields, type OrUndefined, type SealedFile } from '../create/create.ts'
import { openSources, uploadFiles, withOutcome } from '../create/upload.ts'
import { throwIfInvalid, type HalfkeyError } from '../errors.ts'
import { checkOptions, findProblems, isBytes, isText, reportProgress, TEXT } from '../options.ts'
import { encryptedSize } from '../protocol/chunks.ts'
import { b64, toJson, utf8, type Bytes } from '../protocol/encoding.ts'
import { KEY_LENGTH, sha256 } from '../protocol/keys.ts'
import type { Kem } from '../protocol/request-kem.ts'
import {
  checkPublicKey,
  deriveAnswerKey,
  openRequestNote,
  parseAskLink,
  sealAnswerKey,
  type AskLink,
} from '../protocol/request.ts'
import { random } from '../provider.ts'
import { request, type Call, type TransportOptions } from '../transport/http.ts'
import { date, integer, malformedReply, nullable, record, string } from '../transport/read.ts'
import { respell } from '../transport/spelling.ts'
import type { WireAnswerRequest } from '../wire.ts'
import { loadKem } from './kem.ts'
import { answerOptionRules, openRequestRules, type AnswerOptions, type OpenRequestOptions } from './options.ts'
import { Receipt, receiptCall } from './receipt.ts'
import { readLimits, type AnswerLimits } from './records.ts'

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

const readStatus = record({
  note: nullable(string),
  publicKey: string,
  answersLeft: integer,
  expiration: date,
  limits: readLimits,
  askedBy: string,
})

const readAnswered = record({ slug: string, expiration: date, createdAt: date })

/** Checks an ask link, then asks its server for the request. */
export async function openAsk(askUrl: string, options: OpenRequestOptions = {}): Promise<Ask> {
  checkOptions(options, openRequestRules, { askUrl: [askUrl, TEXT] })
  const { kem, signal, ...transport } = options
  const link = await parseAskLink(askUrl)
  const call = { ...callOf(link, 'status'), body: '{}', signal }
  const { note, publicKey, ...status } = readStatus((await request(call, transport)).data)
  const bound = await checkPublicKey(link.askKey, publicKey)
  const opened = await openRequestNote(link.askKey, link.slug, note)
  return new Ask({ link, transport, kem, publicKey: bound, status: { ...status, note: opened } })
}

function callOf({ base, slug, access }: AskLink, step: 'status' | 'answers'): Call {
  const headers = { 'Halfkey-Access': b64(access) }
  return { url: `${base}/api/v1/asks/${slug}/${step}`, method: 'POST', headers }
}

interface AskParts {
  link: AskLink
  transport: TransportOptions
  kem: Kem | undefined
  publicKey: Bytes
  status: { note: string; answersLeft: number; expiration: Date; limits: AnswerLimits; askedBy: string }
}

/** An answer that is ready to be sent. */
interface SealedAnswer {
  slug: string
  /** JSON of a `WireAnswerRequest`. */
  body: string
  manageKey: Bytes
  files: SealedFile[]
}

/**
 * A request that was checked and can be answered. Its keys are private: neither `console.log` nor `JSON.stringify` shows
 * them.
 */
export class Ask {
  readonly #parts: AskParts
  /** Sealed and sent, but no reply came: what was given, as a hash, and the bytes to send again. */
  #unanswered: { given: string; attachments: readonly unknown[]; sealed: SealedAnswer } | undefined

  /** Made by `openAsk`. */
  constructor(parts: AskParts) {
    this.#parts = parts
  }

  /** 13 characters that name the request. */
  get slug(): string {
    return this.#parts.link.slug
  }

  /** What is asked for: plain text from whoever made the link. Empty if they wrote nothing. */
  get note(): string {
    return this.#parts.status.note
  }

  /** How many more answers the request takes, as of `openAsk`. */
  get answersLeft(): number {
    return this.#parts.status.answersLeft
  }

  /** Until when it takes answers. */
  get expiration(): Date {
    return this.#parts.status.expiration
  }

  /** What an answer may be. */
  get limits(): AnswerLimits {
    return this.#parts.status.limits
  }

  /** The workspace's name, or `anonymous`. The server says so, and nothing proves it. */
  get askedBy(): string {
    return this.#parts.status.askedBy
  }

  /**
   * Encrypts an answer to whoever asked, and stores it: a text, bytes, or with attachments nothing of these. It is sealed
   * once, and the same bytes are sent until a reply comes; after NETWORK or TIMEOUT, call it again with the same arguments,
   * and it sends them again. The keys are then forgotten: this program can't read its own answer.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options before anything is sent, for more files than the request takes,
   *   and for an attachment that can't be read; GONE with `details` `{cause, at}` if the request takes no more answers;
   *   PAYLOAD_TOO_LARGE; UNSUPPORTED where `globalThis.crypto` is missing.
   *
   * @example
   * ```ts
   * const { askUrl } = await client.createRequest({ message: 'The database password, please' })
   * const ask = await openAsk(askUrl)
   * console.log(ask.note)
   * const receipt = await ask.answer('correct horse')
   * console.log(receipt.statusUrl)
   * ```
   */
  async answer(content: string | Uint8Array, options: AnswerOptions = {}): Promise<Receipt> {
    this.#check(content, options)
    const { link, transport } = this.#parts
    const { attachments = [], signal } = options
    const sealed = await this.#sealOnce(content, attachments, options)
    const contentLength = typeof content === 'string' ? utf8(content).length : content.length
    const total = sealed.files.reduce((sum, { source }) => sum + encryptedSize(source.size), contentLength)
    let done = 0
    const onSent = (bytes: number) => void reportProgress(options, (done += bytes), total)
    onSent(0)

    const answered = readAnswered(await this.#send(sealed, signal))
    if (answered.slug !== sealed.slug) throw malformedReply()
    const receipt = { base: link.base, slug: sealed.slug, manageKey: sealed.manageKey }
    if (sealed.files.length > 0) {
      const call = (method: Call['method'], path: string) => receiptCall(receipt, method, path)
      await uploadFiles({ sealed, transport, call, onSent, signal }).catch((error: unknown) => {
        throw withOutcome(error, 'The answer is incomplete, so nobody can open it. Its place comes back within a day.')
      })
    }
    onSent(contentLength)
    return new Receipt({ ...receipt, transport })
  }

  /** The slug. */
  toJSON(): { slug: string } {
    return { slug: this.slug }
  }

  [inspect](): string {
    return `Ask ${this.slug}`
  }

  #check(content: unknown, options: AnswerOptions): void {
    const problems = findProblems(options, answerOptionRules)
    const { length: files = 0 } = (options as AnswerOptions | null)?.attachments ?? {}
    if (!isText(content) && !isBytes(content))
      problems['content'] = ['must be well-formed Unicode text, a Buffer or a Uint8Array']
    else if (content.length === 0 && files === 0) problems['content'] = ['must not be empty']
    const { maximumFiles } = this.limits
    if (files > maximumFiles)
      (problems['attachments'] ??= []).push(
        maximumFiles === 0 ? 'must be left out: the request takes no files' : `must be at most ${maximumFiles}`,
      )
    throwIfInvalid(problems)
  }

  /** What no reply came for, if the same is given again; anything else is a new answer. */
  async #sealOnce(
    content: string | Uint8Array,
    attachments: NonNullable<AnswerOptions['attachments']>,
    { message, password }: AnswerOptions,
  ): Promise<SealedAnswer> {
    const told = typeof content === 'string' ? { text: content } : { bytes: b64(content) }
    const given = b64(await sha256(toJson({ ...told, message, password })))
    const last = this.#unanswered
    const isSame =
      last?.given === given &&
      last.attachments.length === attachments.length &&
      attachments.every((attachment, i) => attachment === last.attachments[i])
    if (isSame) return last.sealed
    const sealed = await this.#seal(content, attachments, { message, password })
    this.#unanswered = { given, attachments: [...attachments], sealed }
    return sealed
  }

  async #seal(
    content: string | Uint8Array,
    attachments: NonNullable<AnswerOptions['attachments']>,
    options: Pick<AnswerOptions, 'message' | 'password'>,
  ): Promise<SealedAnswer> {
    const { link, publicKey, kem = await loadKem() } = this.#parts
    const sources = attachments.length > 0 ? await openSources(attachments) : []
    const [x, manageKey] = await Promise.all([random(KEY_LENGTH), random(KEY_LENGTH)])
    const keyB = await deriveAnswerKey(x, link.askKey)
    const { slug, fields, files } = await sealFields({ keyB, manageKey }, content, options, sources)
    const sealedKey = await sealAnswerKey(kem, publicKey, { request: link.slug, answer: slug }, x)
    for (const key of [x, keyB]) key.fill(0)
    const body: OrUndefined<WireAnswerRequest> = { ...fields, sealed_key_b: b64(sealedKey) }
    return { slug, body: JSON.stringify(body), manageKey, files }
  }

  async #send({ body }: SealedAnswer, signal: AnswerOptions['signal']): Promise<unknown> {
    const call = { ...callOf(this.#parts.link, 'answers'), body, signal }
    try {
      const { data } = await request(call, { ...this.#parts.transport, persist: true })
      this.#unanswered = undefined
      return data
    } catch (error) {
      const { status = 500 } = error as Partial<HalfkeyError>
      // The server refused it, so nothing was stored. Anything else leaves that open.
      if (status < 500) this.#unanswered = undefined
      throw respell(error, { envelope: 'content', note: 'message', password_verifier: 'password' })
    }
  }
}
