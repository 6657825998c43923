/** Every policy when many callers come at once. What races for views is race.test.ts's business. */
import { randomBytes } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { codeIn, totpAt, totpSecret } from './support/codes.ts'
import type { PolicyApp } from './support/policies.ts'
import { openPolicyApp, outcomeOf, solutionOf, tally } from './support/policies.ts'
import { b64, newId } from './support/sender.ts'

const french = '203.0.113.5'
const email = { type: 'email', to: 'annabel@example.com' }
const sms = { type: 'sms', to: '+4915112345678' }
const wrongProof = () => b64(randomBytes(32))

let app: PolicyApp
afterEach(() => app.close())

interface Denied {
  error?: { details?: { attempts_left?: number } }
}

const times = <T>(n: number, run: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: n }, run))

test('200 wrong passwords against a limit of 10 are counted exactly', async () => {
  app = await openPolicyApp()
  const secret = await app.given({}, { password: true })
  const { reveal } = app.from(french)
  const replies = await times(200, () => reveal(secret, newId(), { password_proof: wrongProof() }))
  expect(tally(replies)).toEqual({ PASSWORD_WRONG: 10, LOCKED: 190 })
  expect(await app.owner(secret)).toMatchObject({ current_views: 0, status: 'locked' })
})

test('200 passwords, every fourth right, against a limit of 10: each wrong one is counted, none after the tenth', async () => {
  app = await openPolicyApp()
  const secret = await app.given({ maximum_views: null }, { password: true })
  const { reveal } = app.from(french)
  let n = 0
  const guess = () => (n++ % 4 === 3 ? secret.passwordProof : wrongProof())
  const replies = await times(200, () => reveal(secret, newId(), { password_proof: guess() }))
  const { revealed = 0, ...refused } = tally(replies)
  expect(refused).toEqual({ PASSWORD_WRONG: 10, LOCKED: 190 - revealed })
  const left = replies.flatMap(({ body }) => (body as Denied).error?.details?.attempts_left ?? [])
  expect(left.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(await app.owner(secret)).toMatchObject({ current_views: revealed, status: 'locked' })
})

test('wrong passwords, at a reveal or for a code, and wrong codes share one limit', async () => {
  app = await openPolicyApp()
  const secret = await app.given({ otp: email }, { password: true })
  const { requestCode, reveal } = app.from(french)
  const right = { password_proof: secret.passwordProof }
  await requestCode(secret, right)
  const guessCode = () => reveal(secret, newId(), { ...right, otp: 'wrong' })
  const guesses = [
    guessCode,
    () => reveal(secret, newId(), { password_proof: wrongProof() }),
    () => requestCode(secret, { password_proof: wrongProof() }),
  ]
  expect(tally(await times(4, guessCode))).toEqual({ OTP_WRONG: 4 })
  const replies = await Promise.all(guesses.map((guess) => times(30, guess)))
  const { PASSWORD_WRONG = 0, OTP_WRONG = 0, LOCKED } = tally(replies.flat())
  expect([PASSWORD_WRONG + OTP_WRONG, LOCKED]).toEqual([6, 84])
  expect(app.mails).toHaveLength(1)
})

test('200 wrong codes against a limit of 10 are counted exactly', async () => {
  app = await openPolicyApp()
  const secret = await app.given({ otp: email })
  const { requestCode, reveal } = app.from(french)
  await requestCode(secret)
  expect(tally(await times(200, () => reveal(secret, newId(), { otp: 'wrong' })))).toEqual({
    OTP_WRONG: 10,
    LOCKED: 190,
  })
  const right = codeIn(app.mails[0] ?? { text: '' })
  expect(outcomeOf(await reveal(secret, newId(), { otp: right }))).toBe('LOCKED')
  expect(await app.owner(secret)).toMatchObject({ current_views: 0, status: 'locked' })
})

test('the right code from 20 readers opens once', async () => {
  app = await openPolicyApp()
  const secret = await app.given({ otp: email, maximum_views: 20, max_attempts: 100 })
  const { requestCode, reveal } = app.from(french)
  await requestCode(secret)
  const otp = codeIn(app.mails[0] ?? { text: '' })
  expect(tally(await times(20, () => reveal(secret, newId(), { otp })))).toEqual({ revealed: 1, OTP_WRONG: 19 })
  expect(await app.owner(secret)).toMatchObject({ current_views: 1 })
})

test('the right code of an app from 20 readers opens once', async () => {
  app = await openPolicyApp()
  const secret = await app.given({ otp: { type: 'totp', secret: totpSecret }, maximum_views: 20, max_attempts: 100 })
  const otp = totpAt(app.clock.now())
  const replies = await times(20, () => app.from(french).reveal(secret, newId(), { otp }))
  expect(tally(replies)).toEqual({ revealed: 1, OTP_WRONG: 19 })
  expect(await app.owner(secret)).toMatchObject({ current_views: 1 })
})

test('a captcha’s solution from 20 readers opens once', async () => {
  app = await openPolicyApp()
  const secret = await app.given({ captcha: true, maximum_views: 20 })
  const { status, reveal } = app.from(french)
  const captcha = solutionOf(await status(secret))
  expect(tally(await times(20, () => reveal(secret, newId(), { captcha })))).toEqual({
    revealed: 1,
    CAPTCHA_WRONG: 19,
  })
  expect(await app.owner(secret)).toMatchObject({ current_views: 1 })
})

test('of 30 requests for a code 5 send one, and the others say when to come back', async () => {
  app = await openPolicyApp()
  const secret = await app.given({ otp: sms, expires_in: 3600 })
  const replies = await times(30, () => app.from(french).requestCode(secret))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(5)
  expect(app.texts).toHaveLength(5)
  for (const { status, headers, body } of replies) {
    if (status === 200) continue
    expect(body).toMatchObject({ error: { code: 'RATE_LIMITED', details: { limit: 'codes', maximum: 5 } } })
    expect(headers.get('Retry-After')).toBe('3600')
  }
})
