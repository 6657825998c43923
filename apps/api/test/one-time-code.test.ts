import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { Secret as TotpSecret } from 'otpauth'
import { describe, expect, test } from 'vitest'
import { createServerKey } from '../src/adapters/server-key.ts'
import { codeVerifier, maskAddress, matchTotp, newCode, openOtp, sealOtp } from '../src/domain/secrets/one-time-code.ts'

/** RFC 6238 appendix B: the SHA-1 rows, time in seconds and TOTP; of its 8 digits authenticator apps show the last 6. */
const rfc6238 = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
] as const
const secret = TotpSecret.fromLatin1('12345678901234567890').base32
const stepAt = (seconds: number) => Math.floor(seconds / 30)
const match = (code: string, seconds: number, lastStep: number | null = null) =>
  matchTotp(secret, code, seconds * 1000, lastStep)

describe('TOTP', () => {
  test.each(rfc6238)('at %i seconds it takes the code of RFC 6238, %s', (seconds, totp) => {
    expect(match(totp.slice(-6), seconds)).toBe(stepAt(seconds))
  })

  test('drifts one step either way and no more', () => {
    const [seconds, code] = [1111111109, '081804']
    const step = stepAt(seconds)
    const found = [-2, -1, 0, 1, 2].map((steps) => match(code, seconds + steps * 30))
    expect(found).toEqual([null, step, step, step, null])
  })

  test('takes no code twice, and none older than one that it took', () => {
    const [seconds, code] = [1234567890, '005924']
    const step = stepAt(seconds)
    expect(match(code, seconds, step - 1)).toBe(step)
    expect(match(code, seconds, step)).toBeNull()
    expect(match(code, seconds, step + 1)).toBeNull()
  })

  test.each(['94287082', '28708', '2870820', '', ' 287082', '287 082', '２８７０８２'])('%j is no code', (code) => {
    expect(match(code, 59)).toBeNull()
  })
})

test('codes are 8 digits, leading zeros included, and differ', () => {
  const codes = Array.from({ length: 1000 }, newCode)
  for (const code of codes) expect(code).toMatch(/^\d{8}$/)
  expect(new Set(codes).size).toBeGreaterThan(990)
  expect(codes.some((code) => code.startsWith('0'))).toBe(true)
})

test('a code’s verifier is bound to its slug and the server key', () => {
  const key = createServerKey(randomBytes(32))
  const verifier = codeVerifier(key, 'a', '12345678')
  expect(codeVerifier(key, 'a', '12345678')).toEqual(verifier)
  expect(codeVerifier(key, 'b', '12345678')).not.toEqual(verifier)
  expect(codeVerifier(createServerKey(randomBytes(32)), 'a', '12345678')).not.toEqual(verifier)
})

test('a sealed address opens under its key for its slug alone', () => {
  const key = createServerKey(randomBytes(32))
  const sealed = sealOtp(key, 'a', { type: 'email', to: 'anna@example.com' })
  expect(openOtp(key, 'a', sealed)).toBe('anna@example.com')
  expect(() => openOtp(key, 'b', sealed)).toThrow()
  expect(() => openOtp(createServerKey(randomBytes(32)), 'a', sealed)).toThrow()
  expect(sealed.includes('anna')).toBe(false)
})

describe('masks', () => {
  test.each([
    ['email', 'annabel@example.com', 'a…l@example.com'],
    ['email', 'ab@example.com', '…@example.com'],
    ['email', 'a@example.com', '…@example.com'],
    ['sms', '+4915112345678', '+49…78'],
  ] as const)('the %s address %s as %s', (type, address, masked) => {
    expect(maskAddress(type, address)).toBe(masked)
  })

  test('of mail show at most two characters of the name', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const at = address.lastIndexOf('@')
        const masked = maskAddress('email', address)
        expect(masked.slice(masked.lastIndexOf('@'))).toBe(address.slice(at))
        expect(masked.slice(0, masked.lastIndexOf('@')).replace('…', '').length).toBeLessThanOrEqual(2)
      }),
    )
  })
})
