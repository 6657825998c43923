/** What an owner changes of a secret afterwards. */
import { throwIfInvalid } from '../errors.ts'
import { manageRules, SLUG, type ManageOptions, type PatchOptions } from '../client-options.ts'
import { HOURS, secondsOf, VIEWS } from '../create/create.ts'
import { checkOptions, TEXT, type Rules } from '../options.ts'
import type { OwnerCalls } from './owner-calls.ts'
import { openMetaJson, sealMeta } from '../protocol/owner.ts'
import { openDetails, readSecret, type SecretDetails } from './records.ts'
import type { WirePatchRequest } from '../wire.ts'
import { SECRET_FIELDS } from '../transport/spelling.ts'
import { openWithAny } from './workspace-keys.ts'

const patchRules: Rules<PatchOptions> = {
  ...manageRules,
  hours: HOURS,
  views: VIEWS,
  unlock: [(value) => value === true, 'must be true'],
  description: TEXT,
}

export async function patchSecret(owner: OwnerCalls, slug: string, options: PatchOptions): Promise<SecretDetails> {
  checkOptions(options, patchRules, { slug: [slug, SLUG] })
  const { hours, views, unlock, description, ...access } = options
  const patch: WirePatchRequest = {
    ...(hours !== undefined && { expires_in: secondsOf(hours) }),
    ...(views !== undefined && { maximum_views: views }),
    ...(unlock && { unlock }),
    ...(description !== undefined && { meta: await resealMeta(owner, slug, description, access) }),
  }
  if (Object.keys(patch).length === 0) throwIfInvalid({ options: ['nothing to change: give at least one option'] })
  const { data } = await owner.call('PATCH', `/secrets/${slug}`, {
    ...access,
    body: JSON.stringify(patch),
    fields: SECRET_FIELDS,
  })
  return openDetails(readSecret(data), owner.workspaceKeys)
}

/** The secret's sealed metadata with another description. */
async function resealMeta(
  { call, workspaceKeys, sealingKey }: OwnerCalls,
  slug: string,
  description: string,
  access: ManageOptions,
): Promise<string> {
  const workspaceKey = await sealingKey('description', access.signal)
  const { data } = await call('GET', `/secrets/${slug}`, access)
  const { meta } = readSecret(data)
  const opened = meta === null ? {} : await openWithAny(workspaceKeys, (key) => openMetaJson(key, slug, meta))
  return sealMeta(workspaceKey, slug, { ...opened, description })
}
