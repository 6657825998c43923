/** Mailing the link from the sender's side, with a real SMTP server. */
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate, startSmtpServer, type TestSmtpServer } from '../../../apps/api/test/support/smtp.ts'
import type { HalfkeyOptions } from '../src/client-options.ts'
import { Halfkey } from '../src/client.ts'
import type { CreateOptions } from '../src/create/create.ts'
import { parseLink } from '../src/protocol/link.ts'
import type { WireCreateRequest } from '../src/wire.ts'
import { findLeaks } from './leaks.ts'
import { errorOf } from './refusal.ts'
import { scriptedServer, success } from './scripted.ts'

const from = 'sender@company.example'
const email = 'recipient@other-company.example'
const { key, cert } = makeCertificate()

let smtp: TestSmtpServer | undefined
afterEach(async () => {
  await smtp?.close()
  smtp = undefined
})

/** A client and the API that it stores at; mail goes to `smtp`. */
async function connect(mailer: HalfkeyOptions['mailer'] = { smtpUrl: `smtp://localhost:${smtp?.port ?? 0}`, from }) {
  const { url, requests } = await scriptedServer(({ body }) => {
    const { slug, maximum_views, password_verifier } = JSON.parse(body) as WireCreateRequest
    return success({
      slug,
      share_url: `https://share.example/${slug}`,
      maximum_views,
      expiration: '2030-01-02T03:04:05.678Z',
      has_password: password_verifier !== undefined,
      current_views: 0,
      has_attachments: false,
      attachments_count: 0,
      created_at: '2030-01-01T03:04:05.678Z',
    })
  })
  return { client: new Halfkey({ baseUrl: url, mailer }), requests }
}

const plainServer = async () => (smtp = await startSmtpServer({ disabledCommands: ['STARTTLS'] }))

async function share(options: CreateOptions = {}) {
  const { received } = await plainServer()
  const { client, requests } = await connect()
  const secret = await client.createSecret('the content', { sendTo: { email }, ...options })
  return { secret, requests, mail: (received[0]?.raw ?? '').replace(/=\r\n/g, '').replace(/=3D/g, '='), received }
}

describe('sendTo', () => {
  test('mails a link that opens the secret, and gives the message’s id', async () => {
    const { secret, mail, received } = await share({ sendTo: { email, message: 'The database password:' } })
    expect(secret.sendTo).toEqual({ status: true, messageId: expect.stringContaining('@company.example') as string })
    expect(received).toMatchObject([{ from, to: [email] }])
    const [link = ''] = /https:\S+/.exec(mail) ?? []
    expect(link).toBe(secret.shareUrl)
    expect(await parseLink(link)).toMatchObject({ slug: secret.slug })
    expect(mail).toContain(
      '\r\n\r\nThe database password:\r\n\r\nThis link opens a secret once, until 2030-01-02 03:04 UTC',
    )
  })

  test('says how often it opens and that there is a password, which it doesn’t mail', async () => {
    const { mail } = await share({ views: 3, password: 'correct horse battery' })
    expect(mail).toContain('opens a secret 3 times')
    expect(mail).toContain("You'll also need a password")
    expect(findLeaks(mail, { content: 'the content', password: 'correct horse battery' })).toEqual([])
  })

  test('tells the server neither the fragment nor the address nor the message', async () => {
    const { secret, requests } = await share({ sendTo: { email, message: 'for your eyes' } })
    const fragment = secret.shareUrl.split('#')[1] ?? ''
    expect(findLeaks(requests, { fragment, keyB: fragment.slice(1), email, message: 'for your eyes' })).toEqual([])
    expect(requests).toHaveLength(1)
  })

  test('that wasn’t asked for is undefined, and sends nothing', async () => {
    const { secret, received } = await share({ sendTo: undefined })
    expect(secret.sendTo).toBeUndefined()
    expect(received).toEqual([])
  })
})

