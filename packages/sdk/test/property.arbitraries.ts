import fc from 'fast-check'
import type { Bytes } from '../src/protocol/encoding.ts'
import { HalfkeyError, type ErrorCode } from '../src/errors.ts'

export function bytes(constraints: fc.IntArrayConstraints): fc.Arbitrary<Bytes> {
  return fc.uint8Array(constraints).map((x) => new Uint8Array(x))
}

/** 32 bytes. */
export const key = bytes({ minLength: 32, maxLength: 32 })

/** Well-formed text from all planes, control characters and noncharacters included. */
export const unicode = fc.string({ unit: 'binary', maxLength: 400 })

export const loneSurrogates = fc
  .tuple(
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.integer({ min: 0xd800, max: 0xdfff }),
    fc.string({ maxLength: 5 }),
  )
  .map(([before, unit, after]) => before + String.fromCharCode(unit) + after)

/** The code that `act` is refused with; undefined if it isn't. Anything but a HalfkeyError is thrown on. */
export function codeOf(act: () => unknown): ErrorCode | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return codeFrom(error)
  }
}

export async function codeOfAsync(act: () => Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    return codeFrom(error)
  }
}

function codeFrom(error: unknown): ErrorCode {
  if (error instanceof HalfkeyError) return error.code
  throw error
}
