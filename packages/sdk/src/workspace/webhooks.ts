/** Where a workspace is told of first openings, lock-outs and unread expiries, and how that went. */
import { hideInLogs } from '../logs.ts'
import type { Reply } from '../transport/http.ts'
import {
  checkOptions,
  isIntegerIn,
  isText,
  matches,
  SIGNAL,
  type CallOptions,
  type Rule,
  type Rules,
} from '../options.ts'
import { date, integer, list, nullable, record, string, type Reader } from '../transport/read.ts'
import { readPagination, type Pagination } from './records.ts'
import type { WireDelivery, WireDeliveryStatus } from '../wire.ts'

export interface Webhook {
  id: string
  url: string
  createdAt: Date
  /** Until then the secret before the last rotation signs too; null: only the newest does. */
  previousUntil: Date | null
}

export interface WebhookSecret extends Webhook {
  /** `whsec_…`, as Standard Webhooks libraries take it; the server shows it only this once. */
  secret: string
}

export interface Delivery {
  /** The `webhook-id`, the same at every try. */
  id: string
  kind: WireDelivery['kind']
  webhookId: string | null
  type: WireDelivery['type']
  /** null: it tells of no secret. */
  slug: string | null
  /** null: it tells of no named secret. */
  handler: string | null
  status: WireDeliveryStatus
  attempts: number
  createdAt: Date
  /** null: delivered, or given up. */
  nextAt: Date | null
  deliveredAt: Date | null
  lastError: string | null
}

export interface DeliveriesOptions extends CallOptions {
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
  limit: [isIntegerIn(1, 100), 'must be a whole number from 1 to 100'],
  page: [isIntegerIn(1, 1e8), 'must be a whole number from 1'],
  signal: SIGNAL,
}

export type CallApi = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  /** `once`: not tried again, because a second call would do more. */
  options: CallOptions & { body?: string; once?: boolean },
) => Promise<Reply>

/** `client.webhooks`; every call needs a token with the scope `tokens:admin`. */
export class Webhooks {
  readonly #call: CallApi

  constructor(call: CallApi) {
    this.#call = call
  }

  async list(options: CallOptions = {}): Promise<Webhook[]> {
    checkOptions(options, callRules)
    const { data } = await this.#call('GET', '/webhooks', options)
    return list(readWebhook)(data)
  }

  /** @throws HalfkeyError VALIDATION_ERROR for a URL that the server doesn't call, QUOTA_EXCEEDED past 10. */
  async create(url: string, options: CallOptions = {}): Promise<WebhookSecret> {
    checkOptions(options, callRules, { url: [url, URL_TEXT] })
    const { data } = await this.#call('POST', '/webhooks', { ...options, body: JSON.stringify({ url }), once: true })
    return hideInLogs(readWebhookSecret(data), 'secret')
  }

  /** Gives it a new secret; for 24 hours the one before signs too. */
  async rotate(id: string, options: CallOptions = {}): Promise<WebhookSecret> {
    return hideInLogs(readWebhookSecret(await this.#onOne('POST', '/webhooks', id, '/rotate', options)), 'secret')
  }

  /** Sends it a message of type `webhook.test`. */
  async test(id: string, options: CallOptions = {}): Promise<Delivery> {
    return readDelivery(await this.#onOne('POST', '/webhooks', id, '/test', options))
  }

  /** Also gives up what still waits for it. */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    await this.#onOne('DELETE', '/webhooks', id, '', options)
  }

  /** The workspace's notices by webhook and e-mail, newest first. */
  async deliveries(options: DeliveriesOptions = {}): Promise<{ deliveries: Delivery[]; pagination: Pagination }> {
    checkOptions(options, deliveriesRules)
    const { status, limit, page, signal } = options
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries({ status, per_page: limit, page })) {
      if (value !== undefined) query.set(name, String(value))
    }
    const { data, pagination } = await this.#call('GET', `/deliveries?${query.toString()}`, { signal })
    return { deliveries: list(readDelivery)(data), pagination: readPagination(pagination) }
  }

  /** Delivers again, under the same id. */
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

/** `client.sendNotice`: not tried again, because each call sends a mail. */
export async function sendNotice(call: CallApi, slug: string, email: string, options: CallOptions): Promise<Delivery> {
  const { data } = await call('POST', `/secrets/${slug}/notice`, {
    ...options,
    body: JSON.stringify({ email }),
    once: true,
  })
  return readDelivery(data)
}
