/** Limits of the service that is spoken for, by its default settings. Times in seconds. */

/** Of a secret, in UTF-8. */
export const maximumBytes = 10_000

export const passphraseCharacters = { least: 4, most: 128 }

const minimumTtl = 60
const standardTtl = 604_800
const maximumTtl = { anonymous: 604_800, account: 2_592_000 }

/**
 * Whole seconds. `asked` of 0 or less counts as not asked: published clients send 0 when their user gives no lifetime.
 */
export function clampTtl(asked: number, hasAccount: boolean): number {
  const max = hasAccount ? maximumTtl.account : maximumTtl.anonymous
  const ttl = asked > 0 ? asked : standardTtl
  return Math.floor(Math.min(Math.max(ttl, minimumTtl), max))
}

/** How long a receipt is known. */
export const receiptLife = (ttl: number): number => 2 * ttl

/** How far back the list of recent receipts goes. */
export const recentSeconds = 30 * 86_400

/** Wrong passphrases before a secret is locked. */
export const maximumAttempts = 20

export const generatedLength = { standard: 12, most: 128 }