describe('a mail that fails leaves the secret as it is, and says why', () => {
  test('when the server refuses the address, without naming it', async () => {
    smtp = await startSmtpServer({
      disabledCommands: ['STARTTLS'],
      onRcptTo: (_, __, callback) => callback(Object.assign(new Error('No such user here'), { responseCode: 550 })),
    })
    const { client } = await connect()
    const secret = await client.createSecret('the content', { sendTo: { email } })
    expect(secret.sendTo).toEqual({
      status: false,
      reason: "The mail server didn't accept the message: EENVELOPE 550.",
    })
    expect(await parseLink(secret.shareUrl)).toMatchObject({ slug: secret.slug })
  })

  test('when there is no server', async () => {
    const { client } = await connect({ smtpUrl: 'smtp://127.0.0.1:1', from })
    const secret = await client.createSecret('the content', { sendTo: { email } })
    expect(secret.sendTo).toMatchObject({ status: false })
    expect(secret.shareUrl).toContain('#')
  })

  test('when its certificate doesn’t verify: the link isn’t sent', async () => {
    smtp = await startSmtpServer({ key, cert })
    const { client } = await connect()
    expect((await client.createSecret('the content', { sendTo: { email } })).sendTo).toMatchObject({ status: false })
    expect(smtp.received).toEqual([])
  })
})

test('a server that isn’t this machine’s gets no link without STARTTLS', async () => {
  const { port, received } = await plainServer()
  // This machine too, by an address that isn't one of its usual names.
  const { client } = await connect({ smtpUrl: `smtp://[::ffff:127.0.0.1]:${port}`, from })
  const secret = await client.createSecret('the content', { sendTo: { email } })
  expect(secret.sendTo).toEqual({ status: false, reason: expect.stringContaining('ETLS') as string })
  expect(received).toEqual([])
})

describe('over TLS', () => {
  const before = tls.getCACertificates('default')
  beforeAll(() => tls.setDefaultCACertificates([...before, cert]))
  afterAll(() => tls.setDefaultCACertificates(before))

  test('the link goes with STARTTLS and the credentials of the URL', async () => {
    smtp = await startSmtpServer({ key, cert })
    const { client } = await connect({ smtpUrl: `smtp://halfkey:p%40ss%2Fword@localhost:${smtp.port}`, from })
    expect((await client.createSecret('the content', { sendTo: { email } })).sendTo).toMatchObject({ status: true })
    expect(smtp.received).toMatchObject([{ secure: true, user: 'halfkey' }])
  })
})

describe('what is wrong is refused before anything is sent', () => {
  test.each([
    ['no address', { email: 'nobody' }],
    ['two addresses', { email: 'a@b.example,c@d.example' }],
    ['an address with a name', { email: 'A <a@b.example>' }],
    ['a line end', { email: 'a@b.example\r\nBcc:c' }],
    ['a line end in the domain', { email: 'a@b\u0085.example' }],
    ['a control character', { email: 'a\0@b.example' }],
    ['an unknown field', { email, subject: 'x' }],
  ])('%s', async (_, sendTo) => {
    await plainServer()
    const { client, requests } = await connect()
    const error = await errorOf(client.createSecret('the content', { sendTo }))
    expect(error).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { sendTo: [expect.stringContaining('one e-mail address')] },
    })
    expect(requests).toEqual([])
  })

  test('a client without a mailer', async () => {
    const { url, requests } = await scriptedServer([])
    const error = await errorOf(new Halfkey({ baseUrl: url }).createSecret('the content', { sendTo: { email } }))
    expect(error).toMatchObject({ code: 'VALIDATION_ERROR', details: { sendTo: [expect.stringContaining('mailer')] } })
    expect(requests).toEqual([])
  })

  test.each([
    ['another scheme', { smtpUrl: 'https://mail.example', from }],
    ['options in a query', { smtpUrl: 'smtp://mail.example?requireTLS=false', from }],
    ['no host', { smtpUrl: 'smtp://', from }],
    ['no sender', { smtpUrl: 'smtp://mail.example' }],
    ['two senders', { smtpUrl: 'smtp://mail.example', from: 'a@b.example, c@d.example' }],
  ])('a mailer with %s', (_, mailer) => {
    const make = () => new Halfkey({ baseUrl: 'https://halfkey.example', mailer: mailer as HalfkeyOptions['mailer'] })
    expect(make).toThrow(
      expect.objectContaining({ code: 'VALIDATION_ERROR', details: { mailer: [expect.anything()] } }),
    )
  })
})

test('neither client nor secret shows the mailer’s password or the link when printed', async () => {
  const { secret } = await share()
  const client = new Halfkey({
    baseUrl: 'https://halfkey.example',
    mailer: { smtpUrl: 'smtp://user:mail-password@mail.example', from },
  })
  expect(findLeaks([client, secret], { password: 'mail-password' })).toEqual([])
  expect(String(secret)).toBe(secret.slug)
})
