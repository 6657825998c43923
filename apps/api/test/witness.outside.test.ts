/** C1, beyond the API: what mail, text messages and webhooks carry of secrets, on their way. */
import type { CreateOptions, SharedSecret, WireCreateRequest } from '@halfkey/sdk'
import { Halfkey, openLink, parseLink } from '@halfkey/sdk'
import { hkdfSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliverOnce } from '../src/jobs/deliver.ts'
import { createSmtpMailer } from '../src/adapters/mail.ts'
import { createSmsGateway } from '../src/adapters/sms.ts'
import { createWebhookSender } from '../src/adapters/webhook.ts'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { codeIn } from './support/codes.ts'
import { addKey, addText, deriveHidden } from './support/needles.ts'
import type { Proxy } from './support/proxy.ts'
import { startProxy } from './support/proxy.ts'
import { startReceiver } from './support/receiver.ts'
import { Patterns } from './support/search.ts'
import { b64 } from './support/sender.ts'
import { readMail, startSmtpServer } from './support/smtp.ts'

const workspaceKey = randomBytes(32)
const day = 86_400_000
const codes = { type: 'email', to: 'recipient@other-company.example' } as const
const texts = { type: 'sms', to: '+4915112345678' } as const
const notify = 'owner@sender-company.example'

const randomText = (about: string): string => `${about} ${randomBytes(24).toString('hex')} «ж»`

interface Shared {
  secret: SharedSecret
  password: string
  /** What leaves the server for nobody. */
  texts: Record<string, string>
  keys: Record<string, Buffer>
}

/** What went over each way, byte for byte. */
interface Traffic {
  serverMail: Buffer
  textMessages: Buffer
  webhooks: Buffer
  senderMail: Buffer
}

let closers: (() => Promise<void>)[] = []
let shared: Record<'opened' | 'locked' | 'burned' | 'expired', Shared>
let traffic: Traffic
let bearerValues: Record<string, Buffer>

/** As its reader has it too: lines that the mail's encoding broke are whole again. */
const unfold = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.from(readMail(bytes.toString('latin1')))])

async function watch(port: number): Promise<Proxy> {
  const proxy = await startProxy(`http://127.0.0.1:${port}`)
  closers.unshift(() => proxy.close())
  return proxy
}

const portOf = (proxy: Proxy): string => new URL(proxy.url).port

async function watchMail() {
  const smtp = await startSmtpServer({ disabledCommands: ['STARTTLS'] })
  closers.unshift(() => smtp.close())
  return { smtp, proxy: await watch(smtp.port) }
}

async function watchGateway(): Promise<Proxy> {
  const gateway = createServer((_, response) => response.end())
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  closers.unshift(async () => {
    gateway.closeAllConnections()
    await new Promise((resolve) => gateway.close(resolve))
  })
  return watch((gateway.address() as AddressInfo).port)
}

/** The app as a `fetch`, so that the SDK needs no server. */
const fetchOf =
  (app: TestApp): typeof fetch =>
  async (input, init = {}) => {
    const { pathname, search } = new URL(input as string)
    const headers = init.headers as Record<string, string>
    const reply = await app.call(init.method ?? 'GET', pathname + search, init.body ?? undefined, headers)
    return new Response(reply.text, { status: reply.status, headers: reply.headers })
  }

function clientOf(app: TestApp, mailPort: string) {
  let body = ''
  const call = fetchOf(app)
  const client = new Halfkey({
    baseUrl: 'https://halfkey.test',
    token: app.token,
    workspaceKey: b64(workspaceKey),
    mailer: { smtpUrl: `smtp://127.0.0.1:${mailPort}`, from: 'sender@sender-company.example' },
    fetch(input, init) {
      if ((input as string).endsWith('/secrets')) body = init?.body as string
      return call(input, init)
    },
  })
  return {
    client,
    share: async (options: CreateOptions): Promise<Shared> => {
      const [content, password] = [randomText('content'), randomText('password')]
      const [note, description] = [randomText('note'), randomText('description')]
      const fields = { ...options, password, message: note, description, notify, recoverable: true }
      const sendTo = { email: 'recipient@other-company.example', message: 'As promised.' }
      const secret = await client.createSecret(content, { ...fields, sendTo })
      expect(secret.sendTo).toMatchObject({ status: true })
      const sent = JSON.parse(body) as WireCreateRequest
      const keyB = Buffer.from((await parseLink(secret.shareUrl)).keyB)
      const all = { content, note, description, fragment: secret.shareUrl.split('#')[1] ?? '' }
      const { texts, keys } = await deriveHidden(sent, { keyB, workspaceKey, password, texts: all })
      const derive = (key: Buffer, salt: string, info: string) => Buffer.from(hkdfSync('sha256', key, salt, info, 32))
      const more = {
        keyA: Buffer.from(sent.key_a, 'base64url'),
        access: derive(keyB, '', 'halfkey/v1 access'),
        passwordProof: derive(keys['stretched'] ?? keyB, sent.slug, 'halfkey/v1 password proof'),
        manageKey: Buffer.from(secret.manageKey, 'base64url'),
      }
      return { secret, password, texts, keys: { ...keys, ...more } }
    },
  }
}

