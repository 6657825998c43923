/** The quota of a workspace, and its names in replies. */
import type { Config } from '../../config.ts'
import type { Exceeded, Usage } from '../../domain/secrets/usage.ts'
import { ApiError } from '../errors.ts'

export const quotaOf = (config: Config): Usage => ({
  activeSecrets: config.HALFKEY_QUOTA_SECRETS,
  storedBytes: config.HALFKEY_QUOTA_BYTES,
})

/** The shared quota of all anonymous secrets. */
export const anonymousQuotaOf = (config: Config): Usage => ({
  activeSecrets: config.HALFKEY_ANONYMOUS_QUOTA_SECRETS,
  storedBytes: config.HALFKEY_ANONYMOUS_QUOTA_BYTES,
})

export const usageNames = { activeSecrets: 'active_secrets', storedBytes: 'stored_bytes' } as const satisfies Record<
  keyof Usage,
  string
>

export const presentUsage = ({ activeSecrets, storedBytes }: Usage) => ({
  [usageNames.activeSecrets]: activeSecrets,
  [usageNames.storedBytes]: storedBytes,
})

/** Of anonymous secrets, it doesn't disclose how much others store. */
export function quotaExceeded({ quota, maximum, used }: Exceeded, { isAnonymous = false } = {}): ApiError {
  return new ApiError(
    'QUOTA_EXCEEDED',
    isAnonymous ? { quota: `anonymous_${usageNames[quota]}`, maximum } : { quota: usageNames[quota], maximum, used },
  )
}
