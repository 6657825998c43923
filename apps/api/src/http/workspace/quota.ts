/** The quota of a workspace, and its names in replies. */
import type { Config } from '../../config.ts'
import type { Usage } from '../../store/store.ts'

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
