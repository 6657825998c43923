import { HalfkeyError } from '../errors.ts'

/**
 * Opens with the first of some keys that fits: during a rekey a client has the new one and the old one.
 *
 * @throws HalfkeyError WRONG_KEY if none fits.
 */
export async function openWithAny<Key, T>(keys: readonly Key[], open: (key: Key) => Promise<T>): Promise<T> {
  let failure: unknown
  for (const key of keys) {
    try {
      return await open(key)
    } catch (error) {
      if (!(error instanceof HalfkeyError && error.code === 'WRONG_KEY')) throw error
      failure = error
    }
  }
  throw failure
}
