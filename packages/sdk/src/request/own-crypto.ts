import { HalfkeyError } from '../errors.ts'

/** @throws HalfkeyError UNSUPPORTED where `globalThis.crypto` is missing, which the KEM's libraries use */
export function requireOwnCrypto(): void {
  const { crypto } = globalThis as { crypto?: Partial<Crypto> }
  if (crypto?.subtle) return
  throw new HalfkeyError(
    'UNSUPPORTED',
    "Requests need the runtime's own Web Cryptography (globalThis.crypto), which is missing here; a package in its " +
      'place is not enough. Use Node 20 or later, or a page on https:// or localhost.',
  )
}
