import type { SendToResult } from './send-to.ts'

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

export interface SecretFields {
  shareUrl: string
  slug: string
  manageKey: string
  expiration: Date
  maximumViews: number | null
  createdAt: Date
  hasPassword: boolean
  sendTo?: SendToResult | undefined
}

/**
 * A secret that was just created. The link and the manage key are nowhere else: what prints it, logs it or turns it
 * into JSON shows the slug alone.
 */
export class SharedSecret {
  readonly #fields: SecretFields

  constructor(fields: SecretFields) {
    this.#fields = fields
  }

  /** Who has it can open the secret. */
  get shareUrl(): string {
    return this.#fields.shareUrl
  }

  get slug(): string {
    return this.#fields.slug
  }

  /** b64 of 32 bytes: does to this secret what its owner may do, without a token. */
  get manageKey(): string {
    return this.#fields.manageKey
  }

  get expiration(): Date {
    return this.#fields.expiration
  }

  /** null: any number until expiry. */
  get maximumViews(): number | null {
    return this.#fields.maximumViews
  }

  get createdAt(): Date {
    return this.#fields.createdAt
  }

  get hasPassword(): boolean {
    return this.#fields.hasPassword
  }

  /** How mailing the link went; undefined if that wasn't asked for. */
  get sendTo(): SendToResult | undefined {
    return this.#fields.sendTo
  }

  toString(): string {
    return this.slug
  }

  toJSON(): { slug: string } {
    return { slug: this.slug }
  }

  [inspect](): string {
    return `SharedSecret ${this.slug}`
  }
}
