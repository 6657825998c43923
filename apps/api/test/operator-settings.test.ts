/** What an operator may demand of every secret, or switch off. */
import { afterEach, describe, expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import type { TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import type { Reply, SealOptions } from './support/sender.ts'
import { conversation, seal } from './support/sender.ts'

let app: TestApp | undefined
afterEach(async () => {
  await app?.close()
  app = undefined
})

async function create(settings: Record<string, string>, options: SealOptions = {}, withToken = false): Promise<Reply> {
  app ??= await openApp(settings)
  return conversation(app.call).create(seal(options), withToken ? { Authorization: `Bearer ${app.token}` } : {})
}

const refusedField = (field: string) => ({
  status: 422,
  body: { error: { code: 'VALIDATION_ERROR', details: { [field]: [expect.any(String)] } } },
})

describe.each([
  ['a sender without a token', false],
  ['a token', true],
])('for %s', (_who, withToken) => {
  test('HALFKEY_REQUIRE_PASSWORD=on refuses secrets without a password, by name, and no others', async () => {
    const settings = { HALFKEY_REQUIRE_PASSWORD: 'on' }
    expect(await create(settings, {}, withToken)).toMatchObject(refusedField('password_verifier'))
    expect((await create(settings, { password: true }, withToken)).status).toBe(201)
  })

  test('HALFKEY_MAX_EXPIRES_IN refuses longer expiries, by name, and no others', async () => {
    const settings = { HALFKEY_MAX_EXPIRES_IN: '3600' }
    const expiring = (expires_in: number) => create(settings, { fields: { expires_in } }, withToken)
    expect(await expiring(3601)).toMatchObject(refusedField('expires_in'))
    expect((await expiring(3600)).status).toBe(201)
  })

  test('without HALFKEY_SMTP_URL mail is off: codes by mail and notices are refused, by name', async () => {
    const to = 'reader@example.com'
    const asking = (fields: Record<string, unknown>) =>
      create({ HALFKEY_ANONYMOUS_OTP: 'allow' }, { fields }, withToken)
    expect(await asking({ otp: { type: 'email', to } })).toMatchObject(refusedField('otp'))
    expect(await asking({ notify: { email: to } })).toMatchObject(refusedField('notify'))
  })
})

test('everything that the settings forbid is refused at once, by name', async () => {
  const settings = { HALFKEY_REQUIRE_PASSWORD: 'on', HALFKEY_ANONYMOUS_MAX_EXPIRES_IN: '3600' }
  const to = 'reader@example.com'
  const fields = { expires_in: 3601, geolocation: ['FR'], otp: { type: 'email', to }, notify: { email: to } }
  const { body } = await create(settings, { fields })
  const names = ['expires_in', 'geolocation', 'notify', 'otp', 'password_verifier']
  expect(Object.keys(body.error.details as object).sort()).toEqual(names)
})

test('HALFKEY_ANONYMOUS=deny asks senders for a token, and leaves links open to anybody', async () => {
  expect(await create({ HALFKEY_ANONYMOUS: 'deny' })).toMatchObject({
    status: 401,
    body: { error: { code: 'AUTHENTICATION_ERROR' } },
  })
  const sealed = seal()
  const { create: send, reveal } = conversation(app?.call ?? expect.unreachable())
  expect((await send(sealed, { Authorization: `Bearer ${app?.token}` })).status).toBe(201)
  expect((await reveal(sealed)).status).toBe(200)
})

test.each([
  ['HALFKEY_REQUIRE_PASSWORD', 'yes'],
  ['HALFKEY_MAX_EXPIRES_IN', '59'],
  ['HALFKEY_ANONYMOUS', 'off'],
  ['HALFKEY_CLIENT_IP_HEADER', 'Forwarded'],
  ['HALFKEY_CLIENT_IP_HEADER', 'X-Forwarded-For, X-Real-IP'],
  ['HALFKEY_TRUSTED_PROXIES', '10.0.0.0/8,'],
  ['HALFKEY_TRUSTED_PROXIES', '10.0.0.1 10.0.0.2'],
  ['HALFKEY_SMTP_URL', 'nonsense'],
  ['HALFKEY_SMS_URL', 'sms.example'],
  ['HALFKEY_RATE_LIMIT', 'true'],
  ['HALFKEY_RATE_LIMIT_URL', 'mysql://localhost'],
  ['HALFKEY_RATE_CREATE', '0'],
  ['HALFKEY_RATE_OPEN', '-1'],
  ['HALFKEY_QUOTA_SECRETS', '1e9'],
  ['HALFKEY_QUOTA_BYTES', ''],
])('a wrong %s stops the start with a sentence that names it', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} .*\\.$`))
})
