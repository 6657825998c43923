/** Every policy over HTTP, alone and all together. */
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { PolicyApp } from './support/policies.ts'
import { codeIn, totpAt, totpSecret } from './support/codes.ts'
import { openPolicyApp, outcomeOf, solutionOf } from './support/policies.ts'
import { b64, newId } from './support/sender.ts'

const french = '203.0.113.5'
const american = '198.51.100.5'
const nowhere = '192.0.2.5'
const email = { type: 'email', to: 'annabel@example.com' }
const sms = { type: 'sms', to: '+4915112345678' }
const wrongProof = () => b64(randomBytes(32))

let app: PolicyApp
afterEach(() => app.close())

describe('each policy alone', () => {
  test.each([
    [
      'IP_DENIED',
      { ip_whitelist: ['203.0.113.0/25', '2001:db8::/32'] },
      [nowhere, '203.0.113.200', '2001:db9::1', null],
    ],
    ['GEO_DENIED', { geolocation: ['FR', 'DE'] }, [american, nowhere, '2001:db8::1', null]],
  ])('%s: only those who the list names learn or get anything', async (code, fields, outside) => {
    app = await openPolicyApp()
    const secret = await app.given({ ...fields, otp: email })
    for (const address of outside) {
      const { status, requestCode, reveal } = app.from(address)
      for (const reply of [await status(secret), await requestCode(secret), await reveal(secret)])
        expect(outcomeOf(reply)).toBe(code)
    }
    expect(app.mails).toEqual([])
    expect(await app.owner(secret)).toMatchObject({ current_views: 0, status: 'active' })
    expect((await app.from(french).status(secret)).status).toBe(200)
  })

  test('an empty list asks for nothing', async () => {
    app = await openPolicyApp()
    const secret = await app.given({ ip_whitelist: [], geolocation: [] })
    expect(outcomeOf(await app.from(null).reveal(secret))).toBe('revealed')
  })

  test('captcha: a reveal needs a solution of this secret’s, used once, within ten minutes', async () => {
    app = await openPolicyApp()
    const { status, reveal } = app.from(french)
    const [secret, other] = [await app.given({ captcha: true, maximum_views: 5 }), await app.given({ captcha: true })]
    const tryWith = async (captcha: string) => outcomeOf(await reveal(secret, newId(), { captcha }))

    expect(outcomeOf(await reveal(secret))).toBe('CAPTCHA_REQUIRED')
    expect(await tryWith('nonsense')).toBe('CAPTCHA_WRONG')
    expect(await tryWith(solutionOf(await status(other)))).toBe('CAPTCHA_WRONG')
    const late = solutionOf(await status(secret))
    app.clock.advance(600_000)
    expect(await tryWith(late)).toBe('CAPTCHA_WRONG')
    expect(await app.owner(secret)).toMatchObject({ current_views: 0 })

    const solution = solutionOf(await status(secret))
    expect(await tryWith(solution)).toBe('revealed')
    expect(await tryWith(solution)).toBe('CAPTCHA_WRONG')
    expect(await app.owner(secret)).toMatchObject({ current_views: 1 })
  })

  test.each([
    ['email', email, 'a…l@example.com'],
    ['sms', sms, '+49…78'],
  ])(
    'otp by %s: the code goes to its address, which replies show masked, and opens once',
    async (type, otp, masked) => {
      app = await openPolicyApp()
      const { status, requestCode, reveal } = app.from(french)
      const secret = await app.given({ otp, maximum_views: 5 })
      const seen = await status(secret)
      expect(seen.body).toMatchObject({ data: { otp: { type, to: masked } } })
      const sent = await requestCode(secret)
      const expires_at = new Date(app.clock.now() + 600_000).toISOString()
      expect(sent.body).toMatchObject({ data: { type, to: masked, expires_at } })

      const message = (type === 'email' ? app.mails : app.texts)[0]
      expect(message).toMatchObject({ to: otp.to })
      const code = codeIn(message ?? { text: '' })
      expect(code).toMatch(/^\d{8}$/)
      expect(outcomeOf(await reveal(secret))).toBe('OTP_REQUIRED')
      const wrong = await reveal(secret, newId(), { otp: code === '00000000' ? '00000001' : '00000000' })
      expect(wrong.body).toMatchObject({ error: { code: 'OTP_WRONG', details: { attempts_left: 9 } } })
      expect(await app.owner(secret)).toMatchObject({ current_views: 0 })
      const opened = await reveal(secret, newId(), { otp: code })
      expect(outcomeOf(opened)).toBe('revealed')
      expect(outcomeOf(await reveal(secret, newId(), { otp: code }))).toBe('OTP_WRONG')
      for (const reply of [seen, sent, wrong, opened]) {
        expect(reply.text).not.toContain(otp.to)
        expect(reply.text).not.toContain(code)
      }
    },
  )

  test('otp: the newest code counts, and none after ten minutes', async () => {
    app = await openPolicyApp()
    const { requestCode, reveal } = app.from(french)
    const secret = await app.given({ otp: email })
    await requestCode(secret)
    await requestCode(secret)
    const [older, newer] = app.mails.map(codeIn)
    expect(outcomeOf(await reveal(secret, newId(), { otp: older }))).toBe('OTP_WRONG')
    app.clock.advance(600_000)
    expect(outcomeOf(await reveal(secret, newId(), { otp: newer }))).toBe('OTP_WRONG')
    await requestCode(secret)
    expect(outcomeOf(await reveal(secret, newId(), { otp: codeIn(app.mails[2] ?? { text: '' }) }))).toBe('revealed')
  })

  test('otp: a message bears the code and the server’s name, and nothing of the secret', async () => {
    app = await openPolicyApp()
    const secret = await app.given({ otp: email })
    await app.from(french).requestCode(secret)
    const message = JSON.stringify(app.mails)
    expect(message).toContain('https://halfkey.test')
    for (const part of [secret.slug, secret.access, secret.keyA, b64(secret.keyB)]) expect(message).not.toContain(part)
  })

  test('otp by app: RFC 6238 codes, none twice, one step of drift', async () => {
    app = await openPolicyApp()
    const { status, requestCode, reveal } = app.from(french)
    const secret = await app.given({ otp: { type: 'totp', secret: totpSecret }, maximum_views: 5 })
    const tryAt = async (time: number) => outcomeOf(await reveal(secret, newId(), { otp: totpAt(time) }))
    const now = app.clock.now()

    expect((await status(secret)).body).toMatchObject({ data: { otp: { type: 'totp', to: null } } })
    expect((await requestCode(secret)).body).toMatchObject({
      error: { code: 'VALIDATION_ERROR', details: { otp: [expect.any(String)] } },
    })
    expect(await tryAt(now - 60_000)).toBe('OTP_WRONG')
    expect(await tryAt(now - 30_000)).toBe('revealed')
    expect(await tryAt(now)).toBe('revealed')
    expect(await tryAt(now)).toBe('OTP_WRONG')
    expect(await tryAt(now - 30_000)).toBe('OTP_WRONG')
    app.clock.advance(30_000)
    expect(await tryAt(app.clock.now())).toBe('revealed')
  })

  test('a code for a secret that asks for none is refused, naming otp', async () => {
    app = await openPolicyApp()
    const reply = await app.from(french).requestCode(await app.given({}))
    expect(reply.status).toBe(422)
    expect(reply.body).toMatchObject({ error: { details: { otp: [expect.any(String)] } } })
  })

  test('lock-out: the owner’s unlock lets readers try again, and ask for codes again', async () => {
    app = await openPolicyApp()
    const { requestCode, reveal, patch } = app.from(french)
    const secret = await app.given({ otp: email, max_attempts: 2 })
    for (let n = 0; n < 5; n++) await requestCode(secret)
    for (let n = 0; n < 2; n++) expect(outcomeOf(await reveal(secret, newId(), { otp: 'wrong' }))).toBe('OTP_WRONG')
    const code = codeIn(app.mails[4] ?? { text: '' })
    expect(outcomeOf(await reveal(secret, newId(), { otp: code }))).toBe('LOCKED')
    expect(outcomeOf(await requestCode(secret))).toBe('LOCKED')
    expect((await patch(secret, { unlock: true })).status).toBe(200)
    await requestCode(secret)
    expect(app.mails).toHaveLength(6)
    expect(outcomeOf(await reveal(secret, newId(), { otp: codeIn(app.mails[5] ?? { text: '' }) }))).toBe('revealed')
  })

  test('lock-out: a secret whose sender chose so is burned by the last attempt, and says when', async () => {
    app = await openPolicyApp()
    const { status, requestCode, reveal } = app.from(french)
    const secret = await app.given({ otp: email, max_attempts: 2, on_lockout: 'burn' })
    await requestCode(secret)
    await reveal(secret, newId(), { otp: 'wrong' })
    app.clock.advance(1000)
    const at = new Date(app.clock.now()).toISOString()
    const last = await reveal(secret, newId(), { otp: 'wrong' })
    expect(last.body).toMatchObject({ error: { code: 'OTP_WRONG', details: { attempts_left: 0 } } })
    app.clock.advance(1000)
    const otp = codeIn(app.mails[0] ?? { text: '' })
    for (const reply of [await status(secret), await requestCode(secret), await reveal(secret, newId(), { otp })])
      expect(reply.body).toMatchObject({ error: { code: 'GONE', details: { cause: 'locked_out', at } } })
    expect(app.mails).toHaveLength(1)
  })

  test('lock-out: a locked secret expires as any other', async () => {
    app = await openPolicyApp()
    const { status, requestCode, reveal } = app.from(french)
    const secret = await app.given({ otp: email, max_attempts: 1, expires_in: 60 })
    await reveal(secret, newId(), { otp: 'wrong' })
    expect(outcomeOf(await status(secret))).toBe('LOCKED')
    app.clock.advance(60_000)
    for (const reply of [await status(secret), await requestCode(secret), await reveal(secret)])
      expect(reply.body).toMatchObject({ error: { code: 'GONE', details: { cause: 'expired' } } })
  })
})

