/** What a sender has typed and chosen so far, as typed: nothing of it is lost when a create fails. */
import type { CreateOptions, WireOtpType } from '@halfkey/sdk'

export interface Draft {
  text: string
  files: readonly File[]
  /** One of `EXPIRIES`, or `other`. */
  expiry: string
  otherExpiry: string
  expiryUnit: ExpiryUnit
  /** One of `VIEWS`, `any` or `other`. */
  views: string
  otherViews: string
  password: string
  /** The last password that this page drew. */
  generated: string
  note: string
  otp: 'none' | WireOtpType
  otpEmail: string
  otpPhone: string
  otpSecret: string
  /** One a line. */
  networks: string
  countries: readonly string[]
  captcha: boolean
  attempts: string
  onLockout: 'lock' | 'burn'
  notify: string
  token: string
  workspaceKey: string
  description: string
  recoverable: boolean
}

const UNITS = { minutes: 60, hours: 3600, days: 86_400 } as const

export type ExpiryUnit = keyof typeof UNITS

/** In seconds. */
export const EXPIRIES = [600, 3600, 86_400, 604_800, 2_592_000] as const
export const VIEWS = [1, 2, 3, 5, 10] as const

export const EMPTY_DRAFT: Draft = {
  text: '',
  files: [],
  expiry: '86400',
  otherExpiry: '12',
  expiryUnit: 'hours',
  views: '1',
  otherViews: '20',
  password: '',
  generated: '',
  note: '',
  otp: 'none',
  otpEmail: '',
  otpPhone: '',
  otpSecret: '',
  networks: '',
  countries: [],
  captcha: false,
  attempts: '10',
  onLockout: 'lock',
  notify: '',
  token: '',
  workspaceKey: '',
  description: '',
  recoverable: false,
}

/** Whether leaving would lose something that was typed or added. */
export const isUnsent = ({ text, files, note, description }: Draft): boolean =>
  [text, note, description].some((typed) => typed !== '') || files.length > 0

/** NaN if it isn't a number. */
export function secondsOf({ expiry, otherExpiry, expiryUnit }: Draft): number {
  if (expiry !== 'other') return Number(expiry)
  return otherExpiry.trim() === '' ? NaN : Number(otherExpiry) * UNITS[expiryUnit]
}

/** null: any number; NaN if it isn't a number. */
export function viewsOf({ views, otherViews }: Draft): number | null {
  if (views === 'any') return null
  if (views !== 'other') return Number(views)
  return otherViews.trim() === '' ? NaN : Number(otherViews)
}

const orUndefined = (text: string): string | undefined => (text === '' ? undefined : text)

/** As the SDK takes them; it checks them. */
export function optionsOf(draft: Draft): CreateOptions {
  const networks = draft.networks.split(/[\s,;]+/).filter((network) => network !== '')
  return {
    hours: secondsOf(draft) / 3600,
    views: viewsOf(draft),
    password: orUndefined(draft.password),
    message: orUndefined(draft.note),
    ipWhitelist: networks.length > 0 ? networks : undefined,
    geolocation: draft.countries.length > 0 ? [...draft.countries] : undefined,
    captcha: draft.captcha,
    otp: otpOf(draft),
    maxAttempts: Number(draft.attempts),
    onLockout: draft.onLockout,
    notify: orUndefined(draft.notify.trim()),
    attachments: draft.files.length > 0 ? [...draft.files] : undefined,
    ...(draft.workspaceKey.trim() !== '' && {
      description: orUndefined(draft.description),
      recoverable: draft.recoverable,
    }),
  }
}

function otpOf({ otp, otpEmail, otpPhone, otpSecret }: Draft): CreateOptions['otp'] {
  switch (otp) {
    case 'none':
      return undefined
    case 'email':
      return { type: 'email', to: otpEmail.trim() }
    case 'sms':
      // As people write it: the server takes E.164.
      return { type: 'sms', to: otpPhone.replace(/[\s()./-]/g, '') }
    case 'totp':
      return { type: 'totp', secret: otpSecret.replace(/\s/g, '') }
  }
}
