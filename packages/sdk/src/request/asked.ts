import type { SendToResult } from '../create/send-to.ts'
import type { AnswerLimits } from './records.ts'

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

interface AskedFields {
  slug: string
  askUrl: string
  collectUrl: string
  maximumAnswers: number
  expiration: Date
  limits: AnswerLimits
  createdAt: Date
  description: string | undefined
  message: string | undefined
  sendTo: SendToResult | undefined
}

/** A request that was just made, as JSON: the fields that `halfkey request create --json` prints. */
export interface SharedRequestJson {
  /** The whole link. Anyone who has it can answer. */
  ask_url: string
  /** The whole link. Anyone who has it can read the answers. */
  collect_url: string
  /** 13 characters that name the request. */
  slug: string
  /** null: none was given. */
  description: string | null
  /** null: none was given. */
  message: string | null
  /** How many answers it takes. */
  maximum_answers: number
  /** Until when it takes answers: ISO 8601, UTC. */
  expiration: string
  /** ISO 8601, UTC. */
  created_at: string
  /** Only if `sendTo` was asked for; then `message_id` if the ask link was mailed, `send_error` if not. */
  sent?: boolean
  /** The mail's Message-ID. */
  message_id?: string
  /** Why the mail wasn't sent. */
  send_error?: string
}

/**
 * A request that was just made. Unless the workspace key keeps its seed, its collect link exists nowhere else, so
 * `JSON.stringify` keeps both links: treat that JSON like the answers themselves. Logs don't: `console.log` and `String`
 * show the slug alone.
 */
export class SharedRequest {
  readonly #fields: AskedFields

  /** Made by `createRequest`. */
  constructor(fields: AskedFields) {
    this.#fields = fields
  }

  /** The whole link for whoever is to answer. It must reach them unchanged: who replaces it asks in your name. */
  get askUrl(): string {
    return this.#fields.askUrl
  }

  /** The whole link for whoever is to read the answers. Anyone who has it can. */
  get collectUrl(): string {
    return this.#fields.collectUrl
  }

  /** 13 characters that name the request; they open nothing. */
  get slug(): string {
    return this.#fields.slug
  }

  /** How many answers it takes. */
  get maximumAnswers(): number {
    return this.#fields.maximumAnswers
  }

  /** Until when it takes answers. */
  get expiration(): Date {
    return this.#fields.expiration
  }

  /** What each answer may be. */
  get limits(): AnswerLimits {
    return this.#fields.limits
  }

  /** When the server stored it. */
  get createdAt(): Date {
    return this.#fields.createdAt
  }

  /** As given to `createRequest`. */
  get description(): string | undefined {
    return this.#fields.description
  }

  /** As given to `createRequest`. */
  get message(): string | undefined {
    return this.#fields.message
  }

  /** How mailing the ask link went; undefined if that wasn't asked for. */
  get sendTo(): SendToResult | undefined {
    return this.#fields.sendTo
  }

  /** The slug. */
  toString(): string {
    return this.slug
  }

  /** What `halfkey request create --json` prints, both links included. */
  toJSON(): SharedRequestJson {
    const { sendTo } = this
    return {
      ask_url: this.askUrl,
      collect_url: this.collectUrl,
      slug: this.slug,
      description: this.description ?? null,
      message: this.message ?? null,
      maximum_answers: this.maximumAnswers,
      expiration: this.expiration.toISOString(),
      created_at: this.createdAt.toISOString(),
      ...(sendTo && {
        sent: sendTo.status,
        ...(sendTo.status ? { message_id: sendTo.messageId } : { send_error: sendTo.reason }),
      }),
    }
  }

  [inspect](): string {
    return `SharedRequest ${this.slug}`
  }
}
