/** The loop that delivers: beside others, while receivers hang, and when it is told to stop. */
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../src/config.ts'
import { startDelivering } from '../src/jobs/deliver.ts'
import { newMessageId } from '../src/domain/notices/notice.ts'
import { systemClock } from '../src/adapters/clock.ts'
import { createWebhookSender } from '../src/adapters/webhook.ts'
import { start } from '../src/start.ts'
import type { TestReceiver } from './support/receiver.ts'
import { startReceiver, verifyHook } from './support/receiver.ts'
import { caller } from './support/sender.ts'
import { makeCertificate } from './support/smtp.ts'
import type { Telling } from './support/telling.ts'
import { openTelling } from './support/telling.ts'

const log = pino({ enabled: false })
/** More than any test takes, so that nothing ends by itself. */
const patient = createWebhookSender({ allowPrivate: true, timeoutMs: 60_000 })

let app: Telling
beforeEach(async () => {
  app = await openTelling()
})
afterEach(() => app.close())

async function otherReceiver(): Promise<{ receiver: TestReceiver; id: string }> {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.close())
  const { body } = await app.admin('POST', '/webhooks', { url: receiver.url })
  return { receiver, id: body.data.id }
}

/** Messages to a webhook; their ids. */
async function add(webhookId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, newMessageId)
  for (const id of ids)
    await app.store.addMessage({
      id,
      workspaceId: 1,
      secretId: null,
      kind: 'webhook',
      webhookId,
      sealedTo: null,
      notice: { type: 'webhook.test', timestamp: 'now', data: { webhook_id: webhookId } },
      createdAt: app.clock.now(),
    })
  return ids
}

const idsAt = ({ received }: TestReceiver) => received.map(({ headers }) => headers['webhook-id'])

const messagesOf = async (webhookId: string) => {
  const { deliveries } = await app.store.listDeliveries({ workspaceId: 1, page: 1, perPage: 1000 })
  return deliveries.filter((message) => message.webhookId === webhookId)
}

describe('beside others', () => {
  test('many deliverers at once deliver each message once', async () => {
    const { id } = await app.givenWebhook()
    const ids = await add(id, 40)
    const tried = await Promise.all(Array.from({ length: 8 }, () => app.deliver()))
    expect(tried.reduce((sum, count) => sum + count)).toBe(40)
    expect(idsAt(app.receiver).sort()).toEqual(ids.sort())
  })

  test('two servers on one database deliver each message once, and either what the other leaves', async () => {
    const { config } = readConfig({
      HALFKEY_LISTEN: '127.0.0.1:0',
      HALFKEY_DATA_DIR: path.join(app.home.root, 'shared'),
      HALFKEY_WEBHOOKS_PRIVATE: 'allow',
    })
    const servers = [await start(config, systemClock, log), await start(config, systemClock, log)]
    const bearer = { Authorization: `Bearer ${servers[0]?.firstToken}` }
    const calls = servers.map(({ address }) => caller(address))
    const created = await calls[0]?.('POST', '/api/v1/webhooks', { url: app.receiver.url }, bearer)
    const { id, secret } = created?.body.data as { id: string; secret: string }
    const ask = async (n: number) => {
      const reply = await calls[n % 2]?.('POST', `/api/v1/webhooks/${id}/test`, undefined, bearer)
      return reply?.body.data.id as string
    }
    const asked = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(n)))
    await app.receiver.called(60)
    await servers[0]?.stop()
    asked.push(await ask(1))
    await app.receiver.called(61)
    await servers[1]?.stop()
    expect(idsAt(app.receiver).sort()).toEqual(asked.sort())
    for (const hook of app.receiver.received)
      expect(verifyHook(secret, hook, Date.now())).toMatchObject({ type: 'webhook.test' })
  })
})

