import type { SendToResult } from './send-to.ts'

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

export interface SecretFields {
  shareUrl: string
  slug: string
  manageKey: string
  expiration: Date
  maximumViews: number | null
  currentViews: number
  createdAt: Date
  hasPassword: boolean
  hasAttachments: boolean
  attachmentsCount: number
}

/** What only the sender's program knows of it. */
interface SentFields extends SecretFields {
  description?: string | undefined
  message?: string | undefined
  sendTo?: SendToResult | undefined
}

/** A created secret as JSON: the fields that `halfkey create --json` prints. */
export interface SharedSecretJson {
  share_url: string
  slug: string
  description: string | null
  message: string | null
  expires_in_hours: number
  maximum_views: number | null
  current_views: number
  /** ISO 8601, UTC. */
  expiration: string
  has_password: boolean
  has_attachments: boolean
  attachments_count: number
  created_at: string
  manage_key: string
  /** Only if `sendTo` was asked for; then `message_id` if it was mailed, `send_error` if not. */
  sent?: boolean
  message_id?: string
  send_error?: string
}

/**
 * A secret that was just created. The link and the manage key exist nowhere else, so `JSON.stringify` keeps them: treat
 * that JSON like the secret itself. Logs don't: `console.log` and `String` show the slug alone.
 */
export class SharedSecret {
  readonly #fields: SentFields

  constructor(fields: SentFields) {
    this.#fields = fields
  }

  /** The whole link. Anyone who has it can open the secret. */
  get shareUrl(): string {
    return this.#fields.shareUrl
  }

  get slug(): string {
    return this.#fields.slug
  }

  /** b64 of 32 bytes: allows everything that the owner may do to this secret, without a token. */
  get manageKey(): string {
    return this.#fields.manageKey
  }

  get expiration(): Date {
    return this.#fields.expiration
  }

  /** As given to `createSecret`. */
  get description(): string | undefined {
    return this.#fields.description
  }

  /** As given to `createSecret`. */
  get message(): string | undefined {
    return this.#fields.message
  }

  /** From its creation until it expires; a fraction for less than an hour. */
  get expiresInHours(): number {
    return (this.expiration.getTime() - this.createdAt.getTime()) / 3_600_000
  }

  /** null: any number until expiry. */
  get maximumViews(): number | null {
    return this.#fields.maximumViews
  }

  /** 0. */
  get currentViews(): number {
    return this.#fields.currentViews
  }

  get createdAt(): Date {
    return this.#fields.createdAt
  }

  get hasPassword(): boolean {
    return this.#fields.hasPassword
  }

  get hasAttachments(): boolean {
    return this.#fields.hasAttachments
  }

  get attachmentsCount(): number {
    return this.#fields.attachmentsCount
  }

  /** How mailing the link went; undefined if that wasn't asked for. */
  get sendTo(): SendToResult | undefined {
    return this.#fields.sendTo
  }

  toString(): string {
    return this.slug
  }

  /** What `halfkey create --json` prints, the link and the manage key included. */
  toJSON(): SharedSecretJson {
    const { sendTo } = this
    return {
      share_url: this.shareUrl,
      slug: this.slug,
      description: this.description ?? null,
      message: this.message ?? null,
      expires_in_hours: this.expiresInHours,
      maximum_views: this.maximumViews,
      current_views: this.currentViews,
      expiration: this.expiration.toISOString(),
      has_password: this.hasPassword,
      has_attachments: this.hasAttachments,
      attachments_count: this.attachmentsCount,
      created_at: this.createdAt.toISOString(),
      manage_key: this.manageKey,
      ...(sendTo && {
        sent: sendTo.status,
        ...(sendTo.status ? { message_id: sendTo.messageId } : { send_error: sendTo.reason }),
      }),
    }
  }

  [inspect](): string {
    return `SharedSecret ${this.slug}`
  }
}
