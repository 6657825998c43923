/**
 * `extras.ts` in the script-tag bundle: the same names, whose code comes from halfkey.more.min.js beside it when one of
 * them is first used. The bundle knows that file's hash, so its own `integrity` covers both.
 */
import { HalfkeyError } from '../errors.ts'
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
      throw new HalfkeyError('UNSUPPORTED', 'Outside a page, take @halfkey/sdk.')
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
type Name = keyof typeof Extras

const later = <N extends Name>(name: N): (typeof Extras)[N] =>
  (async (...args: unknown[]) => ((await load())[name] as Method)(...args)) as unknown as (typeof Extras)[N]

/** A class all of whose methods are asynchronous, but for `entries`, which gives an iterable. */
const laterMade = <N extends Name>(name: N): (typeof Extras)[N] =>
  function (...given: unknown[]) {
    let made: Record<string, Method> | undefined
    const call = async (method: string, args: unknown[]) => {
      made ??= new ((await load())[name] as unknown as new (...args: unknown[]) => Record<string, Method>)(...given)
      return made[method]?.(...args)
    }
    const iterate = async function* (method: string, args: unknown[]) {
      yield* (await call(method, args)) as AsyncIterable<unknown>
    }
    const get =
      (_: object, method: string) =>
      (...args: unknown[]) =>
        (method === 'entries' ? iterate : call)(method, args)
    return new Proxy({}, { get })
  } as unknown as (typeof Extras)[N]

export const Audit = laterMade('Audit')
export const Kms = laterMade('Kms')
export const Tokens = laterMade('Tokens')
export const Webhooks = laterMade('Webhooks')
export const openKeys = later('openKeys')
export const openSources = later('openSources')
export const createWithFiles = later('createWithFiles')
export const getStats = later('getStats')
export const patchSecret = later('patchSecret')
export const rekey = later('rekey')
export const verifyRekey = later('verifyRekey')
export const sendNotice = later('sendNotice')
export const prepareFiles = later('prepareFiles')
export const openFiles = later('openFiles')
export const freshChallenge = later('freshChallenge')
export const solveCaptcha = later('solveCaptcha')
