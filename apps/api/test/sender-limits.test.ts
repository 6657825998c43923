/** `GET /api/v1/limits`: what it says is what a create finds. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Outside, TestApp } from './support/app.ts'
import { openApp } from './support/app.ts'
import type { Json } from './support/sender.ts'
import { conversation, newId, seal } from './support/sender.ts'

let app: TestApp
afterEach(() => app.close())

const open = async (settings: Record<string, string> = {}, outside: Outside = {}): Promise<void> => {
  app = await openApp(settings, outside)
}
const bearer = () => ({ Authorization: `Bearer ${app.token}` })
const limitsOf = async (headers: Record<string, string> = {}): Promise<Json> => {
  const { status, body } = await app.call('GET', '/api/v1/limits', undefined, headers)
  expect(status).toBe(200)
  return body.data
}
const statusOf = async (fields: Json, headers: Record<string, string> = {}): Promise<number> =>
  (await conversation(app.call).create(seal({ fields }), headers)).status

describe('what is said to a sender without a token', () => {
  test('is what one with a token may do, less what the settings keep from strangers', async () => {
    await open()
    const [anonymous, owner] = [await limitsOf(), await limitsOf(bearer())]
    expect(anonymous).toMatchObject({ anonymous: true, expires_in: 2_592_000, otp: ['totp'], notify: false })
    expect(owner).toMatchObject({ anonymous: true, expires_in: 3_600_000, files_bytes: null })
    expect(anonymous.file_bytes).toBeLessThan(owner.file_bytes)
  })

  test('names the server that takes nobody without one, and a wrong token is refused', async () => {
    await open({ HALFKEY_ANONYMOUS: 'deny' })
    expect(await limitsOf()).toMatchObject({ anonymous: false })
    const { status, body } = await app.call('GET', '/api/v1/limits', undefined, {
      Authorization: 'Bearer hkt_wrong_wrong',
    })
    expect([status, body.error.code]).toEqual([401, 'AUTHENTICATION_ERROR'])
  })
})

test('requests are said to be possible for whom the settings allow them', async () => {
  for (const [setting, byAnyone, byOwner] of [
    ['token', false, true],
    ['anyone', true, true],
    ['off', false, false],
  ] as const) {
    await open({ HALFKEY_REQUESTS: setting })
    expect([(await limitsOf()).requests, (await limitsOf(bearer())).requests]).toEqual([byAnyone, byOwner])
    if (setting !== 'off') await app.close()
  }
})

describe('a create', () => {
  test('passes at the longest expiry that is said, and not a second past it', async () => {
    await open({ HALFKEY_ANONYMOUS_MAX_EXPIRES_IN: '7200', HALFKEY_MAX_EXPIRES_IN: '86400' })
    for (const headers of [{}, bearer()]) {
      const { expires_in } = (await limitsOf(headers)) as { expires_in: number }
      expect(await statusOf({ expires_in }, headers)).toBe(201)
      expect(await statusOf({ expires_in: expires_in + 1 }, headers)).toBe(422)
    }
  })

  test('passes with files as large as is said, and not with larger ones', async () => {
    await open({ HALFKEY_ANONYMOUS_MAX_FILE_BYTES: '1000', HALFKEY_MAX_FILE_BYTES: '5000' })
    for (const headers of [{}, bearer()]) {
      const { file_bytes } = (await limitsOf(headers)) as { file_bytes: number }
      const file = (size: number) => ({ attachments: [{ id: newId(), size }] })
      expect(await statusOf(file(file_bytes), headers)).toBe(201)
      expect(await statusOf(file(file_bytes + 1), headers)).toBe(413)
    }
  })

  test('is refused each policy that is said not to be enforced', async () => {
    await open({ HALFKEY_FILES: 'off', HALFKEY_REQUIRE_PASSWORD: 'on' })
    expect(await limitsOf(bearer())).toMatchObject({
      attachments: 0,
      password_required: true,
      otp: ['totp'],
      geolocation: false,
      notify: false,
    })
    const password_verifier = seal({ password: true }).body['password_verifier']
    expect(await statusOf({}, bearer())).toBe(422)
    expect(await statusOf({ password_verifier }, bearer())).toBe(201)
    const refused = [
      { attachments: [{ id: newId(), size: 29 }] },
      { otp: { type: 'email', to: 'a@example.com' } },
      { otp: { type: 'sms', to: '+4915112345678' } },
      { geolocation: ['FR'] },
      { notify: { email: 'a@example.com' } },
    ]
    for (const fields of refused)
      expect([fields, await statusOf({ password_verifier, ...fields }, bearer())]).toEqual([fields, 422])
  })

  test('takes mail where it is said, with a token alone unless strangers may', async () => {
    const mailer = { send: () => Promise.resolve() } as never
    await open({}, { mailer })
    expect(await limitsOf()).toMatchObject({ otp: ['totp'], notify: false })
    expect(await limitsOf(bearer())).toMatchObject({ otp: ['email', 'totp'], notify: true })
    expect(await statusOf({ notify: { email: 'a@example.com' } }, bearer())).toBe(201)
    await app.close()
    await open({ HALFKEY_ANONYMOUS_OTP: 'allow' }, { mailer })
    expect(await limitsOf()).toMatchObject({ otp: ['email', 'totp'], notify: true })
    expect(await statusOf({ otp: { type: 'email', to: 'a@example.com' } })).toBe(201)
  })
})
