import { openContent } from './content.ts'
import { b64, unb64, utf8 } from './encoding.ts'
import { HalfkeyError } from './errors.ts'
import { request, type TransportOptions } from './http.ts'
import { KEY_LENGTH, stretchPassword } from './keys.ts'
import type { ParsedLink } from './link.ts'
import {
  checkOptions,
  isBinary,
  ON_PROGRESS,
  refuseProblems,
  SIGNAL,
  TEXT,
  type CallOptions,
  type Progress,
  type Rule,
  type Rules,
} from './options.ts'
import { object, record, string } from './read.ts'
import type { WireOtpType, WireRevealRequest } from './wire.ts'

export const REVEAL_ID_LENGTH = 16
export const REVEAL_ID: Rule = [
  isBinary(REVEAL_ID_LENGTH),
  'must be 16 bytes as base64url without padding (22 characters)',
]

export interface RevealOptions extends CallOptions {
  password?: string | undefined
  /** The one-time code. */
  otp?: string | undefined
  /** The captcha's solution. */
  captcha?: string | undefined
  /** Replaces `link.revealId`. */
  revealId?: string | undefined
  onProgress?: ((progress: Progress) => void) | undefined
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

export interface OpenedFile {
  name: string
  type: string
  /** Plaintext bytes. */
  size: number
}

interface LinkParts {
  link: ParsedLink
  transport: TransportOptions
  status: LinkStatus
  revealId: string
}

const revealRules: Rules<RevealOptions> = {
  password: TEXT,
  otp: TEXT,
  captcha: TEXT,
  revealId: REVEAL_ID,
  onProgress: ON_PROGRESS,
  signal: SIGNAL,
}

const readRevealed = record({ keyA: string, envelope: object })

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
   * Spends a view and decrypts. Called again, after a wrong password or a lost connection, it continues the same
   * reveal.
   *
   * @throws HalfkeyError PASSWORD_REQUIRED, or VALIDATION_ERROR for a password that isn't asked for, before anything is
   *   sent; PASSWORD_WRONG with `details.attempts_left`; GONE; WRONG_KEY, TAMPERED or MALFORMED for what can't be opened.
   */
  async reveal(options: RevealOptions = {}): Promise<Opened> {
    checkOptions(options, revealRules)
    const { password, otp, captcha, onProgress, signal } = options
    this.#checkNeeds(password)
    const revealId = (this.#revealId = options.revealId ?? this.#revealId)
    const stretched = password === undefined ? undefined : await this.#stretch(password)

    const body: WireRevealRequest = {
      reveal_id: revealId,
      ...(stretched && { password_proof: b64(stretched.proof) }),
      ...(otp !== undefined && { otp }),
      ...(captcha !== undefined && { captcha }),
    }
    const { keyA, envelope } = readRevealed(await post(this.#link, this.#transport, 'reveal', body, signal))
    const { text, files } = await openContent({
      keyA: unb64(keyA, KEY_LENGTH),
      keyB: this.#link.keyB,
      slug: this.#link.slug,
      passwordKey: stretched?.key,
      envelope,
    })
    if (files.length > 0) throw attachmentsUnsupported()
    const total = utf8(text ?? '').length
    onProgress?.({ done: total, total })
    return new Opened(text, async () => {
      await post(this.#link, this.#transport, 'ack', { reveal_id: revealId })
    })
  }

  #checkNeeds(password: string | undefined): void {
    const { files, needs } = this
    if (files.length > 0) throw attachmentsUnsupported()
    if (needs.password === true && password === undefined) {
      throw new HalfkeyError('PASSWORD_REQUIRED', 'This link needs a password. Nothing was sent, no view was spent.')
    }
    if (needs.password === false && password !== undefined)
      refuseProblems({ password: ['is not asked for by this link'] })
  }

  /** Stretches a password once, however many attempts are made with it. */
  #stretch(password: string): ReturnType<typeof stretchPassword> {
    if (this.#stretched?.password !== password) {
      this.#stretched = { password, keys: stretchPassword(password, this.#link.keyB, this.#link.slug) }
    }
    return this.#stretched.keys
  }
}

/** What a reveal opened. The text is private: neither inspection nor JSON shows it. */
export class Opened {
  readonly #text: string | undefined
  readonly #ack: () => Promise<void>
  #done: Promise<void> | undefined

  constructor(text: string | undefined, ack: () => Promise<void>) {
    this.#text = text
    this.#ack = ack
  }

  /** undefined if the sender sealed files alone. */
  get text(): string | undefined {
    return this.#text
  }

  get files(): readonly OpenedFile[] {
    return []
  }

  /** Tells the server that everything wanted is saved, so that it destroys what no other reader still needs. */
  async done(): Promise<void> {
    this.#done ??= this.#ack()
    try {
      await this.#done
    } catch (error) {
      this.#done = undefined
      throw error
    }
  }
}

/** One step of the recipient's conversation (spec/protocol.md section 9), at the link's own server. */
export async function post(
  { base, slug, access }: ParsedLink,
  transport: TransportOptions,
  step: 'status' | 'reveal' | 'ack',
  body: object,
  signal?: AbortSignal,
): Promise<unknown> {
  const { data } = await request(
    {
      url: `${base}/api/v1/links/${slug}/${step}`,
      method: 'POST',
      headers: { 'Halfkey-Access': b64(access) },
      body: JSON.stringify(body),
      signal,
    },
    transport,
  )
  return data
}

function attachmentsUnsupported(): HalfkeyError {
  return new HalfkeyError('UNSUPPORTED', 'The secret has attachments, which this version does not open yet.')
}
