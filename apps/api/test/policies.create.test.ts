/** What a sender may ask for: nothing that this server doesn't understand or can't enforce. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import { codeIn } from './support/codes.ts'
import { readDatabase } from './support/database.ts'
import { openPolicyApp } from './support/policies.ts'
import { conversation, newId, seal } from './support/sender.ts'

const email = { type: 'email', to: 'annabel.example@example.com' }
const sms = { type: 'sms', to: '+4915112345678' }
const totp = { type: 'totp', secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }
const mailer = { send: () => Promise.resolve('id') }
const gateway = { send: () => Promise.resolve() }
const geo = { countryOf: () => null }

let app: TestApp
afterEach(() => app.close())

/** The fields that a create was refused for; empty: created. */
async function refused(fields: Record<string, unknown>, token = true): Promise<string[]> {
  const headers = token ? { Authorization: `Bearer ${app.token}` } : {}
  const reply = await app.call('POST', '/api/v1/secrets', seal({ fields }).body, headers)
  if (reply.status === 201) return []
  expect(reply.status).toBe(422)
  return Object.keys((reply.body as { error: { details: object } }).error.details)
}

describe('a create is refused, naming the field,', () => {
  test.each([
    ['geolocation', { geolocation: ['FR'] }],
    ['otp', { otp: email }],
    ['otp', { otp: sms }],
  ])('for a policy that this server can’t enforce: %s', async (field, fields) => {
    app = await openApp()
    expect(await refused(fields)).toEqual([field])
  })

  test.each([
    ...['192.0.2.07', '010.0.0.1', '127.1', '999.1.1.1/99', '10.0.0.0/33', 'fe80::1%eth0', 'example.com', '', 5].map(
      (entry) => ['ip_whitelist.1', { ip_whitelist: ['10.0.0.0/8', entry] }] as const,
    ),
    ['ip_whitelist.0', { ip_whitelist: '10.0.0.0/8;10.0.0.1' }],
    ['ip_whitelist.1', { ip_whitelist: '10.0.0.1,' }],
    ['ip_whitelist', { ip_whitelist: 10 }],
    ['geolocation.1', { geolocation: 'FR,France' }],
    ['ip_whitelist', { ip_whitelist: Array.from({ length: 101 }, () => '10.0.0.1') }],
    ...['UK', 'XX', 'fr', 'FRA', '', 'F', 'constructor', 250].map(
      (code) => ['geolocation.0', { geolocation: [code] }] as const,
    ),
    ['captcha', { captcha: 'true' }],
    ['otp.type', { otp: { type: 'fax', to: '1' } }],
    ['otp.to', { otp: { type: 'email', to: 'a@b, c@d' } }],
    ['otp.to', { otp: { type: 'email', to: 'a@example.com\r\nBcc: b@example.com' } }],
    ['otp.to', { otp: { type: 'sms', to: '0151 2345678' } }],
    ['otp.secret', { otp: { type: 'totp', secret: 'JBSWY3DPEHPK3PXP' } }],
    ['otp.secret', { otp: { type: 'totp', secret: 'gezdgnbvgy3tqojqgezdgnbvgy3tqojq' } }],
    ['otp.secret', { otp: { ...totp, secret: `${totp.secret}======` } }],
    ['otp.digits', { otp: { ...totp, digits: 8 } }],
    ['max_attempts', { max_attempts: 0 }],
    ['on_lockout', { on_lockout: 'explode' }],
  ] as const)('for a wrong value: %s of %j', async (field, fields) => {
    app = await openApp({}, { geo, mailer, sms: gateway })
    expect(await refused(fields)).toEqual([field])
  })

  test('for every wrong field at once', async () => {
    app = await openApp()
    expect(await refused({ ip_whitelist: ['x'], geolocation: ['x'], captcha: 1 })).toEqual([
      'ip_whitelist.0',
      'geolocation.0',
      'captcha',
    ])
  })
})

describe('codes by mail or SMS', () => {
  test('need a token, those of an app don’t', async () => {
    app = await openApp({}, { mailer, sms: gateway })
    expect(await refused({ otp: email }, false)).toEqual(['otp'])
    expect(await refused({ otp: sms }, false)).toEqual(['otp'])
    expect(await refused({ otp: totp }, false)).toEqual([])
    expect(await refused({ otp: email })).toEqual([])
  })

  test('need none where the server says so', async () => {
    app = await openApp({ HALFKEY_ANONYMOUS_OTP: 'allow' }, { mailer, sms: gateway })
    expect(await refused({ otp: email }, false)).toEqual([])
    expect(await refused({ otp: sms }, false)).toEqual([])
  })
})

test('details show what was asked for, networks as they were written, and never the address or the secret of codes', async () => {
  app = await openApp({}, { geo, mailer, sms: gateway })
  const sealed = seal({
    fields: { ip_whitelist: ['10.1.2.3', '::FFFF:192.0.2.0/120', '2001:DB8::/32'], geolocation: ['FR'], otp: totp },
  })
  const headers = { Authorization: `Bearer ${app.token}` }
  await app.call('POST', '/api/v1/secrets', sealed.body, headers)
  const details = await app.call('GET', `/api/v1/secrets/${sealed.slug}`, undefined, headers)
  expect(details.body).toMatchObject({
    data: {
      ip_whitelist: ['10.1.2.3', '::FFFF:192.0.2.0/120', '2001:DB8::/32'],
      geolocation: ['FR'],
      captcha: false,
      otp_type: 'totp',
    },
  })
  expect(details.text).not.toContain(totp.secret)
})

describe('at rest', () => {
  const files = (directory: string) => readdirSync(directory).map((name) => readFileSync(path.join(directory, name)))

  test.each([
    ['is burned', 'burn'],
    ['is opened and acked', 'open'],
    ['expires', 'expire'],
  ])('an address is sealed, and no byte of it is left once its secret %s', async (_, how) => {
    const policies = await openPolicyApp()
    app = policies
    const { requestCode, reveal, ack, burn } = policies.from('203.0.113.5')
    const secret = await policies.given({ otp: email })
    await requestCode(secret)
    const readSealed = 'SELECT sealed_otp FROM vault'
    const sealed = readDatabase(app.home.data, (db) => db.prepare<[], Buffer>(readSealed).pluck().get())
    expect(sealed?.length).toBeGreaterThan(email.to.length)
    const found = () =>
      files(app.home.data).flatMap((bytes) => [bytes.includes(email.to), sealed && bytes.includes(sealed)])
    expect(found()).toContain(true)
    expect(files(app.home.data).some((bytes) => bytes.includes(email.to))).toBe(false)

    if (how === 'burn') await burn(secret)
    if (how === 'expire') app.clock.advance(86_400_000)
    if (how === 'open') {
      const id = newId()
      await reveal(secret, id, { otp: codeIn(policies.mails[0] ?? { text: '' }) })
      await ack(secret, id)
    }
    await app.sweep()
    expect(found()).not.toContain(true)
    expect(readDatabase(app.home.data, (db) => db.prepare('SELECT * FROM codes').all())).toEqual([])
  })
})

test('a TOTP secret is sealed at rest', async () => {
  app = await openApp()
  const sealed = seal({ fields: { otp: totp } })
  expect((await conversation(app.call).create(sealed)).status).toBe(201)
  for (const name of readdirSync(app.home.data))
    expect(readFileSync(path.join(app.home.data, name)).includes(totp.secret)).toBe(false)
})
