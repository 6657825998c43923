/** Delivers the outbox: each message at least once, with the same id, until it arrives or its attempts are used up. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { mailOf } from '../domain/notices/mail.ts'
import type { Message } from '../domain/notices/notice.ts'
import { isMailed, nextTry, openRecipient, receiverOf } from '../domain/notices/notice.ts'
import { signWebhook } from '../domain/notices/webhook.ts'
import type { Clock } from '../adapters/clock.ts'
import { NotDelivered } from '../adapters/delivery.ts'
import type { Mailer } from '../adapters/mail.ts'
import type { ServerKey } from '../domain/server-key.ts'
import type { WebhookSender } from '../adapters/webhook.ts'
import type { Settlement } from '../store/outbox.ts'
import type { Store } from '../store/store.ts'
import type { Repeating } from './repeat.ts'
import { repeat } from './repeat.ts'

export interface DeliverParts {
  store: Store
  serverKey: ServerKey
  clock: Clock
  log: Logger
  /** null: no mail server. */
  mailer: Mailer | null
  webhooks: WebhookSender
  /** This server's address, for e-mails. */
  publicUrl: () => string
}

/** Maximum number of concurrent deliveries to one receiver, and in total. */
const maxPerReceiver = 16
const maxConcurrent = 256
/** Longer than a delivery may take. A message claimed by a stopped process is retried after this. */
const leaseMs = 60_000
/** How often to look for new messages while deliveries are pending. */
const pollMs = 1000

/**
 * Tries to deliver everything that is due, once, and resolves to the number of messages. Each receiver gets one batch at a
 * time, so that a slow one doesn't delay others. Starts no more deliveries after `stopping`.
 */
export async function deliverOnce(parts: DeliverParts, stopping?: AbortSignal): Promise<number> {
  const serving = new Map<string, Promise<void>>()
  let [tried, onTheirWay] = [0, 0]
  const serve = async (receiver: string, messages: Message[]): Promise<void> => {
    onTheirWay += messages.length
    await Promise.all(messages.map((message) => deliver(parts, message)))
    onTheirWay -= messages.length
    serving.delete(receiver)
  }
  const claim = async (): Promise<Message[]> => {
    if (stopping?.aborted || onTheirWay >= maxConcurrent) return []
    const now = parts.clock.now()
    const query = { now, leaseUntil: now + leaseMs, limit: maxPerReceiver, except: [...serving.keys()] }
    return parts.store.claimMessages(query)
  }
  try {
    for (;;) {
      const claimed = await claim()
      tried += claimed.length
      for (const receiver of new Set(claimed.map(receiverOf))) {
        const messages = claimed.filter((message) => receiverOf(message) === receiver)
        serving.set(receiver, serve(receiver, messages))
      }
      if (serving.size === 0) return tried
      if (claimed.length < maxPerReceiver)
        await Promise.race([...serving.values(), sleep(pollMs, undefined, { ref: false })])
    }
  } finally {
    await Promise.all(serving.values())
  }
}

export const startDelivering = (parts: DeliverParts, everyMs: number): Repeating =>
  repeat('a delivery', everyMs, parts.log, (stopping) => deliverOnce(parts, stopping))

/** Never rejects: if the result can't be stored, the message is retried when its lease ends. */
async function deliver(parts: DeliverParts, message: Message): Promise<void> {
  const { store, log } = parts
  const settlement = await attempt(parts, message)
  await store.settleMessage(message, settlement).catch((error: unknown) => {
    log.error({ message: message.id, err: error }, 'a delivery could not be recorded, and will be repeated')
  })
}

async function attempt(parts: DeliverParts, message: Message): Promise<Settlement> {
  const { clock, log } = parts
  const error = await (message.kind === 'email' ? sendMail(parts, message) : sendWebhook(parts, message)).then(
    () => null,
    (error: unknown) => error,
  )
  const now = clock.now()
  if (error === null) return { deliveredAt: now }
  const expected = error instanceof NotDelivered
  log[expected ? 'warn' : 'error']({ message: message.id, err: error }, 'a notification could not be delivered')
  const reason = expected ? error.message : 'internal server error'
  return { error: reason, nextAt: nextTry(message, now) }
}

async function sendMail({ serverKey, mailer, publicUrl }: DeliverParts, { notice, sealedTo }: Message): Promise<void> {
  if (!mailer) throw new NotDelivered('the server can no longer send e-mail')
  if (!sealedTo || !isMailed(notice)) throw new Error('an e-mail has no address or text')
  const to = openRecipient(serverKey, notice.data.slug, sealedTo)
  await mailer.send({ to, ...mailOf(notice, publicUrl()) })
}

async function sendWebhook({ store, serverKey, clock, webhooks }: DeliverParts, message: Message): Promise<void> {
  const webhook = await store.findWebhook(message.webhookId ?? '')
  if (!webhook) throw new NotDelivered('the webhook was deleted')
  const body = JSON.stringify(message.notice)
  await webhooks.send(webhook.url, signWebhook(serverKey, webhook, { id: message.id, body }, clock.now()), body)
}
