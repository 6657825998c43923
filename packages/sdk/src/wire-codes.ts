/** Every code that the API answers with; its table of statuses and messages is checked against these. */
export const wireCodes = [
  'AUTHENTICATION_ERROR',
  'PERMISSION_DENIED',
  'QUOTA_EXCEEDED',
  'VALIDATION_ERROR',
  'NOT_FOUND',
  'GONE',
  'CONFLICT',
  'IP_DENIED',
  'GEO_DENIED',
  'PASSWORD_REQUIRED',
  'PASSWORD_WRONG',
  'OTP_REQUIRED',
  'OTP_WRONG',
  'CAPTCHA_REQUIRED',
  'CAPTCHA_WRONG',
  'WRONG_REGION',
  'LOCKED',
  'RATE_LIMITED',
  'PAYLOAD_TOO_LARGE',
  'UPLOAD_INCOMPLETE',
  'SERVER_ERROR',
  'UNAVAILABLE',
] as const

/** The codes that the API answers with (spec/errors.md). */
export type WireErrorCode = (typeof wireCodes)[number]