describe('all policies together', () => {
  test('are asked in the order that spends least: none spends a view, counts or sends before all before it passed', async () => {
    app = await openPolicyApp()
    const { status, requestCode, reveal } = app.from(french)
    const secret = await app.given(
      { ip_whitelist: ['203.0.113.0/24', '198.51.100.0/24', nowhere], geolocation: ['FR'], captcha: true, otp: email },
      { password: true },
    )
    const fresh = async () => solutionOf(await status(secret))
    const right = { password_proof: secret.passwordProof }
    const wrong = { password_proof: wrongProof() }
    const refusals: [string, () => Promise<string>][] = [
      ['IP_DENIED', async () => outcomeOf(await app.from('192.0.2.6').reveal(secret, newId(), right))],
      ['GEO_DENIED', async () => outcomeOf(await app.from(american).reveal(secret, newId(), right))],
      ['GEO_DENIED', async () => outcomeOf(await app.from(nowhere).requestCode(secret, right))],
      ['CAPTCHA_REQUIRED', async () => outcomeOf(await reveal(secret, newId(), wrong))],
      ['CAPTCHA_WRONG', async () => outcomeOf(await reveal(secret, newId(), { ...wrong, captcha: 'x', otp: '1' }))],
      ['PASSWORD_REQUIRED', async () => outcomeOf(await reveal(secret, newId(), { captcha: await fresh(), otp: '1' }))],
      ['CAPTCHA_REQUIRED', async () => outcomeOf(await requestCode(secret, wrong))],
      ['CAPTCHA_WRONG', async () => outcomeOf(await requestCode(secret, { ...wrong, captcha: 'x' }))],
      ['PASSWORD_REQUIRED', async () => outcomeOf(await requestCode(secret, { captcha: await fresh() }))],
    ]
    for (const [code, refused] of refusals) expect(await refused()).toBe(code)
    expect((await status(secret)).body).toMatchObject({ data: { attempts_left: 10, views_left: 1 } })
    expect(app.mails).toEqual([])

    const guess = { ...wrong, captcha: await fresh(), otp: '12345678' }
    expect(outcomeOf(await reveal(secret, newId(), guess))).toBe('PASSWORD_WRONG')
    expect(outcomeOf(await requestCode(secret, { ...wrong, captcha: await fresh() }))).toBe('PASSWORD_WRONG')
    expect(app.mails).toEqual([])
    expect(outcomeOf(await reveal(secret, newId(), { ...right, captcha: await fresh() }))).toBe('OTP_REQUIRED')
    expect((await requestCode(secret, { ...right, captcha: await fresh() })).status).toBe(200)
    expect(app.mails).toHaveLength(1)
    const otp = codeIn(app.mails[0] ?? { text: '' })
    expect(outcomeOf(await reveal(secret, newId(), { ...right, captcha: await fresh(), otp: 'x' }))).toBe('OTP_WRONG')
    expect((await status(secret)).body).toMatchObject({ data: { attempts_left: 7, views_left: 1 } })

    expect(outcomeOf(await reveal(secret, newId(), { ...right, captcha: await fresh(), otp }))).toBe('revealed')
    expect(await app.owner(secret)).toMatchObject({ current_views: 1, status: 'viewed' })
    expect(outcomeOf(await requestCode(secret, right))).toBe('GONE')
    expect(app.mails).toHaveLength(1)
  })

  test('a right code outlives a refusal of every policy before it, and a captcha those of the policies before that', async () => {
    app = await openPolicyApp()
    const { status, requestCode, reveal } = app.from(french)
    const fields = { ip_whitelist: ['203.0.113.0/24', nowhere], geolocation: ['FR'], captcha: true, otp: email }
    const secret = await app.given(fields, { password: true })
    const right = { password_proof: secret.passwordProof }
    const fresh = async () => solutionOf(await status(secret))
    await requestCode(secret, { ...right, captcha: await fresh() })
    const otp = codeIn(app.mails[0] ?? { text: '' })
    const captcha = await fresh()

    const all = { ...right, otp, captcha }
    expect(outcomeOf(await app.from(american).reveal(secret, newId(), all))).toBe('IP_DENIED')
    expect(outcomeOf(await app.from(nowhere).reveal(secret, newId(), all))).toBe('GEO_DENIED')
    expect(outcomeOf(await reveal(secret, newId(), { ...right, otp }))).toBe('CAPTCHA_REQUIRED')
    expect(outcomeOf(await reveal(secret, newId(), { otp, captcha: await fresh() }))).toBe('PASSWORD_REQUIRED')
    const wrong = { otp, captcha: await fresh(), password_proof: wrongProof() }
    expect(outcomeOf(await reveal(secret, newId(), wrong))).toBe('PASSWORD_WRONG')
    expect(await app.owner(secret)).toMatchObject({ current_views: 0 })
    expect(outcomeOf(await reveal(secret, newId(), all))).toBe('revealed')
  })

  test('a captcha’s solution lets one password or code be tried, right or wrong', async () => {
    app = await openPolicyApp()
    const { status, reveal } = app.from(french)
    const totp = { type: 'totp', secret: totpSecret }
    const secret = await app.given({ captcha: true, otp: totp, maximum_views: 2 }, { password: true })
    const right = { password_proof: secret.passwordProof, otp: totpAt(app.clock.now()) }
    for (const [outcome, guess] of [
      ['PASSWORD_WRONG', { ...right, password_proof: wrongProof() }],
      ['OTP_WRONG', { ...right, otp: '00000000' }],
      ['revealed', right],
    ] as const) {
      const captcha = solutionOf(await status(secret))
      expect(outcomeOf(await reveal(secret, newId(), { ...guess, captcha }))).toBe(outcome)
      expect(outcomeOf(await reveal(secret, newId(), { ...right, captcha }))).toBe('CAPTCHA_WRONG')
    }
  })

  test('a captcha’s solution lets one password be tried where a code is asked for, and nobody locks or burns without one', async () => {
    app = await openPolicyApp()
    const { status, requestCode, reveal } = app.from(french)
    const fields = { captcha: true, otp: email, max_attempts: 2, on_lockout: 'burn' }
    const secret = await app.given(fields, { password: true })
    const right = { password_proof: secret.passwordProof }
    for (let n = 0; n < 5; n++)
      expect(outcomeOf(await requestCode(secret, { password_proof: wrongProof() }))).toBe('CAPTCHA_REQUIRED')
    expect((await status(secret)).body).toMatchObject({ data: { attempts_left: 2 } })
    for (const [outcome, guess] of [
      ['PASSWORD_WRONG', { password_proof: wrongProof() }],
      ['revealed', right],
    ] as const) {
      const captcha = solutionOf(await status(secret))
      expect(outcomeOf(await requestCode(secret, { ...guess, captcha }))).toBe(outcome)
      expect(outcomeOf(await requestCode(secret, { ...right, captcha }))).toBe('CAPTCHA_WRONG')
      expect(outcomeOf(await reveal(secret, newId(), { ...right, captcha }))).toBe('CAPTCHA_WRONG')
    }
    expect(app.mails).toHaveLength(1)
    expect(await app.owner(secret)).toMatchObject({ status: 'active' })
  })

  test.each([
    ['no code', {}],
    ['the code of an app', { otp: { type: 'totp', secret: totpSecret } }],
  ])('a secret that asks for %s never says of a password whether it is right, but by a reveal', async (_, fields) => {
    app = await openPolicyApp()
    const { status, requestCode } = app.from(french)
    const secret = await app.given(fields, { password: true })
    const replies = await Promise.all(
      [{}, { password_proof: wrongProof() }, { password_proof: secret.passwordProof }].map((guess) =>
        requestCode(secret, guess),
      ),
    )
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
    expect(replies[0]?.body).toMatchObject({
      error: { code: 'VALIDATION_ERROR', details: { otp: [expect.any(String)] } },
    })
    expect((await status(secret)).body).toMatchObject({ data: { attempts_left: 10 } })
  })

  test('C6: a recorded reveal is repeated without captcha and code, from anywhere', async () => {
    app = await openPolicyApp()
    const { status, requestCode, reveal } = app.from(french)
    const secret = await app.given({ geolocation: ['FR'], captcha: true, otp: email })
    await requestCode(secret, { captcha: solutionOf(await status(secret)) })
    const revealId = newId()
    const fields = { captcha: solutionOf(await status(secret)), otp: codeIn(app.mails[0] ?? { text: '' }) }
    const first = await reveal(secret, revealId, fields)
    expect(outcomeOf(first)).toBe('revealed')
    expect((await app.from(american).reveal(secret, revealId)).text).toBe(first.text)
  })
})

describe('codes that can’t be sent', () => {
  test('are UNAVAILABLE, with nothing of the address, and stay counted', async () => {
    app = await openPolicyApp()
    const secret = await app.given({ otp: email })
    const { requestCode, reveal } = app.from(french)
    app.breakDelivery()
    const reply = await requestCode(secret)
    expect(reply.status).toBe(503)
    expect(reply.body).toMatchObject({ error: { code: 'UNAVAILABLE' } })
    expect(reply.text).not.toContain('example.com')
    for (let n = 1; n < 5; n++) expect(outcomeOf(await requestCode(secret))).toBe('UNAVAILABLE')
    expect(outcomeOf(await requestCode(secret))).toBe('RATE_LIMITED')
    expect(outcomeOf(await reveal(secret, newId(), { otp: '00000000' }))).toBe('OTP_WRONG')
  })
})
