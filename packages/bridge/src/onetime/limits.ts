/** Limits of the service that is spoken for, by its default settings. Times in seconds. */

/** Of a secret, in UTF-8. */
export const maximumBytes = 10_000

export const passphraseCharacters = { least: 4, most: 128 }

const minimumTtl = 60
const standardTtl = 604_800
const maximumTtl = { anonymous: 604_800, account: 2_592_000 }

/** `asked` is undefined if nothing was. */
export function clampTtl(asked: number | undefined, hasAccount: boolean): number {
  const most = hasAccount ? maximumTtl.account : maximumTtl.anonymous
  return Math.min(Math.max(asked ?? standardTtl, minimumTtl), most)
}

/** How long a receipt is known. */
export const receiptLife = (ttl: number): number => 2 * ttl

/** How far back the list of recent receipts goes. */
export const recentSeconds = 30 * 86_400

/** Wrong passphrases before a secret is locked. */
export const maximumAttempts = 20

export const generatedLength = { standard: 12, most: 128 }
