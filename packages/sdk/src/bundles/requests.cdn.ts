/**
 * `request/lazy.ts` in the script-tag bundle: the same names, whose code comes from halfkey.requests.min.js beside it when
 * one of them is first used.
 */
import type * as Requests from '../request/index.ts'
import { scriptLoader } from './script.cdn.ts'

/** Defined by the build: the other file's Subresource Integrity. */
declare const __HALFKEY_REQUESTS_INTEGRITY__: string

const load = scriptLoader<typeof Requests>('halfkey.requests.min.js', () => __HALFKEY_REQUESTS_INTEGRITY__)

type Method = (...args: unknown[]) => unknown

const lazy = <Name extends keyof typeof Requests>(name: Name): (typeof Requests)[Name] =>
  (async (...args: unknown[]) => ((await load())[name] as Method)(...args)) as unknown as (typeof Requests)[Name]

export const collect = lazy('collect')
export const createRequest = lazy('createRequest')
export const deleteRequest = lazy('deleteRequest')
export const getRequest = lazy('getRequest')
export const getRequestStats = lazy('getRequestStats')
export const listRequests = lazy('listRequests')
export const openAsk = lazy('openAsk')
export const openCollect = lazy('openCollect')
export const openReceipt = lazy('openReceipt')
export const patchRequest = lazy('patchRequest')
