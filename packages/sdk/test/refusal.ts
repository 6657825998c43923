import { HalfkeyError } from '../src/errors.ts'

/** The HalfkeyError that a promise is rejected with; anything else fails the test. */
export async function errorOf(promise: Promise<unknown>): Promise<HalfkeyError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof HalfkeyError) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}
