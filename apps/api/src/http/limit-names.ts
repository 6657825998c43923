/** The rate limits by name, and how much each allows. */
import type { Config } from '../config.ts'

export type AddressLimit = 'create' | 'open' | 'kms-reveal' | 'unproven'
export type TokenLimit = 'create-by-token' | 'kms-reveal-by-token'

/** How much more the wider networks of an address may do than the narrowest: enough for honest neighbours. */
export const widths = { '': 1, '-by-site': 16, '-by-provider': 256 } as const
export type Width = keyof typeof widths

export type LimitName = `${AddressLimit}${Width}` | TokenLimit

const perToken = 10

/** Requests in a window, of one network or one token. */
export function rateLimits(config: Config): Record<LimitName, number> {
  const ofAddress: Record<AddressLimit, number> = {
    create: config.HALFKEY_RATE_CREATE,
    open: config.HALFKEY_RATE_OPEN,
    'kms-reveal': config.HALFKEY_RATE_KMS_REVEAL,
    unproven: config.HALFKEY_RATE_UNPROVEN,
  }
  const ofNetwork = Object.entries(ofAddress).flatMap(([name, limit]) =>
    Object.entries(widths).map(([width, times]) => [`${name}${width}`, limit * times]),
  )
  return {
    ...(Object.fromEntries(ofNetwork) as Record<`${AddressLimit}${Width}`, number>),
    'create-by-token': config.HALFKEY_RATE_CREATE * perToken,
    'kms-reveal-by-token': config.HALFKEY_RATE_KMS_REVEAL * perToken,
  }
}
