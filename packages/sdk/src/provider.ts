import type * as Peculiar from '@peculiar/webcrypto'
import { HalfkeyError, type ErrorContext } from './errors.ts'
import type { Bytes } from './protocol/encoding.ts'

/** Defined by the builds for browsers and workers, where what follows for Node would be dead weight. */
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
      // Not a literal: a bundler would take it in, with what it needs of Node, for runtimes that have no use for it.
      const name = '@peculiar/webcrypto'
      const { Crypto } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as typeof Peculiar
      return new Crypto()
    } catch (cause) {
      throw unsupported({ cause })
    }
  }
  throw unsupported()
}

function unsupported(context?: ErrorContext): HalfkeyError {
  return new HalfkeyError(
    'UNSUPPORTED',
    'This runtime has no WebCrypto. Browsers offer it only to pages on https:// and localhost.',
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
