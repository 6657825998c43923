/** create --send-to, and that of request create: the link is mailed from the sender's machine, over STARTTLS and AUTH to a real mail server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { startOutside } from '../../../apps/api/test/support/outside.ts'
import { readMail } from '../../../apps/api/test/support/smtp.ts'
import { useHalfkey } from './running.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'halfkey-outside-'))
const { smtp, settings, close } = await startOutside(directory, { tls: true })
const { NODE_EXTRA_CA_CERTS: authority = '', HALFKEY_SMTP_URL: smtpUrl = '' } = settings
const mailer = { HALFKEY_SMTP_URL: smtpUrl, HALFKEY_MAIL_FROM: 'sender@company.example' }
const { halfkey } = useHalfkey({ HALFKEY_REQUESTS: 'anyone' })

afterAll(async () => {
  await close()
  rmSync(directory, { recursive: true })
})

const to = 'recipient@other.example'

const create = (options: string[], env: Record<string, string>) =>
  halfkey.run(['create', '-', '--send-to', to, ...options], 'the hidden content', env)

it('mails a link that opens the secret, after --send-message, over TLS to the address alone', async () => {
  const trusted = { ...mailer, NODE_EXTRA_CA_CERTS: authority }
  const { code, text: link, stderr } = await create(['--send-message', 'Grüße, as promised:'], trusted)
  expect([code, stderr]).toEqual([0, expect.stringContaining('The link was sent by e-mail.\n')])

  const mail = smtp.received.at(-1)
  expect(mail).toMatchObject({ from: 'sender@company.example', to: [to], secure: true, user: 'halfkey' })
  const words = readMail(mail?.raw ?? '')
  expect(words).toContain('Grüße, as promised:')
  expect(words).toContain(link.trim())
  expect(await halfkey.run(['open', link])).toMatchObject({ code: 0, text: 'the hidden content' })
})

it('of a request mails the ask link, and never the collect link', async () => {
  const trusted = { ...mailer, NODE_EXTRA_CA_CERTS: authority }
  const { code, text: link, stderr } = await halfkey.run(['request', 'create', '--send-to', to], '', trusted)
  expect([code, stderr]).toEqual([0, expect.stringContaining('The link was sent by e-mail.\n')])
  const words = readMail(smtp.received.at(-1)?.raw ?? '')
  expect(words).toContain(link.trim())
  expect(words).not.toContain('/collect/')
})

it('--json says that it was sent, with the message’s id', async () => {
  const { text } = await create(['--json'], { ...mailer, NODE_EXTRA_CA_CERTS: authority })
  const { sent, message_id: id } = JSON.parse(text) as Record<string, unknown>
  expect(sent).toBe(true)
  expect(smtp.received.at(-1)?.raw).toContain(`Message-ID: ${String(id)}`)
})

it('to a mail server whose certificate doesn’t verify nothing is sent; the link is printed, with why', async () => {
  const mails = smtp.received.length
  const { code, text: link, stderr } = await create([], mailer)
  expect([code, stderr]).toEqual([0, expect.stringContaining("The link couldn't be mailed")])
  expect(stderr).toContain('Send it yourself')
  expect(smtp.received).toHaveLength(mails)
  expect((await halfkey.run(['open', link])).text).toBe('the hidden content')
})

it('a mail server that isn’t there: --json says so, and has the link', async () => {
  const { code, text } = await create(['--json'], { ...mailer, HALFKEY_SMTP_URL: 'smtp://127.0.0.1:1' })
  const created = JSON.parse(text) as Record<string, unknown>
  expect([code, created['sent']]).toEqual([0, false])
  expect(created['send_error']).toContain('ESOCKET')
  expect(created['share_url']).toContain('#')
})

it('tells neither the mail server’s password nor the content to anybody who reads the output or the mail', async () => {
  const { text, stderr } = await create([], { ...mailer, NODE_EXTRA_CA_CERTS: authority })
  expect(`${text}${stderr}${smtp.received.at(-1)?.raw}`).not.toMatch(/p@ss|p%40ss|hidden/)
})

it.each([
  ['without a mail server', ['--send-to', to], {}, 'HALFKEY_SMTP_URL and HALFKEY_MAIL_FROM'],
  [
    'with a sender that is no address',
    ['--send-to', to],
    { ...mailer, HALFKEY_MAIL_FROM: 'nobody' },
    'HALFKEY_SMTP_URL, HALFKEY_MAIL_FROM: must be',
  ],
  ['without --send-to, --send-message', ['--send-message', 'x'], mailer, '--send-message needs --send-to'],
  [
    'for two addresses',
    ['--send-to', 'a@b.example,c@d.example'],
    mailer,
    '--send-to: must be {email: one e-mail address',
  ],
])('%s it is refused by name before anything is shared', async (_, options, env, words) => {
  const { code, text, stderr } = await halfkey.run(['create', '-', ...options], 'x', env)
  expect([code, text]).toEqual([2, ''])
  expect(stderr).toContain(words)
})
