/** Loads the KEM when a request is made, answered or collected, and not before. */
import { HalfkeyError } from '../errors.ts'
import type { Kem } from '../protocol/request-kem.ts'

let loaded: Promise<Kem> | undefined

/**
 * The KEM of requests.
 *
 * @throws HalfkeyError UNSUPPORTED where `globalThis.crypto` is missing, which its libraries use; NETWORK if a page can't
 *   fetch its code.
 */
export function loadKem(): Promise<Kem> {
  return (loaded ??= load().catch((error: unknown) => {
    loaded = undefined
    throw error
  }))
}

async function load(): Promise<Kem> {
  const { crypto } = globalThis as { crypto?: Partial<Crypto> }
  if (!crypto?.subtle) {
    throw new HalfkeyError(
      'UNSUPPORTED',
      "Requests need the runtime's own Web Cryptography (globalThis.crypto), which is missing here; a package in its " +
        'place is not enough. Use Node 20 or later, or a page on https:// or localhost.',
    )
  }
  try {
    return (await import('../protocol/request-kem.ts')).kem
  } catch (cause) {
    throw new HalfkeyError('NETWORK', "Can't load a part of this program. Try again.", { cause })
  }
}
