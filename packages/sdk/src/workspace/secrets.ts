/** What an owner asks of secrets that exist. */
import { deleteRules, listRules, manageRules, SLUG } from '../client-options.ts'
import type { DeleteOptions, ListOptions, ManageOptions } from '../client-options.ts'
import { checkOptions } from '../options.ts'
import { queryOf } from '../transport/pages.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { openDetails, openListed, readEvents, readPagination, readSecret, readSecrets } from './records.ts'
import type { Pagination, SecretDetails, SecretEvent } from './records.ts'

/** `client.listSecrets` */
export async function listSecrets(
  { call, workspaceKeys }: OwnerCalls,
  options: ListOptions,
): Promise<{ secrets: SecretDetails[]; pagination: Pagination }> {
  checkOptions(options, listRules)
  const { status, limit, page, creator, signal } = options
  const query = queryOf({ status, per_page: limit, page, creator })
  const { data, pagination } = await call('GET', `/secrets?${query}`, { signal })
  const secrets = readSecrets(data).map((secret) => openListed(secret, workspaceKeys))
  return { secrets: await Promise.all(secrets), pagination: readPagination(pagination) }
}

/** `client.getSecretDetails` */
export async function getSecretDetails(
  { call, workspaceKeys }: OwnerCalls,
  slug: string,
  options: ManageOptions,
): Promise<SecretDetails> {
  checkOptions(options, manageRules, { slug: [slug, SLUG] })
  const { data } = await call('GET', `/secrets/${slug}`, options)
  return openDetails(readSecret(data), workspaceKeys)
}

/** `client.deleteSecret` */
export async function deleteSecret({ call }: OwnerCalls, slug: string, options: DeleteOptions): Promise<void> {
  checkOptions(options, deleteRules, { slug: [slug, SLUG] })
  await call('DELETE', `/secrets/${slug}${options.purge === true ? '?purge=true' : ''}`, options)
}

/** `client.getEvents` */
export async function getEvents({ call }: OwnerCalls, slug: string, options: ManageOptions): Promise<SecretEvent[]> {
  checkOptions(options, manageRules, { slug: [slug, SLUG] })
  const { data } = await call('GET', `/secrets/${slug}/events`, options)
  return readEvents(data)
}
