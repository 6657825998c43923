/** An app whose owners are told: with a real mail server, a real receiver of webhooks, and deliveries by hand. */
import { pino } from 'pino'
import type { DeliverParts } from '../../src/jobs/deliver.ts'
import { deliverOnce } from '../../src/jobs/deliver.ts'
import { createSmtpMailer } from '../../src/adapters/mail.ts'
import { createWebhookSender } from '../../src/adapters/webhook.ts'
import type { TestApp } from './app.ts'
import { openApp } from './app.ts'
import type { TestReceiver } from './receiver.ts'
import { startReceiver } from './receiver.ts'
import type { Json, Reply, Sealed } from './sender.ts'
import { conversation } from './sender.ts'
import type { TestSmtpServer } from './smtp.ts'
import { startSmtpServer } from './smtp.ts'

export interface Telling extends TestApp {
  smtp: TestSmtpServer
  receiver: TestReceiver
  link: ReturnType<typeof conversation>
  /** A call with the admin token. */
  admin: (method: string, path: string, body?: unknown) => Promise<Reply>
  /** Creates with the admin token. */
  create: (sealed: Sealed) => Promise<Reply>
  /** Makes a webhook to the receiver; its id and secret. */
  givenWebhook: () => Promise<{ id: string; secret: string }>
  deliver: (parts?: Partial<DeliverParts>) => Promise<number>
  deliveries: (query?: string) => Promise<Json[]>
}

export async function openTelling(settings: Record<string, string> = {}): Promise<Telling> {
  const smtp = await startSmtpServer({ disabledCommands: ['STARTTLS'] })
  const receiver = await startReceiver()
  const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${smtp.port}`, from: 'halfkey@sender.example' })
  const app = await openApp({ HALFKEY_WEBHOOKS_PRIVATE: 'allow', ...settings }, { mailer })
  const bearer = { Authorization: `Bearer ${app.token}` }
  const admin: Telling['admin'] = (method, path, body) => app.call(method, `/api/v1${path}`, body, bearer)
  const webhooks = createWebhookSender({ allowPrivate: true, timeoutMs: 1000 })
  return {
    ...app,
    smtp,
    receiver,
    link: conversation(app.call),
    admin,
    create: (sealed) => admin('POST', '/secrets', sealed.body),
    async givenWebhook() {
      const { body } = await admin('POST', '/webhooks', { url: receiver.url })
      return body.data
    },
    deliver: (parts = {}) => deliverOnce({ ...app.deps, log: pino({ enabled: false }), webhooks, ...parts }),
    deliveries: async (query = '') => (await admin('GET', `/deliveries${query}`)).body.data,
    async close() {
      await app.close()
      await smtp.close()
      await receiver.close()
    },
  }
}
