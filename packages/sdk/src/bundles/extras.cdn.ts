/**
 * `extras.ts` in the script-tag bundle: the same names, whose code comes from halfkey.more.min.js beside it when one of
 * them is first used. The bundle knows that file's hash, so its own `integrity` covers both.
 */
import type * as Extras from './extras.ts'
import { scriptLoader } from './script.cdn.ts'

/** Defined by the build: the other file's Subresource Integrity. */
declare const __HALFKEY_MORE_INTEGRITY__: string

const load = scriptLoader<typeof Extras>('halfkey.more.min.js', () => __HALFKEY_MORE_INTEGRITY__)

type Method = (...args: unknown[]) => unknown
type Name = keyof typeof Extras
type ClassName = 'Audit' | 'Kms' | 'Tokens' | 'Webhooks'

const lazy = <N extends Name>(name: N): (typeof Extras)[N] =>
  (async (...args: unknown[]) => ((await load())[name] as Method)(...args)) as unknown as (typeof Extras)[N]

/**
 * A class whose code is loaded by the first call of one of its methods.
 *
 * @param methods  all of them: 0 returns a promise, 1 an async iterable
 */
function lazyClass<N extends ClassName>(
  name: N,
  methods: Record<keyof InstanceType<(typeof Extras)[N]>, 0 | 1>,
): (typeof Extras)[N] {
  class Lazy {
    readonly call: (method: string, args: unknown[]) => Promise<unknown>
    constructor(...given: unknown[]) {
      let made: Record<string, Method> | undefined
      this.call = async (method, args) => {
        const Loaded = (await load())[name] as unknown as new (...args: unknown[]) => Record<string, Method>
        made ??= new Loaded(...given)
        return made[method]?.(...args)
      }
    }
  }
  for (const [method, iterates] of Object.entries(methods)) {
    const value = iterates
      ? async function* (this: Lazy, ...args: unknown[]) {
          yield* (await this.call(method, args)) as AsyncIterable<unknown>
        }
      : function (this: Lazy, ...args: unknown[]) {
          return this.call(method, args)
        }
    Object.defineProperty(Lazy.prototype, method, { value })
  }
  return Lazy as unknown as (typeof Extras)[N]
}

export const Audit = lazyClass('Audit', { list: 0, entries: 1, export: 0, verify: 0 })
export const Kms = lazyClass('Kms', {
  deriveKey: 0,
  put: 0,
  reveal: 0,
  list: 0,
  entries: 1,
  get: 0,
  update: 0,
  versions: 0,
  events: 0,
  rollback: 0,
  destroyVersion: 0,
  delete: 0,
})
export const Tokens = lazyClass('Tokens', { list: 0, create: 0, revoke: 0 })
export const Webhooks = lazyClass('Webhooks', {
  list: 0,
  create: 0,
  rotate: 0,
  test: 0,
  delete: 0,
  deliveries: 0,
  redeliver: 0,
})
export const createWithFiles = lazy('createWithFiles')
export const deleteSecret = lazy('deleteSecret')
export const freshChallenge = lazy('freshChallenge')
export const getEvents = lazy('getEvents')
export const getSecretDetails = lazy('getSecretDetails')
export const getStats = lazy('getStats')
export const getWorkspace = lazy('getWorkspace')
export const listSecrets = lazy('listSecrets')
export const openFiles = lazy('openFiles')
export const openKeys = lazy('openKeys')
export const openSources = lazy('openSources')
export const patchSecret = lazy('patchSecret')
export const prepareFiles = lazy('prepareFiles')
export const rekey = lazy('rekey')
export const sendNotice = lazy('sendNotice')
export const setWorkspaceCheck = lazy('setWorkspaceCheck')
export const solveCaptcha = lazy('solveCaptcha')
export const verifyRekey = lazy('verifyRekey')