describe('a receiver that hangs', () => {
  test('is given up on in time, and tried again', async () => {
    const { id } = await app.givenWebhook()
    await add(id, 1)
    app.receiver.answer(0)
    await app.deliver()
    expect(await messagesOf(id)).toMatchObject([{ lastError: 'the receiver did not respond: ETIMEDOUT' }])
    app.receiver.answer(200)
    app.clock.advance(60_000)
    await app.deliver()
    expect(await messagesOf(id)).toMatchObject([{ attempts: 2, lastError: null, nextAt: null }])
  })

  test('keeps nobody else waiting, neither with what was there nor with what comes, and holds few messages', async () => {
    const { id: hanging } = await app.givenWebhook()
    app.receiver.answer(0)
    await add(hanging, 100)
    const other = await otherReceiver()
    await add(other.id, 100)
    const delivering = app.deliver({ webhooks: patient })
    await other.receiver.called(100)
    await add(other.id, 1)
    await other.receiver.called(101)

    expect(app.receiver.received.length).toBeLessThanOrEqual(16)
    const held = await messagesOf(hanging)
    expect(held.filter(({ attempts }) => attempts > 0).length).toBeLessThanOrEqual(16)
    expect(held.every(({ nextAt, lastError }) => nextAt !== null && lastError === null)).toBe(true)
    app.receiver.answer(204)
    expect(await delivering).toBe(201)
    expect(new Set(idsAt(app.receiver)).size).toBe(100)
  })
})

describe('told to stop', () => {
  test('it waits for what is on its way, records how that went, and begins nothing more', async () => {
    const { id } = await app.givenWebhook()
    app.receiver.answer(0)
    await add(id, 100)
    const delivering = startDelivering({ ...app.deps, log, webhooks: patient }, 10)
    await app.receiver.called(16)
    const stopped = vi.fn()
    const stopping = delivering.stop().then(stopped)
    await nextTurn()
    expect(stopped).not.toHaveBeenCalled()
    app.receiver.answer(204)
    await stopping

    expect(app.receiver.received).toHaveLength(16)
    const messages = await messagesOf(id)
    expect(messages.filter(({ deliveredAt }) => deliveredAt !== null)).toHaveLength(16)
    const untouched = messages.filter(({ attempts, nextAt }) => attempts === 0 && nextAt === app.clock.now())
    expect(untouched).toHaveLength(84)
    await app.deliver()
    expect(new Set(idsAt(app.receiver)).size).toBe(100)
  })
})

test('what the store doesn’t record is repeated under the same id once the lease is over; the rest of a batch isn’t', async () => {
  const { id } = await app.givenWebhook()
  const ids = await add(id, 5)
  const settleMessage: Telling['store']['settleMessage'] = (claim, settlement) =>
    claim.id === ids[2] ? Promise.reject(new Error('full')) : app.store.settleMessage(claim, settlement)
  expect(await app.deliver({ store: { ...app.store, settleMessage } })).toBe(5)
  expect(await app.deliver()).toBe(0)
  app.clock.advance(60_000)
  expect(await app.deliver()).toBe(1)
  expect(idsAt(app.receiver).sort()).toEqual([...ids, ids[2]].sort())
  expect((await messagesOf(id)).every(({ deliveredAt }) => deliveredAt !== null)).toBe(true)
})

describe('a try ends', () => {
  /** Takes connections and does what it likes with them. */
  async function rude(behave: (socket: Socket) => void): Promise<string> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => behave(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }
  const drip = (text: string) => (socket: Socket) => {
    const timer = setInterval(() => socket.write(text), 20)
    socket.once('close', () => clearInterval(timer))
  }
  const send = (url: string) => createWebhookSender({ allowPrivate: true, timeoutMs: 500 }).send(url, {}, '{}')

  test.each<[string, (socket: Socket) => void]>([
    ['closes the connection', (socket) => socket.end()],
    ['resets it', (socket) => socket.resetAndDestroy()],
    ['answers no HTTP', (socket) => socket.end('220 mail.example ESMTP\r\n')],
    ['switches protocols', (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n')],
    ['sends nothing but interim answers', drip('HTTP/1.1 103 Early Hints\r\n\r\n')],
    ['sends a header without an end', drip('X')],
    ['sends more headers than are read', (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`)],
  ])('as not delivered when a receiver %s', async (_, behave) => {
    await expect(send(await rude(behave))).rejects.toThrow(/^the receiver (did not respond|responded with 101)/)
  })

  test('as delivered with the status line and headers, however long the body is that follows', async () => {
    const closed = vi.fn()
    const url = await rude((socket) => {
      socket.once('close', closed)
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      drip('x'.repeat(10_000))(socket)
    })
    await patient.send(url, {}, '{}')
    await vi.waitFor(() => expect(closed).toHaveBeenCalled())
  })

  test('as not delivered, and nothing was said, when a receiver’s certificate doesn’t verify', async () => {
    const asked = vi.fn()
    const server = createHttpsServer(makeCertificate(), asked)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await expect(send(`https://localhost:${port}/`)).rejects.toThrow('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(asked).not.toHaveBeenCalled()
    server.close()
  })
})
