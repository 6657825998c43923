/** One-time codes, TOTP steps and captchas, which are each good for one reveal: spec/protocol.md section 9. */
import { describe, expect, test } from 'vitest'
import { codePolicies, firstDenial } from '../../src/domain/policies/reveal.ts'
import type { Content, Secret } from '../../src/domain/secrets/secret.ts'
import type { CaptchaShown, CodeOutcome } from '../../src/store/store.ts'
import type { OpenStore } from './fixture.ts'
import { bytes, caller, denied, file, hour, never, newSecret, start, useStore } from './fixture.ts'

const minute = 60_000
const limit = 5

export function describeCodes(open: OpenStore): void {
  const { store, given, reveal, stateOf, upload } = useStore(open)

  const withCode = (fields: Parameters<typeof given>[0] = {}, content: Partial<Content> = {}) =>
    given({
      otpType: 'email',
      maximumViews: 10,
      content: { ...newSecret().content, sealedOtp: bytes(50), ...content },
      ...fields,
    })

  const send = (
    secret: Secret,
    verifier = bytes(32),
    now = start,
    proofVerifier: Buffer | null = null,
    captcha: CaptchaShown = 'missing',
  ) =>
    store().recordCode({
      secretId: secret.id,
      verifier,
      expiresAt: now + 10 * minute,
      proofVerifier,
      captcha,
      decide: (row, evidence) =>
        firstDenial(codePolicies, { ...evidence, secret: row, otp: 'missing', ip: null, country: null, now }),
      limit,
      now,
      caller,
    })
  const use = (secret: Secret, codeVerifier: Buffer | null, now = start) =>
    reveal(secret, bytes(16), now, { codeVerifier })

  const recorded = (secret: { sent: { content: Content } }): CodeOutcome => ({
    kind: 'recorded',
    sealedOtp: secret.sent.content.sealedOtp ?? bytes(0),
  })

  describe('one-time codes', () => {
    test('a code opens once, and a code that was used is wrong', async () => {
      const secret = await withCode()
      const code = bytes(32)
      expect(await send(secret, code)).toEqual(recorded(secret))
      expect(await use(secret, code)).toMatchObject({ kind: 'revealed' })
      expect(await use(secret, code)).toEqual(denied('OTP_WRONG'))
    })

    test('no code is missing and costs no attempt; a wrong one costs one; neither spends a view', async () => {
      const secret = await withCode()
      await send(secret)
      expect(await use(secret, null)).toEqual(denied('OTP_REQUIRED'))
      expect(await store().readRecord(secret.id)).toMatchObject({ failedAttempts: 0 })
      expect(await use(secret, bytes(32))).toEqual(denied('OTP_WRONG'))
      expect(await store().readRecord(secret.id)).toMatchObject({ failedAttempts: 1, views: 0 })
    })

    test('before any code was sent every code is wrong', async () => {
      expect(await use(await withCode(), bytes(32))).toEqual(denied('OTP_WRONG'))
    })

    test('none is sent for a secret whose files aren’t there yet', async () => {
      const secret = await withCode({ attachments: [file()] })
      expect(await send(secret)).toEqual(denied('NOT_FOUND'))
      await upload(secret)
      expect(await send(secret)).toEqual(recorded(secret))
    })

    test('only the newest code is right', async () => {
      const secret = await withCode()
      const [older, newer] = [bytes(32), bytes(32)]
      await send(secret, older)
      await send(secret, newer)
      expect(await use(secret, older)).toEqual(denied('OTP_WRONG'))
      expect(await use(secret, newer)).toMatchObject({ kind: 'revealed' })
    })

    test('a code is wrong from its expiry on', async () => {
      const secret = await withCode()
      const code = bytes(32)
      await send(secret, code)
      expect(await use(secret, code, start + 10 * minute)).toEqual(denied('OTP_WRONG'))
      expect(await use(secret, code, start + 10 * minute - 1)).toMatchObject({ kind: 'revealed' })
    })

    test('a code of one secret opens no other', async () => {
      const [one, other] = [await withCode(), await withCode()]
      const code = bytes(32)
      await send(one, code)
      await send(other)
      expect(await use(other, code)).toEqual(denied('OTP_WRONG'))
    })

    test('of codes asked for at once no more are recorded than may be unused, expired ones included', async () => {
      const secret = await withCode()
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => send(secret)))
      expect(outcomes.filter(({ kind }) => kind === 'recorded')).toHaveLength(limit)
      expect(outcomes.filter(({ kind }) => kind === 'denied')).toEqual(Array(20 - limit).fill(denied('RATE_LIMITED')))
      expect(await send(secret, bytes(32), start + hour - 1)).toEqual(denied('RATE_LIMITED'))
    })

    test('a reveal resets the count, and so does the owner’s unlock', async () => {
      const secret = await withCode()
      const fill = async (last: Buffer) => {
        for (let n = 1; n < limit; n++) await send(secret)
        await send(secret, last)
        expect(await send(secret)).toEqual(denied('RATE_LIMITED'))
      }
      const code = bytes(32)
      await fill(code)
      await use(secret, code)
      await fill(bytes(32))
      await store().patch(secret.id, { fields: { unlock: true }, now: start, caller })
      expect(await send(secret)).toEqual(recorded(secret))
    })

    test('a policy’s refusal records no code, and a wrong password counts', async () => {
      const passwordVerifier = bytes(32)
      const secret = await withCode({ hasPassword: true }, { passwordVerifier })
      const code = bytes(32)
      expect(await send(secret, code)).toEqual(denied('PASSWORD_REQUIRED'))
      expect(await send(secret, code, start, bytes(32))).toEqual(denied('PASSWORD_WRONG'))
      expect(await store().readRecord(secret.id)).toMatchObject({ failedAttempts: 1 })
      const tried = await reveal(secret, bytes(16), start, { proofVerifier: passwordVerifier, codeVerifier: code })
      expect(tried).toEqual(denied('OTP_WRONG'))
      expect(await send(secret, code, start, passwordVerifier)).toEqual(recorded(secret))
    })

    test('wrong codes at once are counted one by one and lock at the limit, the right one too late included', async () => {
      const secret = await withCode()
      const code = bytes(32)
      await send(secret, code)
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => use(secret, bytes(32))))
      expect(outcomes).toEqual([...Array<unknown>(3).fill(denied('OTP_WRONG')), denied('LOCKED')])
      expect(await use(secret, code)).toEqual(denied('LOCKED'))
      expect(await send(secret)).toEqual(denied('LOCKED'))
      expect(await stateOf(secret)).toBe('locked')
    })

    test('the same code at once opens once', async () => {
      const secret = await withCode()
      const code = bytes(32)
      await send(secret, code)
      const outcomes = await Promise.all([1, 2, 3].map(() => use(secret, code)))
      expect(outcomes.filter(({ kind }) => kind === 'revealed')).toHaveLength(1)
    })

    test('the address goes with the content', async () => {
      const secret = await withCode()
      expect(await store().readRecord(secret.id)).toMatchObject({ sealedOtp: secret.sent.content.sealedOtp })
      await store().burn(secret.id, start, caller)
      expect(await store().readRecord(secret.id)).toMatchObject({ sealedOtp: null })
      expect(await send(secret)).toEqual(denied('GONE'))
    })
  })

  describe('TOTP', () => {
    const totp = () => withCode({ otpType: 'totp' })
    const useStep = (secret: Secret, step: number | null) =>
      reveal(secret, bytes(16), start, {
        codeVerifier: bytes(32),
        matchTotp: (_, lastStep) => (step !== null && (lastStep === null || step > lastStep) ? step : null),
      })

    test('a time step opens once, and so does every later one', async () => {
      const secret = await totp()
      expect(await useStep(secret, 7)).toMatchObject({ kind: 'revealed' })
      expect(await useStep(secret, 7)).toEqual(denied('OTP_WRONG'))
      expect(await useStep(secret, 6)).toEqual(denied('OTP_WRONG'))
      expect(await useStep(secret, 8)).toMatchObject({ kind: 'revealed' })
      expect(await store().readRecord(secret.id)).toMatchObject({ otpLastStep: 8, views: 2 })
    })

    test('the same step at once opens once', async () => {
      const secret = await totp()
      const outcomes = await Promise.all([1, 2, 3].map(() => useStep(secret, 7)))
      expect(outcomes.filter(({ kind }) => kind === 'revealed')).toHaveLength(1)
    })

    test('the write itself takes no step that isn’t newer, whatever the policies say', async () => {
      const secret = await totp()
      const careless = (step: number) =>
        reveal(secret, bytes(16), start, { codeVerifier: bytes(32), matchTotp: () => step })
      expect(await careless(7)).toMatchObject({ kind: 'revealed' })
      await expect(careless(7)).rejects.toThrow()
      expect(await store().readRecord(secret.id)).toMatchObject({ views: 1 })
    })
  })

  describe('captchas', () => {
    const solved = () => ({ id: bytes(32), expiresAt: start + 10 * minute })
    const useSolved = (secret: Secret, captcha: ReturnType<typeof solved>, proofVerifier: Buffer | null = null) =>
      reveal(secret, bytes(16), start, { captcha, proofVerifier })
    const asking = (fields: Parameters<typeof given>[0] = {}) => given({ captcha: true, maximumViews: 10, ...fields })

    test('none is missing, a wrong one is wrong, and neither spends a view', async () => {
      const secret = await asking()
      expect(await reveal(secret, bytes(16))).toEqual(denied('CAPTCHA_REQUIRED'))
      expect(await reveal(secret, bytes(16), start, { captcha: 'wrong' })).toEqual(denied('CAPTCHA_WRONG'))
      expect(await store().readRecord(secret.id)).toMatchObject({ views: 0, failedAttempts: 0 })
    })

    test('a solution opens once, at once too', async () => {
      const secret = await asking()
      const captcha = solved()
      const outcomes = await Promise.all([1, 2, 3].map(() => useSolved(secret, captcha)))
      expect(outcomes.filter(({ kind }) => kind === 'revealed')).toHaveLength(1)
      expect(outcomes.filter(({ kind }) => kind === 'denied')).toEqual(Array(2).fill(denied('CAPTCHA_WRONG')))
      expect(await useSolved(secret, solved())).toMatchObject({ kind: 'revealed' })
    })

    test('a solution is used up by the password that it let be tried', async () => {
      const secret = await asking({
        hasPassword: true,
        content: { ...newSecret().content, passwordVerifier: bytes(32) },
      })
      const captcha = solved()
      expect(await useSolved(secret, captcha, bytes(32))).toEqual(denied('PASSWORD_WRONG'))
      expect(await useSolved(secret, captcha, bytes(32))).toEqual(denied('CAPTCHA_WRONG'))
      expect(await store().readRecord(secret.id)).toMatchObject({ failedAttempts: 1 })
    })

    test('what was used is remembered until it expires', async () => {
      const secret = await asking({ expiresAt: start + hour })
      const captcha = solved()
      await useSolved(secret, captcha)
      await store().sweep(captcha.expiresAt - 1, never)
      expect(await useSolved(secret, captcha)).toEqual(denied('CAPTCHA_WRONG'))
      await store().sweep(captcha.expiresAt, never)
      expect(await useSolved(secret, captcha)).toMatchObject({ kind: 'revealed' })
    })
  })
}
