/** One-time codes as their recipients have them. */
import { TOTP, Secret as TotpSecret } from 'otpauth'

/** The code of a message, mail with its headers too. */
export const codeIn = ({ text }: { text: string }): string => /\b(\d{8}) is your one-time code/.exec(text)?.[1] ?? ''

export const totpSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

/** `time`: milliseconds since the epoch. */
export const totpAt = (time: number, secret = totpSecret): string =>
  new TOTP({ secret: TotpSecret.fromBase32(secret), digits: 6 }).generate({ timestamp: time })
