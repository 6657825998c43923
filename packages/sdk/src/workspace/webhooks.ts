/** Webhooks, and the deliveries of messages to them and to e-mail addresses. */
import { hideInLogs } from '../logs.ts'
import { SLUG } from '../client-options.ts'
import { isEmail } from '../create/send-to.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { queryOf } from '../transport/pages.ts'
import {
  checkOptions,
  isText,
  matches,
  pageRules,
  SIGNAL,
  type CallOptions,
  type Rule,
  type Rules,
} from '../options.ts'
import { date, integer, list, nullable, record, string, type Reader } from '../transport/read.ts'
import { readPagination, type Pagination } from './records.ts'
import type { WireDelivery, WireDeliveryStatus } from '../wire.ts'

/** An address that the server notifies of events. */
export interface Webhook {
  /** Names it in the other calls. */
  id: string
  /** Where messages are posted. */
  url: string
  /** When it was created. */
  createdAt: Date
  /** Until then the secret before the last rotation signs too; null: only the newest does. */
  previousUntil: Date | null
}

/** A webhook with the secret that its messages are signed with. */
export interface WebhookSecret extends Webhook {
  /** `whsec_…`, as Standard Webhooks libraries take it; the server shows it only this once. */
  secret: string
}

/** A message on its way to one receiver. */
export interface Delivery {
  /** The `webhook-id`, the same at every try. */
  id: string
  /** By webhook or by e-mail. */
  kind: WireDelivery['kind']
  /** null: it goes by e-mail, or the webhook was deleted. */
  webhookId: string | null
  /** What it is about. */
  type: WireDelivery['type']
  /** The secret that it is about; null: none. */
  slug: string | null
  /** The named secret that it is about; null: none. */
  handler: string | null
  /** Whether it arrived. */
  status: WireDeliveryStatus
  /** Tries so far. */
  attempts: number
  /** When the event happened. */
  createdAt: Date
  /** When it is tried next; null: delivered, or given up. */
  nextAt: Date | null
  /** null: not yet, or never. */
  deliveredAt: Date | null
  /** Why the last try failed; null: none has. */
  lastError: string | null
}

/** For `webhooks.deliveries`. */
export interface DeliveriesOptions extends CallOptions {
  /** Those alone that are pending, delivered or failed. */
  status?: WireDeliveryStatus | undefined
  /** Deliveries a page, 1 … 100. */
  limit?: number | undefined
  /** From 1. */
  page?: number | undefined
}

const webhookFields = { id: string, url: string, createdAt: date, previousUntil: nullable(date) }
const readWebhook: Reader<Webhook> = record(webhookFields)
const readWebhookSecret: Reader<WebhookSecret> = record({ ...webhookFields, secret: string })

const readDelivery: Reader<Delivery> = record({
  id: string,
  kind: string as Reader<Delivery['kind']>,
  webhookId: nullable(string),
  type: string as Reader<Delivery['type']>,
  slug: nullable(string),
  handler: nullable(string),
  status: string as Reader<WireDeliveryStatus>,
  attempts: integer,
  createdAt: date,
  nextAt: nullable(date),
  deliveredAt: nullable(date),
  lastError: nullable(string),
})

const ID: Rule = [matches(/^[\w-]{1,64}$/), 'must be an id']
const URL_TEXT: Rule = [isText, 'must be a URL']
const callRules: Rules<CallOptions> = { signal: SIGNAL }

const deliveriesRules: Rules<DeliveriesOptions> = {
  status: [matches(/^(pending|delivered|failed)$/), 'must be pending, delivered or failed'],
  ...pageRules,
  signal: SIGNAL,
}

/**
 * `client.webhooks`: addresses that the server notifies of first openings, lock-outs and unread expiries, signed as Standard
 * Webhooks. Every call needs a token with the scope `tokens:admin`.
 */
export class Webhooks {
  readonly #call: OwnerCalls['call']

  /** Made by the client. */
  constructor({ call }: OwnerCalls) {
    this.#call = call
  }

  /**
   * All webhooks of the workspace.
   *
   * @throws HalfkeyError AUTHENTICATION_ERROR or PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * for (const { id, url } of await client.webhooks.list()) console.log(id, url)
   * ```
   */
  async list(options: CallOptions = {}): Promise<Webhook[]> {
    checkOptions(options, callRules)
    const { data } = await this.#call('GET', '/webhooks', options)
    return list(readWebhook)(data)
  }

