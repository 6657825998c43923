/**
 * `extras.ts` in the script-tag bundle: the same names, whose code comes from halfkey.more.min.js beside it when one of
 * them is first used. The bundle knows that file's hash, so its own `integrity` covers both.
 */
import { HalfkeyError } from './errors.ts'
import type * as Extras from './extras.ts'

/** Defined by the build: the other file's Subresource Integrity. */
declare const __HALFKEY_MORE_INTEGRITY__: string

export type ExtrasScript = HTMLScriptElement & { halfkey: (extras: typeof Extras) => void }

/** Known only while this file is first run. */
const { src = '', nonce } = ((globalThis as Partial<typeof globalThis>).document?.currentScript ??
  {}) as Partial<HTMLScriptElement>

let loading: Promise<typeof Extras> | undefined

function load(): Promise<typeof Extras> {
  return (loading ??= new Promise((resolve, reject) => {
    if (src === '') {
      throw new HalfkeyError('UNSUPPORTED', 'This needs a page with a script tag: elsewhere take @halfkey/sdk.')
    }
    const script = document.createElement('script') as ExtrasScript
    script.src = new URL('halfkey.more.min.js', src).href
    script.integrity = __HALFKEY_MORE_INTEGRITY__
    script.crossOrigin = 'anonymous'
    if (nonce) script.nonce = nonce
    script.halfkey = resolve
    script.onerror = () => {
      loading = undefined
      script.remove()
      reject(new HalfkeyError('NETWORK', 'halfkey.more.min.js of the same version must lie beside halfkey.min.js.'))
    }
    document.head.append(script)
  }))
}

type Method = (...args: unknown[]) => unknown

/** An object all of whose methods are asynchronous; those in `iterating` give iterables. */
function late(make: (extras: typeof Extras) => object, iterating: string[] = []): object {
  const call = async (name: string, args: unknown[]) => {
    const object = make(await load()) as Record<string, Method>
    return object[name]?.(...args)
  }
  const iterate = async function* (name: string, args: unknown[]) {
    yield* (await call(name, args)) as AsyncIterable<unknown>
  }
  return new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...args: unknown[]) =>
          (iterating.includes(name as string) ? iterate : call)(name as string, args),
    },
  )
}

export const Audit = function (...args: ConstructorParameters<typeof Extras.Audit>) {
  return late((extras) => new extras.Audit(...args), ['entries'])
}

export const Webhooks = function (...args: ConstructorParameters<typeof Extras.Webhooks>) {
  return late((extras) => new extras.Webhooks(...args))
}

export const openSources: typeof Extras.openSources = async (...args) => (await load()).openSources(...args)

export const createWithFiles: typeof Extras.createWithFiles = async (...args) => (await load()).createWithFiles(...args)

export const sendNotice: typeof Extras.sendNotice = async (...args) => (await load()).sendNotice(...args)

export const readFile: typeof Extras.readFile = async function* (...args) {
  yield* (await load()).readFile(...args)
}

export const solveCaptcha: typeof Extras.solveCaptcha = async (...args) => (await load()).solveCaptcha(...args)
