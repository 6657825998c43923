import { openContent } from '../protocol/content.ts'
import { post, type LinkAccess } from './conversation.ts'
import { b64, unb64, isBinary } from '../protocol/encoding.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import type { TransportOptions } from '../transport/http.ts'
import { KEY_LENGTH, stretchPassword } from '../protocol/keys.ts'
import type { PlatformAbortSignal } from '../platform.ts'
import {
  checkOptions,
  FUNCTION,
  SIGNAL,
  reportProgress,
  TEXT,
  type CallOptions,
  type ProgressOptions,
  type Rule,
  type Rules,
} from '../options.ts'
import { Opened } from './opened.ts'
import { date, object, record, string, type Reader } from '../transport/read.ts'
import { freshChallenge, openFiles, prepareFiles, solveCaptcha } from './reveal-parts.ts'
import type { WireChallenge, WireEnvelope, WireOtpType, WireRevealRequest } from '../wire.ts'

export const REVEAL_ID_LENGTH = 16
export const REVEAL_ID: Rule = [isBinary(REVEAL_ID_LENGTH), 'must be 16 bytes as base64url (22 characters)']

/** Returns the solution of a challenge, as `solveCaptcha` does. */
export type SolveCaptcha = (challenge: WireChallenge, signal: PlatformAbortSignal | undefined) => Promise<string>

/** For `link.requestCode`. */
export interface RequestCodeOptions extends CallOptions {
  /** Needed if `link.needs.password` is true. */
  password?: string | undefined
  /** The captcha's solution, or a function that finds it, such as in a worker. By default it is found here. */
  captcha?: string | SolveCaptcha | undefined
}

/** A code that was sent. */
export interface SentCode {
  /** By e-mail or SMS. */
  type: 'email' | 'sms'
  /** Where it went, masked. */
  to: string
  /** Until when the code counts. */
  expiresAt: Date
}

/** For `link.reveal`. */
export interface RevealOptions extends RequestCodeOptions, ProgressOptions {
  /** The one-time code; white space, as between the groups that apps show, doesn't count. */
  otp?: string | undefined
  /** Replaces `link.revealId`. */
  revealId?: string | undefined
}

/** What a reveal asks for. */
export interface Needs {
  /** Whether a password is needed; null: unknown, because a reveal is continued after its secret ended. */
  password: boolean | null
  /** The kind of one-time code, null for none; `to` is the masked address that the code goes to. */
  otp: { type: WireOtpType; to: string | null } | null
  /** Whether a captcha must be solved. */
  captcha: boolean
}

export interface LinkStatus extends Needs {
  note: string | undefined
  expiration: Date
  viewsLeft: number | null
  attemptsLeft: number
  files: { id: string; size: number }[]
}

interface LinkParts {
  link: LinkAccess
  transport: TransportOptions
  status: LinkStatus
  revealId: string
}

const requestCodeRules: Rules<RequestCodeOptions> = {
  password: TEXT,
  captcha: [
    (value) => TEXT[0](value) || typeof value === 'function',
    'must be a solution, or a function that finds it',
  ],
  signal: SIGNAL,
}

const revealRules: Rules<RevealOptions> = {
  ...requestCodeRules,
  otp: TEXT,
  revealId: REVEAL_ID,
  onProgress: FUNCTION,
}

const readSentCode = record({ type: string as Reader<SentCode['type']>, to: string, expiresAt: date })
const readRevealed = record({ keyA: string, envelope: object, grant: string })

/**
 * A link that was checked and can be revealed. Its keys are private: neither `console.log` nor `JSON.stringify` shows
 * them.
 */
export class Link {
  readonly #link: LinkAccess
  readonly #transport: TransportOptions
  readonly #status: LinkStatus
  #revealId: string
  #stretched: { password: string; keys: ReturnType<typeof stretchPassword> } | undefined

  /** Made by `openLink`. */
  constructor({ link, transport, status, revealId }: LinkParts) {
    this.#link = link
    this.#transport = transport
    this.#status = status
    this.#revealId = revealId
  }

  /** 13 characters that name the secret. */
  get slug(): string {
    return this.#link.slug
  }

  /** The sender's message, readable before the reveal. */
  get note(): string | undefined {
    return this.#status.note
  }

  /** When the secret ends, or ended; an invalid date while it is locked. */
  get expiration(): Date {
    return this.#status.expiration
  }

  /** null: any number until expiry. */
  get viewsLeft(): number | null {
    return this.#status.viewsLeft
  }

  /** Wrong passwords and codes left before the lock-out, as of `openLink`. */
  get attemptsLeft(): number {
    return this.#status.attemptsLeft
  }

  /** What the reveal will ask for. */
  get needs(): Needs {
    const { password, otp, captcha } = this.#status
    return { password, otp, captcha }
  }

  /** Encrypted sizes, in bytes; names are known after the reveal. */
  get files(): readonly { id: string; size: number }[] {
    return this.#status.files
  }

  /**
   * b64 of 16 bytes: spends at most one view, however often it is sent (claim C6). Saved before the reveal and given
   * back to `openLink`, it gets a lost reply again within the server's grace time.
   */
  get revealId(): string {
    return this.#revealId
  }

