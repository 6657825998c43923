import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Captcha } from '../src/adapters/captcha.ts'
import { createCaptcha } from '../src/adapters/captcha.ts'
import { createServerKey } from '../src/adapters/server-key.ts'
import { turnableClock } from './support/app.ts'
import type { Challenge } from './support/captcha.ts'
import { encodeSolution, solve } from './support/captcha.ts'

const slug = '1111111111111'
const cost = 1000
const key = randomBytes(32)
const minutes = 60_000

const make = (serverKey = key) => {
  const clock = turnableClock()
  return { clock, captcha: createCaptcha(createServerKey(serverKey), clock, cost) }
}
const challengeOf = async (captcha: Captcha) => (await captcha.challenge(slug)) as unknown as Challenge

describe('a captcha', () => {
  test('is ALTCHA’s: SHA-256, at most so many hashes, bound to the slug', async () => {
    const { captcha } = make()
    const challenge = await challengeOf(captcha)
    expect(challenge).toEqual({
      algorithm: 'SHA-256',
      challenge: expect.stringMatching(/^[\da-f]{64}$/) as unknown,
      maxnumber: cost,
      salt: expect.stringMatching(/^[\da-f]{24}\?slug=1{13}&expires=\d+&$/) as unknown,
      signature: expect.stringMatching(/^[\da-f]{64}$/) as unknown,
    })
    expect(await challengeOf(captcha)).not.toEqual(challenge)
  })

  test('solved is right for its slug, with the id and expiry that use it up', async () => {
    const { captcha, clock } = make()
    const challenge = await challengeOf(captcha)
    const solution = solve(challenge)
    const id = createHash('sha256').update(challenge.signature).digest()
    expect(await captcha.verify(slug, solution)).toEqual({ id, expiresAt: clock.now() + 10 * minutes })
    expect(await captcha.verify('2222222222222', solution)).toBe('wrong')
  })

  test('is wrong once it has expired, and under another server key', async () => {
    const { captcha, clock } = make()
    const solution = solve(await challengeOf(captcha))
    expect(await make(randomBytes(32)).captcha.verify(slug, solution)).toBe('wrong')
    clock.advance(10 * minutes - 1)
    expect(await captcha.verify(slug, solution)).not.toBe('wrong')
    clock.advance(1)
    expect(await captcha.verify(slug, solution)).toBe('wrong')
  })

  test('is wrong with any part of it changed', async () => {
    const { captcha } = make()
    const challenge = await challengeOf(captcha)
    const right = JSON.parse(atob(solve(challenge))) as Challenge & { number: number }
    const changes: object[] = [
      { number: right.number + 1 },
      { number: -1 },
      { number: null },
      { number: String(right.number) },
      { salt: right.salt.replace(/expires=\d+/, 'expires=9999999999') },
      { salt: right.salt.replace(slug, '2222222222222') },
      { salt: `${right.salt}&slug=2222222222222` },
      { salt: 5 },
      { signature: right.signature.toUpperCase() },
      { signature: '' },
      { signature: null },
      { algorithm: 'SHA-1' },
      { algorithm: 'sha-256' },
      { challenge: right.challenge.toUpperCase() },
    ]
    for (const change of changes)
      expect(await captcha.verify(slug, encodeSolution({ ...right, ...change })), JSON.stringify(change)).toBe('wrong')
  })

  test('written with another end of the salt is the same solution, with the same id', async () => {
    const { captcha } = make()
    const right = JSON.parse(atob(solve(await challengeOf(captcha)))) as Challenge
    const shorter = encodeSolution({ ...right, salt: right.salt.slice(0, -1) })
    expect(await captcha.verify(slug, shorter)).toEqual(await captcha.verify(slug, encodeSolution(right)))
  })

  test('is wrong for anything that isn’t a solution, and never an error', async () => {
    const { captcha } = make()
    const json = fc.json().map((text) => Buffer.from(text).toString('base64'))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), json, fc.base64String()), async (solution) => {
        expect(await captcha.verify(slug, solution)).toBe('wrong')
      }),
    )
  })
})
