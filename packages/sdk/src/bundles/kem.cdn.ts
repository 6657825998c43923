/** `request/kem.ts` in the script-tag bundle's file for requests, which has the KEM in it and itself is loaded late. */
import { kem, type Kem } from '../protocol/request-kem.ts'
import { requireOwnCrypto } from '../request/own-crypto.ts'

/** @throws HalfkeyError UNSUPPORTED */
export async function loadKem(): Promise<Kem> {
  requireOwnCrypto()
  return Promise.resolve(kem)
}
