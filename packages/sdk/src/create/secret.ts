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

/** Fields that only the sender's program knows. */
interface SentFields extends SecretFields {
  description?: string | undefined
  message?: string | undefined
  sendTo?: SendToResult | undefined
}

/** A created secret as JSON: the fields that `halfkey create --json` prints. */
export interface SharedSecretJson {
  /** The whole link. Anyone who has it can open the secret. */
  share_url: string
  /** 13 characters that name the secret. */
  slug: string
  /** null: none was given. */
  description: string | null
  /** null: none was given. */
  message: string | null
  /** From its creation until it expires; a fraction for less than an hour. */
  expires_in_hours: number
  /** null: any number until expiry. */
  maximum_views: number | null
  /** 0. */
  current_views: number
  /** ISO 8601, UTC. */
  expiration: string
  /** Whether it needs a password. */
  has_password: boolean
  /** Whether it has files. */
  has_attachments: boolean
  /** How many files it has. */
  attachments_count: number
  /** ISO 8601, UTC. */
  created_at: string
  /** b64 of 32 bytes: allows everything that the owner may do to this secret, without a token. */
  manage_key: string
  /** Only if `sendTo` was asked for; then `message_id` if it was mailed, `send_error` if not. */
  sent?: boolean
  /** The mail's Message-ID. */
  message_id?: string
  /** Why the mail wasn't sent. */
  send_error?: string
}

/**
 * A secret that was just created. Its link and manage key exist nowhere else, so `JSON.stringify` keeps them: treat that JSON
 * like the secret itself. Logs don't: `console.log` and `String` show the slug alone.
 */
export class SharedSecret {
  readonly #fields: SentFields

  /** Made by `createSecret`. */
  constructor(fields: SentFields) {
    this.#fields = fields
  }

  /** The whole link. Anyone who has it can open the secret. */
  get shareUrl(): string {
    return this.#fields.shareUrl
  }

  /** 13 characters that name the secret; they open nothing. */
  get slug(): string {
    return this.#fields.slug
  }

  /** b64 of 32 bytes: allows everything that the owner may do to this secret, without a token. */
  get manageKey(): string {
    return this.#fields.manageKey
  }

  /** When it expires. */
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

  /** When the server stored it. */
  get createdAt(): Date {
    return this.#fields.createdAt
  }

  /** Whether it needs a password. */
  get hasPassword(): boolean {
    return this.#fields.hasPassword
  }

  /** Whether it has files. */
  get hasAttachments(): boolean {
    return this.#fields.hasAttachments
  }

  /** How many files it has. */
  get attachmentsCount(): number {
    return this.#fields.attachmentsCount
  }

  /** How mailing the link went; undefined if that wasn't asked for. */
  get sendTo(): SendToResult | undefined {
    return this.#fields.sendTo
  }

  /** The slug. */
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