  /**
   * Has a one-time code sent to the address that the sender named. Only the newest code counts, for ten minutes and once.
   * If a captcha is asked for, it is solved first; the reveal takes another.
   *
   * @throws HalfkeyError PASSWORD_REQUIRED before anything is sent; PASSWORD_WRONG; RATE_LIMITED after 5 unused codes;
   *   UNAVAILABLE if the code couldn't be sent; VALIDATION_ERROR for a secret whose code isn't sent.
   *
   * @example
   * ```ts
   * const { shareUrl } = await client.createSecret('secret', { otp: { type: 'email', to: 'someone@example.com' } })
   * const link = await openLink(shareUrl)
   * const { to } = await link.requestCode()
   * console.log(`Enter the code that was sent to ${to}`)
   * ```
   */
  async requestCode(options: RequestCodeOptions = {}): Promise<SentCode> {
    checkOptions(options, requestCodeRules)
    this.#checkPassword(options.password)
    const { proofs } = await this.#prove(options)
    // Never retried: each call sends a message.
    return readSentCode(await post(this.#link, { ...this.#transport, retries: 0 }, 'otp', proofs, options.signal))
  }

  /**
   * Spends a view and decrypts. Called again, after a wrong password or a lost connection, it continues the same reveal.
   *
   * @throws HalfkeyError PASSWORD_REQUIRED, OTP_REQUIRED, or VALIDATION_ERROR for a password that the secret doesn't have,
   *   before anything is sent; PASSWORD_WRONG and OTP_WRONG with `details.attempts_left`; CAPTCHA_WRONG; IP_DENIED; GEO_DENIED;
   *   GONE; WRONG_KEY, TAMPERED or MALFORMED for what can't be opened.
   *
   * @example
   * ```ts
   * const { shareUrl } = await client.createSecret('secret', { password: 'correct horse' })
   * const link = await openLink(shareUrl)
   * const opened = await link.reveal({ password: 'correct horse' })
   * console.log(opened.text)
   * ```
   */
  async reveal(options: RevealOptions = {}): Promise<Opened> {
    checkOptions(options, revealRules)
    const { otp, signal } = options
    this.#checkNeeds(options)
    const revealId = (this.#revealId = options.revealId ?? this.#revealId)
    const { proofs, passwordKey } = await this.#prove(options)
    if (this.files.length > 0) await prepareFiles()

    const body: WireRevealRequest = {
      reveal_id: revealId,
      ...proofs,
      ...(otp !== undefined && { otp: otp.replace(/\s/g, '') }),
    }
    const link = this.#link
    const transport = this.#transport
    const { keyA, envelope, grant } = readRevealed(await post(link, transport, 'reveal', body, signal))
    const keys = { keyA: unb64(keyA, KEY_LENGTH), keyB: link.keyB, slug: link.slug, passwordKey }
    const { text, bytes, files: entries } = await openContent({ ...keys, envelope })
    const reading = new Set<AbortController>()
    const sealed = envelope as unknown as WireEnvelope
    const granted = { link, transport, grant }
    const files = entries.length > 0 ? await openFiles(granted, { ...keys, envelope: sealed }, entries, reading) : []
    const opened = new Opened({ content: text ?? bytes, files, reading, ack: () => this.#ack(revealId) })
    const total = opened.bytes()?.length ?? 0
    void reportProgress(options, total, total)
    return opened
  }

  async #ack(revealId: string): Promise<void> {
    await post(this.#link, this.#transport, 'ack', { reveal_id: revealId })
  }

  #checkNeeds({ password, otp }: RevealOptions): void {
    this.#checkPassword(password)
    if (this.needs.otp && otp === undefined) {
      throw new HalfkeyError(
        'OTP_REQUIRED',
        'This secret needs a one-time code. Nothing was sent, and no opening was used up.',
      )
    }
  }

  #checkPassword(password: string | undefined): void {
    const { needs } = this
    if (needs.password === true && password === undefined) {
      throw new HalfkeyError(
        'PASSWORD_REQUIRED',
        'This secret needs a password. Nothing was sent, and no opening was used up.',
      )
    }
    if (needs.password === false && password !== undefined)
      throwIfInvalid({ password: ['must be left out: this secret has none'] })
  }

  /** The proofs that one attempt needs: of the password, and a captcha's solution, each of which is good for one attempt. */
  async #prove({
    password,
    captcha = (challenge, signal) => solveCaptcha(challenge, { signal }),
    signal,
  }: RequestCodeOptions) {
    const stretched = password === undefined ? undefined : await this.#stretch(password)
    const challenge =
      typeof captcha !== 'string' && this.needs.captcha
        ? await freshChallenge(this.#link, this.#transport, signal)
        : null
    const solution = typeof captcha === 'string' ? captcha : challenge ? await captcha(challenge, signal) : undefined
    return {
      proofs: {
        ...(stretched && { password_proof: b64(stretched.proof) }),
        ...(solution !== undefined && { captcha: solution }),
      },
      passwordKey: stretched?.key,
    }
  }

  /** Stretches a password once, however many attempts are made with it. */
  #stretch(password: string): ReturnType<typeof stretchPassword> {
    if (this.#stretched?.password !== password) {
      this.#stretched = { password, keys: stretchPassword(password, this.#link.keyB, this.#link.slug) }
    }
    return this.#stretched.keys
  }
}
