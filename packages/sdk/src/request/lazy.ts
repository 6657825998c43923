/**
 * `index.ts` with the same names, whose code is loaded when one of them is first used: most programs make no requests. The
 * script-tag bundle takes src/bundles/requests.cdn.ts in its place.
 */
import { HalfkeyError } from '../errors.ts'
import type { TransportOptions } from '../transport/http.ts'
import type { Ask } from './answer.ts'
import type { Collect } from './collect.ts'
import type * as Requests from './index.ts'
import type { OpenRequestOptions } from './options.ts'
import type { Receipt } from './receipt.ts'

/** @throws HalfkeyError NETWORK */
async function load(): Promise<typeof Requests> {
  try {
    return await import('./index.ts')
  } catch (cause) {
    throw new HalfkeyError('NETWORK', "Can't load a part of this program. Try again.", { cause })
  }
}

export const collect: typeof Requests.collect = async (...args) => (await load()).collect(...args)
export const createRequest: typeof Requests.createRequest = async (...args) => (await load()).createRequest(...args)
export const deleteRequest: typeof Requests.deleteRequest = async (...args) => (await load()).deleteRequest(...args)
export const getRequest: typeof Requests.getRequest = async (...args) => (await load()).getRequest(...args)
export const getRequestStats: typeof Requests.getRequestStats = async (...args) =>
  (await load()).getRequestStats(...args)
export const listRequests: typeof Requests.listRequests = async (...args) => (await load()).listRequests(...args)
export const patchRequest: typeof Requests.patchRequest = async (...args) => (await load()).patchRequest(...args)

/**
 * Checks an ask link and, with its server, the request: who asks, what for, and that the server has put no other key under
 * the link. Sends nothing of an answer yet.
 *
 * @throws HalfkeyError LINK_* before anything is sent; NOT_FOUND; GONE with `details` `{cause, at}`, cause answered, expired
 *   or withdrawn; TAMPERED or MALFORMED for a key or text that isn't the link's.
 *
 * @example
 * ```ts
 * import { openAsk } from '@halfkey/sdk'
 *
 * const { askUrl } = await client.createRequest({ message: 'The database password, please' })
 * const ask = await openAsk(askUrl)
 * const receipt = await ask.answer('correct horse', { message: 'As agreed' })
 * console.log((await receipt.status()).state)
 * ```
 */
export async function openAsk(askUrl: string, options?: OpenRequestOptions): Promise<Ask> {
  return (await load()).openAsk(askUrl, options)
}

/**
 * Checks a collect link and, with its server, that there is such a request.
 *
 * @throws HalfkeyError LINK_* before anything is sent; NOT_FOUND; TAMPERED if the server changed what was asked for;
 *   UNSUPPORTED where `globalThis.crypto` is missing.
 *
 * @example
 * ```ts
 * import { openCollect } from '@halfkey/sdk'
 *
 * const { collectUrl } = await client.createRequest()
 * const collect = await openCollect(collectUrl)
 * console.log(await collect.answers())
 * ```
 */
export async function openCollect(collectUrl: string, options?: OpenRequestOptions): Promise<Collect> {
  return (await load()).openCollect(collectUrl, options)
}

/**
 * Reads a status link: the receipt for an answer, which tells what became of it. Sends nothing yet.
 *
 * @throws HalfkeyError LINK_*
 *
 * @example
 * ```ts
 * import { openReceipt } from '@halfkey/sdk'
 *
 * const { askUrl } = await client.createRequest()
 * const { statusUrl } = await (await openAsk(askUrl)).answer('correct horse')
 * const { state } = await (await openReceipt(statusUrl)).status()
 * console.log(state) // waiting
 * ```
 */
export async function openReceipt(statusUrl: string, options?: TransportOptions): Promise<Receipt> {
  return (await load()).openReceipt(statusUrl, options)
}
