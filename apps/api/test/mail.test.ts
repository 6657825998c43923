import { createServer } from 'node:net'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { NotDelivered } from '../src/adapters/delivery.ts'
import { createSmtpMailer } from '../src/adapters/mail.ts'
import type { TestSmtpServer } from './support/smtp.ts'
import { makeCertificate, startSmtpServer } from './support/smtp.ts'

const { key, cert } = makeCertificate()
const from = 'halfkey@sender.example'
const mail = { to: 'a@recipient.example', subject: 'A subject', text: 'A text' }
const credentials = 'halfkey:p%40ss%2Fword'

let server: TestSmtpServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function sendTo(options: Parameters<typeof startSmtpServer>[0], user = '', scheme = 'smtp') {
  server = await startSmtpServer(options)
  const url = `${scheme}://${user && `${user}@`}localhost:${server.port}`
  return createSmtpMailer({ url, from, timeoutMs: 2000 }).send(mail)
}

describe('to a server whose certificate verifies', () => {
  const before = tls.getCACertificates('default')
  beforeAll(() => tls.setDefaultCACertificates([...before, cert]))
  afterAll(() => tls.setDefaultCACertificates(before))

  test('mail goes over STARTTLS and AUTH, as it was given', async () => {
    const id = await sendTo({ key, cert }, credentials)
    expect(server?.credentials).toEqual([{ user: 'halfkey', password: 'p@ss/word', secure: true }])
    expect(server?.received).toMatchObject([{ from, to: [mail.to], secure: true, user: 'halfkey' }])
    const raw = server?.received[0]?.raw ?? ''
    expect(raw).toContain(`Message-ID: ${id}`)
    expect(raw).toContain('Subject: A subject')
    expect(raw).toContain('\r\n\r\nA text')
  })

  test('smtps is TLS from the first byte', async () => {
    await sendTo({ key, cert, secure: true }, credentials, 'smtps')
    expect(server?.received).toMatchObject([{ secure: true, user: 'halfkey' }])
  })

  test('STARTTLS is taken where it is offered, without credentials too', async () => {
    await sendTo({ key, cert })
    expect(server?.received).toMatchObject([{ secure: true }])
  })

  test('wrong credentials are not delivered', async () => {
    await expect(sendTo({ key, cert }, 'halfkey:wrong')).rejects.toThrow(/EAUTH 535/)
  })
})

test('credentials never go to a server without STARTTLS', async () => {
  await expect(sendTo({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true }, credentials)).rejects.toThrow(
    NotDelivered,
  )
  expect(server?.credentials).toEqual([])
  expect(server?.received).toEqual([])
})

test('neither credentials nor mail go to a server whose certificate doesn’t verify', async () => {
  await expect(sendTo({ key, cert }, credentials)).rejects.toThrow(NotDelivered)
  expect(server?.credentials).toEqual([])
  await server?.close()
  await expect(sendTo({ key, cert })).rejects.toThrow(NotDelivered)
  expect(server?.received).toEqual([])
})

test('without credentials mail goes to a relay that has no STARTTLS', async () => {
  await sendTo({ disabledCommands: ['STARTTLS'] })
  expect(server?.received).toMatchObject([{ from, to: [mail.to], secure: false }])
})

test('what the server refuses is an error that names the reply and no address', async () => {
  const refuse = {
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_: unknown, __: unknown, callback: (error: Error) => void) =>
      callback(Object.assign(new Error(`no mailbox ${mail.to}`), { responseCode: 550 })),
  }
  const error: unknown = await sendTo(refuse).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(NotDelivered)
  expect((error as Error).message).toContain('EENVELOPE 550')
  expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain(mail.to)
  expect((error as Error).cause).toBeUndefined()
})

test('a server that says nothing, and one that isn’t there, are given up', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  const send = () => createSmtpMailer({ url: `smtp://127.0.0.1:${port}`, from, timeoutMs: 200 }).send(mail)
  await expect(send()).rejects.toThrow(NotDelivered)
  silent.close()
  await expect(send()).rejects.toThrow(NotDelivered)
})

test('an address that is a list of addresses gets no mail but to itself', async () => {
  server = await startSmtpServer({ disabledCommands: ['STARTTLS'] })
  const mailer = createSmtpMailer({ url: `smtp://localhost:${server.port}`, from })
  await mailer.send({ ...mail, to: 'a@x.example, b@y.example' }).catch(() => undefined)
  await mailer.send({ ...mail, to: 'a@x.example\r\nBcc: b@y.example' }).catch(() => undefined)
  expect(server.received.flatMap(({ to }) => to)).not.toContain('b@y.example')
})

test.each(['requireTLS=false', 'tls.rejectUnauthorized=false', 'ignoreTLS'])(
  'a start whose URL would weaken TLS, ?%s, is refused with a sentence that names the setting',
  (query) => {
    const settings = { HALFKEY_SMTP_URL: `smtp://localhost?${query}`, HALFKEY_MAIL_FROM: from }
    expect(() => readConfig(settings)).toThrow(/^HALFKEY_SMTP_URL must not have a query/)
  },
)

test.each([{ HALFKEY_SMTP_URL: 'smtp://localhost' }, { HALFKEY_MAIL_FROM: from }])(
  'a start with %o alone is refused with a sentence that names both settings',
  (settings) => {
    expect(() => readConfig(settings as unknown as NodeJS.ProcessEnv)).toThrow(/HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM/)
  },
)
