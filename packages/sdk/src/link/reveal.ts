import { openContent } from '../protocol/content.ts'
import { post } from './conversation.ts'
import { b64, unb64, isBinary } from '../protocol/encoding.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import type { TransportOptions } from '../transport/http.ts'
import { KEY_LENGTH, stretchPassword } from '../protocol/keys.ts'
import type { ParsedLink } from '../protocol/link.ts'
import type { PlatformAbortSignal } from '../platform.ts'
import {
  checkOptions,
  FUNCTION,
  SIGNAL,
  tellProgress,
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

export interface RequestCodeOptions extends CallOptions {
  password?: string | undefined
  /** The captcha's solution, or who finds it, such as a worker; by default found here. */
  captcha?: string | SolveCaptcha | undefined
}

/** A code that was sent. */
export interface SentCode {
  type: 'email' | 'sms'
  /** Where it went, masked. */
  to: string
  expiresAt: Date
}

export interface RevealOptions extends RequestCodeOptions, ProgressOptions {
  /** The one-time code; white space, as between the groups that apps show, doesn't count. */
  otp?: string | undefined
  /** Replaces `link.revealId`. */
  revealId?: string | undefined
}

export interface Needs {
  /** null: unknown, because a reveal is continued after its secret ended. */
  password: boolean | null
  /** `to` is the masked address that the code goes to. */
  otp: { type: WireOtpType; to: string | null } | null
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
  link: ParsedLink
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

/** A link that was checked and can be revealed. Its keys are private: neither inspection nor JSON shows them. */
export class Link {
  readonly #link: ParsedLink
  readonly #transport: TransportOptions
  readonly #status: LinkStatus
  #revealId: string
  #stretched: { password: string; keys: ReturnType<typeof stretchPassword> } | undefined

  constructor({ link, transport, status, revealId }: LinkParts) {
    this.#link = link
    this.#transport = transport
    this.#status = status
    this.#revealId = revealId
  }

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
   * Has a one-time code sent to the address that the sender named. The newest code counts, for ten minutes and once.
   * Solves a captcha first, if one is asked for; the reveal takes another.
   *
   * @throws HalfkeyError PASSWORD_REQUIRED before anything is sent; PASSWORD_WRONG; RATE_LIMITED after 5 unused codes;
   *   UNAVAILABLE if it couldn't be sent; VALIDATION_ERROR for a secret whose code isn't sent.
   */
  async requestCode(options: RequestCodeOptions = {}): Promise<SentCode> {
    checkOptions(options, requestCodeRules)
    this.#checkPassword(options.password)
    const { proofs } = await this.#prove(options)
    // Never by itself again: each call sends a message.
    return readSentCode(await post(this.#link, { ...this.#transport, retries: 0 }, 'otp', proofs, options.signal))
  }

  /**
   * Spends a view and decrypts. Called again, after a wrong password or a lost connection, it continues the same
   * reveal.
   *
   * @throws HalfkeyError PASSWORD_REQUIRED, OTP_REQUIRED, or VALIDATION_ERROR for a password that isn't asked for, before
   *   anything is sent; PASSWORD_WRONG and OTP_WRONG with `details.attempts_left`; CAPTCHA_WRONG; IP_DENIED; GEO_DENIED;
   *   GONE; WRONG_KEY, TAMPERED or MALFORMED for what can't be opened.
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
    void tellProgress(options, total, total)
    return opened
  }

  async #ack(revealId: string): Promise<void> {
    await post(this.#link, this.#transport, 'ack', { reveal_id: revealId })
  }

  #checkNeeds({ password, otp }: RevealOptions): void {
    this.#checkPassword(password)
    if (this.needs.otp && otp === undefined) {
      throw new HalfkeyError('OTP_REQUIRED', 'This link needs a one-time code. Nothing was sent, no view was spent.')
    }
  }

  #checkPassword(password: string | undefined): void {
    const { needs } = this
    if (needs.password === true && password === undefined) {
      throw new HalfkeyError('PASSWORD_REQUIRED', 'This link needs a password. Nothing was sent, no view was spent.')
    }
    if (needs.password === false && password !== undefined)
      throwIfInvalid({ password: ['is not asked for by this link'] })
  }

  /** What a try of the password takes: its proof, and a captcha's solution for this try alone, as each is good for one. */
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
