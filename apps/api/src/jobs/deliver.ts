/** Delivers the outbox: each message at least once, under the same id, until it arrives or is given up. */
import type { Logger } from 'pino'
import { mailOf } from '../notices/mail.ts'
import type { Message } from '../notices/notice.ts'
import { isMailed, nextTry, openRecipient } from '../notices/notice.ts'
import { signWebhook } from '../notices/webhook.ts'
import type { Clock } from '../outside/clock.ts'
import { NotDelivered } from '../outside/delivery.ts'
import type { Mailer } from '../outside/mail.ts'
import type { ServerKey } from '../outside/server-key.ts'
import type { WebhookSender } from '../outside/webhook.ts'
import type { Store } from '../store/store.ts'
import type { Repeating } from './repeat.ts'
import { repeat } from './repeat.ts'

export interface DeliverParts {
  store: Store
  serverKey: ServerKey
  clock: Clock
  log: Logger
  /** null: no mail. */
  mailer: Mailer | null
  webhooks: WebhookSender
  /** What mail calls this server: its address. */
  publicUrl: () => string
}

const atOnce = 32
/** Longer than any try takes; a message that a stopped process held is tried again then. */
const leaseMs = 60_000

/** Tries everything that is due, once; how many messages that were. */
export async function deliverOnce(parts: DeliverParts): Promise<number> {
  let tried = 0
  let claimed: Message[]
  do {
    const now = parts.clock.now()
    claimed = await parts.store.claimMessages(now, now + leaseMs, atOnce)
    await Promise.all(claimed.map((message) => deliver(parts, message)))
    tried += claimed.length
  } while (claimed.length === atOnce)
  return tried
}

export const startDelivering = (parts: DeliverParts, everyMs: number): Repeating =>
  repeat('a delivery', everyMs, parts.log, () => deliverOnce(parts))

async function deliver(parts: DeliverParts, message: Message): Promise<void> {
  const { store, clock, log } = parts
  const error = await (message.kind === 'email' ? sendMail(parts, message) : sendWebhook(parts, message)).then(
    () => null,
    (error: unknown) => error,
  )
  const now = clock.now()
  if (error === null) return store.settleMessage(message, { deliveredAt: now })
  const expected = error instanceof NotDelivered
  log[expected ? 'warn' : 'error']({ message: message.id, err: error }, 'a notice was not delivered')
  const reason = expected ? error.message : 'the server failed'
  await store.settleMessage(message, { error: reason, nextAt: nextTry(message, now) })
}

async function sendMail({ serverKey, mailer, publicUrl }: DeliverParts, { notice, sealedTo }: Message): Promise<void> {
  if (!mailer) throw new NotDelivered('the server can’t send mail any more')
  if (!sealedTo || !isMailed(notice)) throw new Error('a message to be mailed has no address or text')
  const to = openRecipient(serverKey, notice.data.slug, sealedTo)
  await mailer.send({ to, ...mailOf(notice, publicUrl()) })
}

async function sendWebhook({ store, serverKey, clock, webhooks }: DeliverParts, message: Message): Promise<void> {
  const webhook = await store.findWebhook(message.webhookId ?? '')
  if (!webhook) throw new NotDelivered('the webhook was deleted')
  const body = JSON.stringify(message.notice)
  await webhooks.send(webhook.url, signWebhook(serverKey, webhook, { id: message.id, body }, clock.now()), body)
}