beforeAll(async () => {
  const [server, sender, receiver] = [await watchMail(), await watchMail(), await startReceiver()]
  closers.push(() => receiver.close())
  const [gateway, hooks] = [await watchGateway(), await watch(Number(new URL(receiver.url).port))]
  const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${portOf(server.proxy)}`, from: 'halfkey@sender.example' })
  const sms = createSmsGateway({ url: gateway.url, body: '{"to":{to},"text":{text}}' })
  const app = await openApp({ HALFKEY_WEBHOOKS_PRIVATE: 'allow' }, { mailer, sms })
  closers.unshift(() => app.close())
  const { client, share } = clientOf(app, portOf(sender.proxy))
  const webhook = await client.webhooks.create(`${hooks.url}/hook`)
  const deliver = () =>
    deliverOnce({
      ...app.deps,
      log: pino({ enabled: false }),
      webhooks: createWebhookSender({ allowPrivate: true }),
    })
  const open = ({ secret }: Shared) => openLink(secret.shareUrl, { fetch: fetchOf(app) })
  const wrong = { password: randomText('wrong password') }

  shared = {
    opened: await share({ otp: codes }),
    locked: await share({ otp: texts, maxAttempts: 2 }),
    burned: await share({ maxAttempts: 1, onLockout: 'burn' }),
    expired: await share({ hours: 1 }),
  }
  const { opened, locked, burned, expired } = shared

  const link = await open(opened)
  await expect(link.requestCode(wrong)).rejects.toThrow()
  await link.requestCode({ password: opened.password })
  const code = codeIn({ text: server.smtp.received[0]?.raw ?? '' })
  const revealed = await link.reveal({ password: opened.password, otp: code })
  expect(revealed.text).toBe(opened.texts['content'])
  await revealed.done()

  const second = await open(locked)
  await second.requestCode({ password: locked.password })
  for (let n = 0; n < 2; n++) await expect(second.reveal({ password: locked.password, otp: 'wrong' })).rejects.toThrow()
  await expect((await open(burned)).reveal(wrong)).rejects.toThrow()
  await client.sendNotice(expired.secret.slug, 'recipient@other-company.example')
  await deliver()
  app.clock.advance(day)
  await app.sweep()
  await deliver()

  bearerValues = { token: Buffer.from(app.token), webhookSecret: Buffer.from(webhook.secret.slice('whsec_'.length)) }
  traffic = {
    serverMail: unfold(server.proxy.recorded()),
    textMessages: gateway.recorded(),
    webhooks: hooks.recorded(),
    senderMail: unfold(sender.proxy.recorded()),
  }
}, 60_000)
afterAll(async () => {
  for (const close of closers) await close()
  closers = []
})

/** The names of what was found, whatever its form. */
function findIn(bytes: Buffer, but: string[] = []): string[] {
  const patterns = new Patterns()
  for (const [which, { texts, keys }] of Object.entries(shared)) {
    for (const [name, text] of Object.entries(texts))
      if (!but.includes(name)) addText(patterns, `${name} of ${which}`, text)
    for (const [name, key] of Object.entries(keys))
      if (!but.includes(name)) addKey(patterns, `${name} of ${which}`, key)
  }
  for (const [name, value] of Object.entries(bearerValues)) patterns.add(name, value)
  return [...patterns.findIn(bytes)]
}

const count = (bytes: Buffer, pattern: RegExp): number => bytes.toString('latin1').match(pattern)?.length ?? 0

describe('the search sees', () => {
  test('every kind of mail, text message and webhook that there is, and whom it is about', () => {
    for (const [subject, times] of [
      ['Your one-time code', 1],
      ['Your secret was opened', 1],
      ['Your secret is locked', 1],
      ['Your secret was destroyed', 1],
      ['Your secret expired unopened', 2],
      ['You have been sent a secret', 1],
    ] as const)
      expect([subject, count(traffic.serverMail, new RegExp(`^Subject: ${subject}\r\n`, 'gm'))]).toEqual([
        subject,
        times,
      ])
    expect(count(traffic.textMessages, /is your one-time code/g)).toBe(1)
    for (const [type, times] of [
      ['secret.opened', 1],
      ['secret.locked', 2],
      ['secret.expired_unread', 2],
    ] as const)
      expect([type, count(traffic.webhooks, new RegExp(`"type":"${type}"`, 'g'))]).toEqual([type, times])
    for (const { secret } of Object.values(shared)) {
      expect(traffic.serverMail.includes(secret.slug)).toBe(true)
      expect(traffic.webhooks.includes(secret.slug)).toBe(true)
    }
  })

  test('the link in the sender’s own mail, because it is meant to be there', () => {
    const found = findIn(traffic.senderMail)
    for (const which of Object.keys(shared)) expect(found).toContain(`fragment of ${which} (raw)`)
  })
})

describe('of content, notes, descriptions, passwords, fragments, and every key, proof and right', () => {
  test.each(['serverMail', 'textMessages', 'webhooks'] as const)('nothing is in the server’s %s', (way) => {
    expect(findIn(traffic[way])).toEqual([])
  })

  test('nothing but the fragment is in the mail that the sender has sent', () => {
    expect(findIn(traffic.senderMail, ['fragment', 'keyB'])).toEqual([])
  })
})

test('text messages and webhooks name no address of anybody, and a code’s mail no secret', () => {
  for (const address of [notify, codes.to]) {
    expect(traffic.webhooks.includes(address)).toBe(false)
    expect(traffic.textMessages.includes(address)).toBe(false)
  }
  expect(traffic.webhooks.includes(texts.to)).toBe(false)
  for (const { secret } of Object.values(shared)) expect(traffic.textMessages.includes(secret.slug)).toBe(false)
})
