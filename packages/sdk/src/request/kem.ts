/** Loads the KEM when a request is made, answered or collected, and not before. */
import { HalfkeyError } from '../errors.ts'
import type { Kem } from '../protocol/request-kem.ts'
import { requireOwnCrypto } from './own-crypto.ts'

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
  requireOwnCrypto()
  try {
    return (await import('../protocol/request-kem.ts')).kem
  } catch (cause) {
    throw new HalfkeyError('NETWORK', "Can't load a part of this program. Try again.", { cause })
  }
}
