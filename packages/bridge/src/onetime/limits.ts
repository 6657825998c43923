/** Onetime Secret's limits, with its default settings. Times are in seconds. */

/** Maximum size of a secret in UTF-8. */
export const maxBytes = 10_000

export const passphraseCharacters = { min: 4, max: 128 }

const minTtl = 60
const defaultTtl = 604_800
const maxTtl = { anonymous: 604_800, account: 2_592_000 }

/**
 * Whole seconds. 0 or less means the default: published clients send 0 if the user gives no lifetime.
 */
export function clampTtl(requested: number, hasAccount: boolean): number {
  const max = hasAccount ? maxTtl.account : maxTtl.anonymous
  const ttl = requested > 0 ? requested : defaultTtl
  return Math.floor(Math.min(Math.max(ttl, minTtl), max))
}

/** How long a receipt is available. */
export const receiptLife = (ttl: number): number => 2 * ttl

/** How far back the list of recent receipts goes. */
export const recentSeconds = 30 * 86_400

/** Wrong passphrases allowed before a secret is locked. */
export const maxAttempts = 20

export const generatedLength = { default: 12, max: 128 }
