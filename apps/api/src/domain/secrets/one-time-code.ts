/** One-time codes: made, kept as a MAC, matched. Where they go is sealed under the server key and bound to the slug. */
import { randomInt } from 'node:crypto'
import type { WireOtp } from '@halfkey/sdk'
import { Secret as TotpSecret, TOTP } from 'otpauth'
import type { ServerKey } from '../server-key.ts'
import type { OtpType } from './secret.ts'

export const codeDigits = 8
export const codeLifeMs = 600_000
/** Unused codes a secret may have; a successful reveal resets the count. */
export const codeLimit = 5

/** 8 uniform digits. */
export const newCode = (): string => String(randomInt(10 ** codeDigits)).padStart(codeDigits, '0')

/** What the recipient reads: nothing of the secret but where it is kept. */
export const codeText = (code: string, server: string): string =>
  `${code} is your one-time code for a secret on ${server}. It is valid for 10 minutes. Never pass it on.`

/** Bound to the slug, so that a code opens nothing else. */
export const codeVerifier = (key: ServerKey, slug: string, code: string): Buffer => key.mac('code', slug, code)

/** The address, or the TOTP secret in base32, under the server key. */
export const sealOtp = (key: ServerKey, slug: string, otp: WireOtp): Buffer =>
  key.sealBox(`otp ${slug}`, Buffer.from(otp.type === 'totp' ? otp.secret : otp.to))

export const openOtp = (key: ServerKey, slug: string, sealed: Buffer): string =>
  key.unsealBox(`otp ${slug}`, sealed).toString()

const period = 30_000

/**
 * The time step (RFC 6238, 30 seconds, SHA-1, 6 digits) that `code` belongs to, one step of drift either way, if it is
 * newer than `lastStep`: no code is taken twice. Otherwise null.
 */
export function matchTotp(secret: string, code: string, now: number, lastStep: number | null): number | null {
  if (!/^[0-9]{6}$/.test(code)) return null
  const totp = new TOTP({ secret: TotpSecret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: period / 1000 })
  const drift = totp.validate({ token: code, timestamp: now, window: 1 })
  if (drift === null) return null
  const step = Math.floor(now / period) + drift
  return lastStep === null || step > lastStep ? step : null
}

/** `a…z@example.com`, `+49…78`: enough for its owner to know it again. */
export function maskAddress(type: OtpType, address: string): string {
  if (type === 'sms') return `${address.slice(0, 3)}…${address.slice(-2)}`
  const at = address.lastIndexOf('@')
  const name = address.slice(0, at)
  const shown = name.length > 2 ? `${name.charAt(0)}…${name.charAt(name.length - 1)}` : '…'
  return shown + address.slice(at)
}
