/** What an owner asks of the workspace's requests. */
import { SLUG } from '../client-options.ts'
import { secondsOf } from '../create/create.ts'
import { HalfkeyError, throwIfInvalid } from '../errors.ts'
import { checkOptions, SIGNAL, type CallOptions } from '../options.ts'
import { unb64 } from '../protocol/encoding.ts'
import { KEY_LENGTH } from '../protocol/keys.ts'
import { openMetaJson, sealMeta } from '../protocol/owner.ts'
import { deriveRequest } from '../protocol/request.ts'
import { queryOf } from '../transport/pages.ts'
import type { WireRequestPatch } from '../wire.ts'
import type { OwnerCalls } from '../workspace/owner-calls.ts'
import { readPagination, type Pagination } from '../workspace/records.ts'
import { openWithAny } from '../workspace/workspace-keys.ts'
import { Collect } from './collect.ts'
import { REQUEST_FIELDS, type AskerCalls } from './create.ts'
import { loadKem } from './kem.ts'
import {
  collectRules,
  deleteRequestRules,
  listRequestsRules,
  patchRequestRules,
  type DeleteRequestOptions,
  type KemOptions,
  type ListRequestsOptions,
  type PatchRequestOptions,
} from './options.ts'
import {
  openListedRequest,
  openRequest,
  openRequestMeta,
  readRequest,
  readRequests,
  readRequestStats,
  type RequestDetails,
  type RequestStats,
} from './records.ts'

/** `client.listRequests` */
export async function listRequests(
  { call, workspaceKeys }: OwnerCalls,
  options: ListRequestsOptions,
): Promise<{ requests: RequestDetails[]; pagination: Pagination }> {
  checkOptions(options, listRequestsRules)
  const { status, limit, page, signal } = options
  const { data, pagination } = await call('GET', `/requests?${queryOf({ status, per_page: limit, page })}`, { signal })
  const requests = readRequests(data).map((request) => openListedRequest(request, workspaceKeys))
  return { requests: await Promise.all(requests), pagination: readPagination(pagination) }
}

/** `client.getRequest` */
export async function getRequest(owner: OwnerCalls, slug: string, options: CallOptions): Promise<RequestDetails> {
  checkOptions(options, { signal: SIGNAL }, { slug: [slug, SLUG] })
  const { data } = await owner.call('GET', `/requests/${slug}`, options)
  return openRequest(readRequest(data), owner.workspaceKeys)
}

/** `client.patchRequest` */
export async function patchRequest(
  owner: OwnerCalls,
  slug: string,
  options: PatchRequestOptions,
): Promise<RequestDetails> {
  checkOptions(options, patchRequestRules, { slug: [slug, SLUG] })
  const { hours, answers, description, signal } = options
  const patch: WireRequestPatch = {
    ...(hours !== undefined && { expires_in: secondsOf(hours) }),
    ...(answers !== undefined && { maximum_answers: answers }),
    ...(description !== undefined && { meta: await describe(owner, slug, description, signal) }),
  }
  if (Object.keys(patch).length === 0) throwIfInvalid({ options: ['nothing to change: give at least one option'] })
  const sent = { signal, body: JSON.stringify(patch), fields: REQUEST_FIELDS }
  const { data } = await owner.call('PATCH', `/requests/${slug}`, sent)
  return openRequest(readRequest(data), owner.workspaceKeys)
}

/** The request's sealed metadata with another description: the seed in it stays. */
async function describe(
  { call, workspaceKeys, sealingKey }: OwnerCalls,
  slug: string,
  description: string,
  signal: CallOptions['signal'],
): Promise<string> {
  const workspaceKey = await sealingKey('description', signal)
  const { meta } = readRequest((await call('GET', `/requests/${slug}`, { signal })).data)
  const opened = meta === null ? {} : await openWithAny(workspaceKeys, (key) => openMetaJson(key, slug, meta))
  return sealMeta(workspaceKey, slug, { ...opened, description })
}

/** `client.deleteRequest` */
export async function deleteRequest({ call }: OwnerCalls, slug: string, options: DeleteRequestOptions): Promise<void> {
  checkOptions(options, deleteRequestRules, { slug: [slug, SLUG] })
  const { purge, signal } = options
  await call('DELETE', `/requests/${slug}${purge === true ? '?purge=true' : ''}`, { signal })
}

/** `client.getRequestStats` */
export async function getRequestStats({ call }: OwnerCalls, options: CallOptions): Promise<RequestStats> {
  checkOptions(options, { signal: SIGNAL })
  const { data } = await call('GET', '/requests/stats', options)
  return readRequestStats(data)
}

/** `client.collect` */
export async function collect(asker: AskerCalls, slug: string, options: CallOptions & KemOptions): Promise<Collect> {
  checkOptions(options, collectRules, { slug: [slug, SLUG] })
  const { base, transport, call, workspaceKeys } = asker
  if (workspaceKeys.length === 0) throwIfInvalid({ collect: ['needs the client to have the workspaceKey'] })
  const { data } = await call('GET', `/requests/${slug}`, { signal: options.signal })
  const { seed } = await openRequestMeta(readRequest(data), workspaceKeys)
  if (seed === undefined) throwIfInvalid({ slug: ['names a request whose seed was not kept: use its collect link'] })
  const kem = options.kem ?? (await loadKem())
  const keys = await deriveRequest(kem, unb64(seed, KEY_LENGTH))
  if (keys.slug !== slug) throw new HalfkeyError('TAMPERED', "The request's metadata has the seed of another request.")
  return new Collect({ base, keys, kem, transport })
}
