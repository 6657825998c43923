import { HalfkeyError, type ErrorContext } from './errors.ts'
import type { Bytes } from './protocol/encoding.ts'

/** Defined by the browser bundles, where what follows for Node would be dead weight. */
declare const __HALFKEY_BROWSER__: true | undefined

let provider: Promise<Crypto> | undefined

/**
 * The WebCrypto of this runtime: the native one, else `@peculiar/webcrypto`.
 *
 * @throws HalfkeyError UNSUPPORTED if there is neither.
 */
export function webcrypto(): Promise<Crypto> {
  return (provider ??= findProvider())
}

async function findProvider(): Promise<Crypto> {
  const native = (globalThis as { crypto?: Partial<Crypto> }).crypto
  if (native?.subtle) return native as Crypto
  if (typeof __HALFKEY_BROWSER__ === 'undefined') {
    try {
      return new (await import('@peculiar/webcrypto')).Crypto()
    } catch (cause) {
      throw unsupported({ cause })
    }
  }
  throw unsupported()
}

function unsupported(context?: ErrorContext): HalfkeyError {
  return new HalfkeyError(
    'UNSUPPORTED',
    'This runtime has no WebCrypto. Browsers give it only to pages from https:// and localhost.',
    context,
  )
}

/** `length` random bytes. Every key, salt, iv and id in this package is drawn here. */
export async function random(length: number): Promise<Bytes> {
  return (await webcrypto()).getRandomValues(new Uint8Array(length))
}

export function isNode(): boolean {
  if (typeof __HALFKEY_BROWSER__ !== 'undefined') return false
  const { process } = globalThis as { process?: { versions?: { node?: string } } }
  return process?.versions?.node !== undefined
}
