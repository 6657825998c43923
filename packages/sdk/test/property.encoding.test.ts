import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { b58, b64, concat, fromJson, fromUtf8, toJson, u64be, unb58, unb64, utf8 } from '../src/protocol/encoding.ts'
import { pad, paddedLength, unpad } from '../src/protocol/padding.ts'
import { bytes, codeOf, loneSurrogates, unicode } from './property.arbitraries.ts'

const MALFORMED = 'MALFORMED'
const BASE58 = /^[1-9A-HJ-NP-Za-km-z]*$/

describe('b64 is base64url without padding (RFC 4648 §5)', () => {
  test('it agrees with an independent encoder, and decodes to what was encoded', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 300 }), (x) => {
        expect(b64(x)).toBe(Buffer.from(x).toString('base64url'))
        expect(unb64(b64(x))).toEqual(x)
      }),
    )
  })

  test('1 MiB survives', () => {
    const x = Uint8Array.from({ length: 2 ** 20 }, (_, i) => (i * 31) ^ (i >> 8))
    expect(b64(x) === Buffer.from(x).toString('base64url')).toBe(true)
    expect(Buffer.compare(unb64(b64(x)), x)).toBe(0)
  })

  test('a text is accepted only if it is the one encoding of its bytes', () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from('ABQgw_-9+/= \né'), '\ud800'),
      maxLength: 9,
    })
    fc.assert(
      fc.property(text, (text) => {
        const canonical = /^[\w-]*$/.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text
        expect(codeOf(() => unb64(text))).toBe(canonical ? undefined : MALFORMED)
      }),
      { numRuns: 5000 },
    )
  })

  test('another length than the stated one, and anything but a string, is refused', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 40 }), fc.nat(40), (x, length) => {
        expect(codeOf(() => unb64(b64(x), length))).toBe(length === x.length ? undefined : MALFORMED)
      }),
    )
    for (const value of [undefined, null, 0, [], {}, ['AA']]) expect(codeOf(() => unb64(value))).toBe(MALFORMED)
  })
})

describe('b58 is a big-endian integer in base 58, left-padded with 1', () => {
  const sizes = fc.constantFrom([9, 13] as const, [32, 44] as const)

  test('it decodes to what was encoded, and its digits sum to the integer', () => {
    fc.assert(
      fc.property(
        sizes.chain(([length, chars]) => fc.tuple(bytes({ minLength: length, maxLength: length }), fc.constant(chars))),
        ([x, chars]) => {
          const text = b58(x, chars)
          expect(text).toMatch(BASE58)
          expect(text).toHaveLength(chars)
          expect(unb58(text, chars, x.length)).toEqual(x)
        },
      ),
    )
    expect(b58(Uint8Array.of(0, 58), 3)).toBe('121')
    expect(b58(Uint8Array.of(57), 1)).toBe('z')
  })

  test('the largest value that fits is accepted, the next one refused', () => {
    const largest = b58(new Uint8Array(32).fill(255), 44)
    expect(unb58(largest, 44, 32)).toEqual(new Uint8Array(32).fill(255))
    expect(unb58(largest.replace(/.$/, 'H'), 44, 32)).toBeNull()
    expect(unb58('z'.repeat(44), 44, 32)).toBeNull()
  })

  test('another length or alphabet is refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('1zAk0OIl _é')), minLength: 11, maxLength: 15 }),
        (text) => {
          expect(unb58(text, 13, 9) === null).toBe(text.length !== 13 || !BASE58.test(text) || text > '5')
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('text is well-formed Unicode as UTF-8', () => {
  test('any text survives, a leading U+FEFF and U+0000 included', () => {
    fc.assert(
      fc.property(unicode, (text) => {
        expect(fromUtf8(utf8(text))).toBe(text)
      }),
    )
    expect(fromUtf8(utf8('\ufeff\0a'))).toBe('\ufeff\0a')
  })

  test('lone surrogates are refused, plain or in JSON, whichever way they come', () => {
    fc.assert(
      fc.property(loneSurrogates, (text) => {
        expect(codeOf(() => utf8(text))).toBe(MALFORMED)
        expect(codeOf(() => toJson({ text }))).toBe(MALFORMED)
        expect(codeOf(() => toJson({ [text]: 1 }))).toBe(MALFORMED)
        expect(codeOf(() => fromJson(Buffer.from(JSON.stringify({ a: [text] }))))).toBe(MALFORMED)
      }),
    )
  })

  test('bytes that are not UTF-8 are refused', () => {
    for (const x of [[0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
      expect(codeOf(() => fromUtf8(Uint8Array.from(x)))).toBe(MALFORMED)
    }
  })

  test('JSON that is no object is refused', () => {
    for (const json of ['', '[]', 'null', '1', '"a"', '{', '{}x', "{'a':1}"]) {
      expect(codeOf(() => fromJson(utf8(json)))).toBe(MALFORMED)
    }
  })
})

test('u64be holds every safe integer in 8 bytes, big-endian', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (n) => {
      expect(Buffer.from(u64be(n)).readBigUInt64BE()).toBe(BigInt(n))
    }),
  )
})

test('concat joins in order', () => {
  fc.assert(
    fc.property(fc.array(bytes({ maxLength: 20 })), (parts) => {
      expect(Buffer.from(concat(parts))).toEqual(Buffer.concat(parts))
    }),
  )
})

describe('padding', () => {
  /** Section 2 word for word: the next length from L up whose lowest E − S bits are zero. */
  function slowPaddedLength(length: number): number {
    const bits = (n: number) => {
      let count = 0
      for (; n >= 1; n /= 2) count++
      return count
    }
    let padded = length + 1
    if (padded <= 256) return 256
    const zeros = bits(padded) - 1 - bits(bits(padded) - 1)
    while (padded % 2 ** zeros !== 0) padded++
    return padded
  }

  test('every length up to 5000, and around every power of two, is as defined', () => {
    for (let n = 0; n <= 5000; n++) expect(paddedLength(n)).toBe(slowPaddedLength(n))
    for (let power = 12; power <= 20; power++) {
      for (let n = 2 ** power - 3; n <= 2 ** power + 3; n++) expect(paddedLength(n)).toBe(slowPaddedLength(n))
    }
    for (let power = 21; power <= 53; power++) expect(paddedLength(2 ** power - 1)).toBe(2 ** power)
  })

  test('any length is covered, with at most 12 % added above 256 bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 256, max: 2 ** 40 }), (n) => {
        expect(paddedLength(n)).toBeGreaterThan(n)
        expect(paddedLength(n)).toBeLessThanOrEqual(Math.ceil((n + 1) * 1.12))
      }),
    )
  })

  test('unpad undoes pad, whatever the content ends with', () => {
    const tail = fc.array(fc.constantFrom(0, 0x80, 1), { maxLength: 4 })
    fc.assert(
      fc.property(bytes({ maxLength: 600 }), tail, (x, tail) => {
        const content = concat([x, Uint8Array.from(tail)])
        expect(unpad(pad(content))).toEqual(content)
      }),
    )
  })

  test('what has no 0x80 before its trailing zeros is refused', () => {
    for (const x of [[], [0], [0, 0], [0x80, 1], [0x80, 0x7f, 0], [0x81]]) {
      expect(codeOf(() => unpad(Uint8Array.from(x)))).toBe(MALFORMED)
    }
  })
})
