/** A recipient's mail, taken by a real SMTP server. */
import { openLink } from '@halfkey/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readMail, startSmtpServer, type TestSmtpServer } from '../../../../apps/api/test/support/smtp.ts'
import { basic, useBridge } from '../support/bridge.ts'

const { another, app, problems } = useBridge()

let smtp: TestSmtpServer
/** Takes no mail for nobody@example.com. */
beforeAll(async () => {
  smtp = await startSmtpServer({
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _, callback) => callback(address.startsWith('nobody') ? new Error('no') : undefined),
  })
})
afterAll(() => smtp.close())

const share = (params: Record<string, string>, headers = basic(), path = '/share') => {
  const mail = { smtpUrl: `smtp://127.0.0.1:${smtp.port}`, from: 'bridge@example.com' }
  const form = new URLSearchParams(params).toString()
  return another({ mail }).call('POST', `/api/v1${path}`, {
    headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form,
  })
}

const lastMail = () => {
  const { to, raw } = smtp.received.at(-1) ?? { to: [], raw: '' }
  return { to, text: readMail(raw) }
}

describe('a recipient is mailed the link, and shown masked', () => {
  test.each([
    ['recipient', '/share'],
    ['recipient[]', '/share'],
    ['recipient', '/generate'],
  ])('as %s of %s', async (name, path) => {
    const { json } = await share({ secret: 'plain text', [name]: 'someone@mail.example.co.uk' }, basic(), path)
    expect(json).toMatchObject({ recipient: ['so***@m***.co.uk'], recipients: ['so***@m***.co.uk'] })
    const { to, text } = lastMail()
    expect(to).toEqual(['someone@mail.example.co.uk'])
    expect(text).not.toContain('plain text')
    const [url = ''] = /https:\/\/halfkey\.test\/\S+/.exec(text) ?? []
    const link = await openLink(url, { fetch: (input, init) => app().fetch(new Request(input, init)) })
    expect((await link.reveal()).text).toBe(json.value ?? 'plain text')
  })

  test('of whom only the first gets it', async () => {
    const before = smtp.received.length
    const { json } = await share({ secret: 'x', recipient: 'one@example.com, two@example.com' })
    expect(json.recipient).toEqual(['on***@e***.com'])
    expect(smtp.received.slice(before).map(({ to }) => to)).toEqual([['one@example.com']])
  })

  test('with the share_domain’s host, if one was asked for', async () => {
    await share({ secret: 'x', recipient: 'one@example.com', share_domain: 'secrets.example.org' })
    expect(lastMail().text).toMatch(/https:\/\/secrets\.example\.org\/[1-9A-Za-z]{13}#1/)
  })

  test('and the receipt still shows it, masked', async () => {
    const { json } = await share({ secret: 'x', recipient: 'a@example.com' })
    const receipt = await another().call('GET', `/api/v1/private/${json.metadata_key}`)
    expect(receipt.json.recipient).toEqual(['a***@e***.com'])
  })
})

test('nobody is mailed without a word of it: who can’t be is an error, and nothing stays shared', async () => {
  const { status, json, headers } = await share({ secret: 'x', recipient: 'nobody@example.com' })
  expect([status, json]).toEqual([404, { message: 'Undeliverable email address: nobody@example.com' }])
  expect(headers.get('X-OTS-Intended-Status')).toBe('400')
  const { id } = await app().store.firstWorkspace('default', 0)
  const { secrets } = await app().store.listSecrets({ workspaceId: id, page: 1, perPage: 1 })
  expect(secrets[0]?.state).toBe('burned')
  expect(problems.join()).not.toContain('nobody@example.com')
})

test.each([['one@example.com\r\nBcc: two@example.com'], ['one@example.com, nobody'], ['"a b"@example.com']])(
  'an address that isn’t one is refused, and nothing is made: %j',
  async (recipient) => {
    const before = smtp.received.length
    expect((await share({ secret: 'x', recipient })).json.message).toMatch(/^Undeliverable email address: /)
    expect(smtp.received).toHaveLength(before)
  },
)
