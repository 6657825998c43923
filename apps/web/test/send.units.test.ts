/** What the page that shares secrets computes by itself. */
import { describe, expect, test } from 'vitest'
import { encryptedSize } from '../../../packages/sdk/src/protocol/chunks.ts'
import { withFreeNames } from '../src/compose/files.ts'
import { GENERATED_BITS, generatePassword, generateTotpSecret } from '../src/send/generate.ts'
import { plainSize, sealedSize } from '../src/compose/sizes.ts'
import { estimateBits, secondsToGuess, strengthOf } from '../src/send/strength.ts'
import { WORDS } from '../src/send/word-list.ts'

describe('a generated password', () => {
  test('has 62 bits: six of 1296 different words', () => {
    expect(new Set(WORDS).size).toBe(1296)
    expect(GENERATED_BITS).toBeCloseTo(62.04, 2)
  })

  test('takes every word as often as any other', () => {
    const draws = 40_000
    const counts = new Map<string, number>()
    for (let i = 0; i < draws; i++) {
      for (const word of generatePassword()
        .replaceAll(/\byo-yo\b/g, 'yo_yo')
        .split('-'))
        counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    expect(counts.size).toBe(1296)
    const expected = (draws * 6) / 1296
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 1295 degrees of freedom: mean 1295, standard deviation 51; seven of them are chance once in 10^11.
    expect(Math.abs(chiSquare - 1295)).toBeLessThan(7 * 51)
  })

  test('for an authenticator app has 160 bits in base32', () => {
    expect(generateTotpSecret()).toMatch(/^[A-Z2-7]{32}$/)
    expect(generateTotpSecret()).not.toBe(generateTotpSecret())
  })
})

describe('the estimate of a typed password', () => {
  test.each([
    'password',
    'Passw0rd!',
    'qwertyuiop',
    'aaaaaaaaaaaaaaaa',
    '12345678',
    'Summer2026!',
    '24.12.1985',
    'hallo123',
    'ACORN',
    '',
  ])('«%s» is weak', (password) => expect(strengthOf(estimateBits(password))).toBe('weak'))

  test.each(['xK7#qL9!vR2m', 'fhqwz kvbtx pmngd lrscj', 'correct horse battery staple train'])(
    '«%s» is strong',
    (password) => expect(strengthOf(estimateBits(password))).toBe('strong'),
  )

  test('never says more of six listed words than that they are six listed words and five separators', () => {
    for (let i = 0; i < 50; i++) {
      const password = generatePassword()
      expect(estimateBits(password)).toBeLessThanOrEqual(GENERATED_BITS + 5 * 5 + 1e-9)
    }
  })

  test('never falls when a character is added at the end that follows no pattern', () => {
    expect(estimateBits('monkey#')).toBeGreaterThan(estimateBits('monkey'))
  })

  test('grows with the password, and the time to guess it with each bit twofold', () => {
    expect(secondsToGuess(41)).toBe(2 * secondsToGuess(40))
    expect(estimateBits('x'.repeat(1024))).toBeLessThan(20)
  })
})

describe('sizes', () => {
  test.each([0, 1, 262_143, 262_144, 262_145, 2 ** 30])('of %d bytes are the SDK’s once sealed', (size) => {
    expect(sealedSize(size)).toBe(encryptedSize(size))
    expect(plainSize(sealedSize(size))).toBe(size)
  })

  test('that are said to fit do fit', () => {
    for (const limit of [28, 1000, 262_172, 262_173, 262_200, 30_000_000]) {
      expect(sealedSize(plainSize(limit))).toBeLessThanOrEqual(limit)
    }
  })
})

test('a file that comes with a name which is taken gets the next free one, its bytes unchanged', async () => {
  const taken = [new File(['1'], 'image.png'), new File(['2'], 'image-2.png'), new File(['3'], 'README')]
  const added = [new File(['a'], 'image.png'), new File(['b'], 'image.png'), new File(['c'], 'README')]
  const renamed = withFreeNames(added, taken)
  expect(renamed.map(({ name }) => name)).toEqual(['image-3.png', 'image-4.png', 'README-2'])
  expect(await Promise.all(renamed.map((file) => file.text()))).toEqual(['a', 'b', 'c'])
})