  /**
   * Creates a webhook; its secret is shown only in this reply. It is never retried: a second call would create another.
   *
   * @throws HalfkeyError VALIDATION_ERROR for a URL that the server doesn't call; QUOTA_EXCEEDED past 10.
   *
   * @example
   * ```ts
   * const webhook = await client.webhooks.create('http://127.0.0.1:9000/halfkey')
   * console.log(webhook.id) // keep webhook.secret: it verifies the messages
   * ```
   */
  async create(url: string, options: CallOptions = {}): Promise<WebhookSecret> {
    checkOptions(options, callRules, { url: [url, URL_TEXT] })
    const { data } = await this.#call('POST', '/webhooks', { ...options, body: JSON.stringify({ url }), once: true })
    return hideInLogs(readWebhookSecret(data), 'secret')
  }

  /**
   * Gives a webhook a new secret. For 24 hours, messages are signed with the old one too.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create('http://127.0.0.1:9000/rotated')
   * const { secret, previousUntil } = await client.webhooks.rotate(id)
   * console.log(secret.length, previousUntil)
   * ```
   */
  async rotate(id: string, options: CallOptions = {}): Promise<WebhookSecret> {
    return hideInLogs(readWebhookSecret(await this.#onOne('POST', '/webhooks', id, '/rotate', options)), 'secret')
  }

  /**
   * Sends a message of the type `webhook.test`.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create('http://127.0.0.1:9000/tested')
   * const { status } = await client.webhooks.test(id)
   * console.log(status) // pending: `deliveries` says how it went
   * ```
   */
  async test(id: string, options: CallOptions = {}): Promise<Delivery> {
    return readDelivery(await this.#onOne('POST', '/webhooks', id, '/test', options))
  }

  /**
   * Deletes a webhook, and gives up the messages that still wait for it.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * const { id } = await client.webhooks.create('http://127.0.0.1:9000/deleted')
   * await client.webhooks.delete(id)
   * ```
   */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    await this.#onOne('DELETE', '/webhooks', id, '', options)
  }

  /**
   * The workspace's messages by webhook and e-mail, newest first.
   *
   * @throws HalfkeyError VALIDATION_ERROR for wrong options; PERMISSION_DENIED for the token.
   *
   * @example
   * ```ts
   * const { deliveries } = await client.webhooks.deliveries({ status: 'failed' })
   * for (const { id, lastError } of deliveries) console.log(id, lastError)
   * ```
   */
  async deliveries(options: DeliveriesOptions = {}): Promise<{ deliveries: Delivery[]; pagination: Pagination }> {
    checkOptions(options, deliveriesRules)
    const { status, limit, page, signal } = options
    const query = queryOf({ status, per_page: limit, page })
    const { data, pagination } = await this.#call('GET', `/deliveries?${query}`, { signal })
    return { deliveries: list(readDelivery)(data), pagination: readPagination(pagination) }
  }

  /**
   * Delivers a message again, under the same id.
   *
   * @throws HalfkeyError NOT_FOUND.
   *
   * @example
   * ```ts
   * const { deliveries } = await client.webhooks.deliveries({ status: 'failed' })
   * for (const { id } of deliveries) await client.webhooks.redeliver(id)
   * ```
   */
  async redeliver(id: string, options: CallOptions = {}): Promise<Delivery> {
    return readDelivery(await this.#onOne('POST', '/deliveries', id, '/redeliver', options))
  }

  async #onOne(
    method: 'POST' | 'DELETE',
    before: string,
    id: string,
    after: string,
    options: CallOptions,
  ): Promise<unknown> {
    checkOptions(options, callRules, { id: [id, ID] })
    const { data } = await this.#call(method, `${before}/${id}${after}`, { ...options, once: true })
    return data
  }
}

/** `client.sendNotice` */
export async function sendNotice(
  { call }: OwnerCalls,
  slug: string,
  email: string,
  options: CallOptions,
): Promise<Delivery> {
  checkOptions(options, callRules, { slug: [slug, SLUG], email: [email, [isEmail, 'must be an e-mail address']] })
  const body = JSON.stringify({ email })
  const { data } = await call('POST', `/secrets/${slug}/notice`, { ...options, body, once: true })
  return readDelivery(data)
}
