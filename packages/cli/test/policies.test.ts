/** What create asks of a recipient, and how open meets it: end to end, with real mail (STARTTLS, AUTH) and messages. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openLink } from '@halfkey/sdk'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { codeIn, totpAt, totpSecret } from '../../../apps/api/test/support/codes.ts'
import { startOutside } from '../../../apps/api/test/support/outside.ts'
import { readMail } from '../../../apps/api/test/support/smtp.ts'
import { useHalfkey } from './running.ts'
import { terminalOf } from './terminal.ts'

const directory = mkdtempSync(path.join(tmpdir(), 'halfkey-outside-'))
const { smtp, texts, settings, close } = await startOutside(directory, { tls: true })
const { halfkey, server } = useHalfkey({ ...settings, HALFKEY_CAPTCHA_COST: '2000' })
const onTerminal = terminalOf(halfkey)

afterAll(async () => {
  await close()
  rmSync(directory, { recursive: true })
})

/** Shares `content` as an owner with a token, who may have messages sent. */
async function share(...options: string[]): Promise<{ link: string; slug: string }> {
  const created = await halfkey.create(options, 'content', { HALFKEY_TOKEN: server().token })
  return { link: created['share_url'] ?? '', slug: created['slug'] ?? '' }
}

const open = (link: string, ...options: string[]) => halfkey.run(['open', link, ...options])

const viewsOf = async (slug: string): Promise<unknown> => {
  const { text } = await halfkey.run(['get', slug, '--json'], '', { HALFKEY_TOKEN: server().token })
  return (JSON.parse(text) as Record<string, unknown>)['current_views']
}

const lastCode = (): string => codeIn({ text: smtp.received.at(-1)?.raw ?? '' })

/** Refused with exit code 5 in these words: nothing on stdout, no view spent. */
async function expectRefused({ link, slug }: { link: string; slug: string }, words: string, ...options: string[]) {
  const { code, text, stderr } = await open(link, ...options)
  expect([code, text, stderr]).toEqual([5, '', expect.stringContaining(words)])
  expect(await viewsOf(slug)).toBe(0)
}

describe('networks and countries', () => {
  it.each([
    ['--ip', '127.0.0.1'],
    ['--ip', '127.0.0.0/8'],
    ['--geo', 'fr'],
  ])('%s %s lets this machine open', async (...options) => {
    expect(await open((await share(...options)).link)).toMatchObject({ code: 0, text: 'content' })
  })

  it.each([
    ['--ip', '192.0.2.0/24', 'Access isn’t allowed from this address.'],
    ['--ip', '::1', 'Access isn’t allowed from this address.'],
    ['--geo', 'US', 'Access isn’t allowed from this country.'],
  ])('%s %s refuses it: %s', async (option, value, words) => {
    await expectRefused(await share(option, value), words)
  })
})

describe('--captcha', () => {
  it('is solved by open itself, and by nobody who doesn’t solve it', async () => {
    const { link, slug } = await share('--captcha')
    const opened = await openLink(link)
    expect(opened.needs.captcha).toBe(true)
    await expect(opened.reveal({ captcha: 'unsolved' })).rejects.toMatchObject({ code: 'CAPTCHA_WRONG' })
    expect(await viewsOf(slug)).toBe(0)
    expect(await open(link)).toMatchObject({ code: 0, text: 'content', stderr: '' })
  })
})

