import { HalfkeyError } from '../errors.ts'
import type { WorkspaceKey } from '../protocol/keys.ts'

/**
 * Opens with the first of the workspace keys that fits: during a rekey a client has the new one and the old one.
 *
 * @throws HalfkeyError WRONG_KEY if none fits.
 */
export async function openWithAny<T>(
  keys: readonly WorkspaceKey[],
  open: (key: WorkspaceKey) => Promise<T>,
): Promise<T> {
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