describe('--otp-email', () => {
  it('--send-code mails a code over TLS, says where it went, masked, and opens nothing; --otp opens', async () => {
    const secret = await share('--otp-email', 'annabel@recipient.example')
    await expectRefused(secret, '--send-code')

    const { code, text, stderr } = await open(secret.link, '--send-code')
    expect([code, text]).toEqual([0, ''])
    expect(stderr).toBe('A code was sent to a…l@recipient.example. It is valid for ten minutes.\n')
    expect(smtp.received.at(-1)).toMatchObject({ to: ['annabel@recipient.example'], secure: true, user: 'halfkey' })
    expect(await viewsOf(secret.slug)).toBe(0)

    await expectRefused(secret, 'The one-time code is wrong. Attempts left: 9.', '--otp', '00000000')
    expect(await open(secret.link, '--otp', lastCode())).toMatchObject({ code: 0, text: 'content' })
  })

  it('with a password, --send-code needs it first: nothing is mailed for a wrong one or for none', async () => {
    const secret = await share('--otp-email', 'ben@recipient.example', '--password', 'right')
    const mails = smtp.received.length
    await expectRefused(secret, '--password-file', '--send-code')
    await expectRefused(secret, 'The password is wrong. Attempts left: 9.', '--send-code', '--password', 'wrong')
    expect(smtp.received).toHaveLength(mails)

    expect((await open(secret.link, '--send-code', '--password', 'right')).code).toBe(0)
    await expectRefused(secret, 'Attempts left: 8.', '--password', 'right', '--otp', '00000000')
    expect((await open(secret.link, '--password', 'right', '--otp', lastCode())).text).toBe('content')
  })

  it('a code that was used opens nothing again', async () => {
    const { link } = await share('--otp-email', 'cara@recipient.example', '--views', '2')
    await open(link, '--send-code')
    expect((await open(link, '--otp', lastCode())).text).toBe('content')
    const { code, text, stderr } = await open(link, '--otp', lastCode())
    expect([code, text]).toEqual([5, ''])
    expect(stderr).toContain('code is wrong')
  })

  it('without a token it is refused by name, and nothing is shared', async () => {
    const { code, text, stderr } = await halfkey.run(['create', '-', '--otp-email', 'a@recipient.example'], 'x')
    expect([code, text]).toEqual([2, ''])
    expect(stderr).toContain('--otp-… (otp): ')
  })

  it('a terminal is asked for password and code, and again for either after a wrong one; the code is not shown', async () => {
    const { link } = await share('--otp-email', 'dora@recipient.example', '--password', 'right')
    const mails = smtp.received.length
    const { code, screen } = await onTerminal(
      ['open', link],
      [
        ['Password', 'wrong\r'],
        ['The password is wrong. Attempts left: 9.', ''],
        ['Password', 'right\r'],
        ['A code was sent to d…a@recipient.example.', ''],
        ['One-time code', '00000000\r'],
        ['The one-time code is wrong. Attempts left: 8.', ''],
        ['One-time code', () => `${lastCode()}\r`],
      ],
    )
    expect([code, screen]).toEqual([0, expect.stringMatching(/\ncontent\n$/)])
    expect(screen).not.toContain(lastCode())
    expect(smtp.received).toHaveLength(mails + 1)
  })

  it('on a terminal --send-code asks for the password that it needs', async () => {
    const { link } = await share('--otp-email', 'emil@recipient.example', '--password', 'right')
    const { code } = await onTerminal(['open', link, '--send-code'], [['Password', 'right\r']])
    expect([code, smtp.received.at(-1)?.to]).toEqual([0, ['emil@recipient.example']])
  })
})

describe('other codes', () => {
  it('--otp-sms: --send-code sends a text message, and --otp opens', async () => {
    const secret = await share('--otp-sms', '+49 151 12345678')
    const { code, stderr } = await open(secret.link, '--send-code')
    expect([code, texts.at(-1)?.to]).toEqual([0, '+4915112345678'])
    expect(stderr).not.toContain('12345678')
    await expectRefused(secret, 'Attempts left: 9', '--otp', '00000000')
    expect((await open(secret.link, '--otp', codeIn(texts.at(-1) ?? { text: '' }))).text).toBe('content')
  })

  it('--otp-totp: --otp takes the authenticator’s code, and none is sent', async () => {
    const secret = await share('--otp-totp', totpSecret)
    const { code, stderr } = await open(secret.link, '--send-code')
    expect([code, stderr]).toEqual([2, expect.stringContaining('authenticator app')])
    await expectRefused(secret, 'Attempts left: 9', '--otp', '0000000')
    expect((await open(secret.link, '--otp', totpAt(Date.now()))).text).toBe('content')
  })

  it('--send-code for a secret that asks for none is refused', async () => {
    const { code, stderr } = await open((await share()).link, '--send-code')
    expect([code, stderr]).toEqual([2, expect.stringContaining('asks for no code')])
  })
})

it('--max-attempts: wrong passwords and codes together lock it, and a right one opens it no more', async () => {
  const secret = await share('--otp-totp', totpSecret, '--password', 'right', '--max-attempts', '2')
  await expectRefused(secret, 'Attempts left: 1.', '--password', 'wrong', '--otp', totpAt(Date.now()))
  await expectRefused(secret, 'Attempts left: 0.', '--password', 'right', '--otp', '0000000')
  await expectRefused(secret, 'Locked', '--password', 'right', '--otp', totpAt(Date.now()))
})

it('--notify mails the owner that the secret was opened, once', async () => {
  const { link, slug } = await share('--notify', 'owner@sender.example', '--views', '2')
  await open(link)
  await open(link)
  const told = () => smtp.received.filter(({ to }) => to.includes('owner@sender.example'))
  await vi.waitFor(() => expect(told()).toHaveLength(1), { timeout: 20_000 })
  expect(readMail(told()[0]?.raw ?? '')).toContain(slug)
})

it('every policy at once opens for who meets them all', async () => {
  const network = ['--ip', '127.0.0.1', '--geo', 'FR', '--captcha']
  const { link } = await share(...network, '--password', 'right', '--otp-email', 'finn@recipient.example')
  await open(link, '--send-code', '--password', 'right')
  const met = ['--password', 'right', '--otp', lastCode()]
  expect(await open(link, ...met)).toMatchObject({ code: 0, text: 'content' })
})
