/** Schemas of wire fields: lengths and encodings of spec/protocol.md section 2, and product limits. */
import { z } from '@hono/zod-openapi'
import { iso31661Alpha2ToNumeric } from 'iso-3166'
import { handlerProblem, isHandler } from '../domain/kms/entry.ts'
import { isEncryptedSize, maxAttachments } from '../domain/secrets/attachment.ts'
import { parseNetwork } from '../domain/addresses.ts'
import { slugOf, slugPattern } from '../domain/secrets/slug.ts'

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

/** Default messages, in place of zod's, which are written for programmers. */
z.config({
  customError(issue) {
    if (issue.code === 'invalid_type' || issue.code === 'invalid_union') {
      if (issue.input === undefined) return 'Is required.'
      return issue.code === 'invalid_type' ? `Must be ${kinds[issue.expected] ?? issue.expected}.` : 'Is invalid.'
    }
    if (issue.code === 'invalid_value')
      return `Must be ${issue.values
        .map(String)
        .join(', ')
        .replace(/, ([^,]*)$/, ' or $1')}.`
    if (issue.code === 'too_small') return `Must be at least ${String(issue.minimum)}.`
    if (issue.code === 'too_big') return `Must be at most ${String(issue.maximum)}.`
    if (issue.code === 'unrecognized_keys') return 'Unknown field.'
    return 'Is invalid.'
  },
})

/** 32 bytes as b64: 43 characters, the last with two zero bits. */
const keyPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

export const isKey = (text: string): boolean => keyPattern.test(text)

export const key = z.string().regex(keyPattern, 'Must be 32 bytes as base64url without padding (43 characters).')

/** A captcha solution (spec/captcha.md). */
export const captcha = z.string().min(1).max(4096)

export const iv = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16}$/, 'Must be 12 bytes as base64url without padding (16 characters).')

const idPattern = /^[A-Za-z0-9_-]{21}[AQgw]$/

export const isId = (text: string): boolean => idPattern.test(text)

export const id = z.string().regex(idPattern, 'Must be 16 bytes as base64url without padding (22 characters).')

export const slug = z.string().regex(slugPattern, 'Must be 13 characters of the Bitcoin base-58 alphabet.')

const canonical = (text: string): boolean =>
  /^[A-Za-z0-9_-]*$/.test(text) &&
  (text.length % 4 === 0 ||
    (text.length % 4 === 2 && /[AQgw]$/.test(text)) ||
    (text.length % 4 === 3 && /[AEIMQUYcgkosw048]$/.test(text)))

/** `min` to `max` bytes as b64. */
export const binary = (min: number, max: number) =>
  z.string().refine((text) => {
    const bytes = Math.floor((text.length * 3) / 4)
    return bytes >= min && bytes <= max && canonical(text)
  }, `Must be ${min} to ${max} bytes as base64url without padding.`)

/** `length` bytes as b64; a remainder of one byte leaves the last character with four zero bits. */
export const exactly = (length: 1168 | 1216) =>
  z
    .string()
    .regex(
      new RegExp(`^[A-Za-z0-9_-]{${Math.floor((length * 4) / 3)}}[AQgw]$`),
      `Must be ${length} bytes as base64url without padding.`,
    )

const ivLength = 12
const tagLength = 16
const minPadded = 256
/** pad(1 MiB), the largest payload: spec/protocol.md sections 2 and 5. */
const maxPadded = 1_081_344

export const maxCiphertextBytes = maxPadded + tagLength
export const minCiphertextBytes = minPadded + tagLength

export const envelope = z
  .strictObject({
    v: z.literal(1, 'Must be 1: this server supports no other version.'),
    salt: key,
    iv,
    commitment: key,
    ciphertext: binary(minCiphertextBytes, maxCiphertextBytes),
  })
  .openapi('Envelope')

/** Note and metadata: `iv ‖ ciphertext ‖ tag` of at most 64 KiB padded. */
export const sealed = binary(ivLength + minCiphertextBytes, ivLength + 65_536 + tagLength)

export const expiresIn = z
  .int('Must be a whole number of seconds.')
  .min(60, 'Must be at least 60 seconds.')
  .max(3_600_000, 'Must be at most 3,600,000 seconds (1000 hours).')

export const maximumViews = z
  .int('Must be a whole number.')
  .min(1, 'Must be at least 1.')
  .max(10_000, 'Must be at most 10,000.')

/** Lifetime of tokens and named secrets: 60 seconds to 10 years. */
export const longTerm = z
  .int('Must be a whole number of seconds.')
  .min(60, 'Must be at least 60 seconds.')
  .max(316_224_000, 'Must be at most 316,224,000 seconds (10 years).')

export const email = z.email('Must be an e-mail address.').max(254, 'Must be at most 254 characters.')

const notANetwork = 'Must be an IPv4 or IPv6 address or CIDR block.'
const octet = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const v4Pattern = `${octet}([.]${octet}){3}(/(3[0-2]|[12]?[0-9]))?`
/** Only the characters of IPv6 addresses (RFC 4291 section 2.2), which `parseNetwork` then parses. */
const v6Pattern = '[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,44}(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?'

/** Kept as written. */
export const network = z
  .string()
  .regex(new RegExp(`^(${v4Pattern}|${v6Pattern})$`), { error: notANetwork, abort: true })
  .refine((text) => parseNetwork(text) !== null, notANetwork)

/** A list, or comma-separated text. */
export const orCommas = (items: z.ZodArray<z.ZodString>) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(',').map((entry) => entry.trim()) : value), items)

const notACountry = 'Must be an ISO 3166-1 alpha-2 code, such as FR.'

export const networks = z.array(network).max(100, 'Must have at most 100 entries.')

export const handler = z.string().refine(isHandler, handlerProblem)

export const handlerPattern = z
  .string()
  .regex(
    /^[a-z0-9*][a-z0-9._*-]*(\/[a-z0-9*][a-z0-9._*-]*)*$/,
    'Must be a handler, optionally with * for any characters.',
  )
  .max(128, 'Must be at most 128 characters.')

const countryCode = z
  .string()
  .regex(/^[A-Z]{2}$/, { error: notACountry, abort: true })
  .refine((code) => Object.hasOwn(iso31661Alpha2ToNumeric, code), notACountry)

export const countries = z.array(countryCode).max(250, 'Must have at most 250 entries.')

/** At least 128 bits (RFC 4226 section 4), in base32 without padding. */
const totpSecret = z.string().regex(/^[A-Z2-7]{26,128}$/, 'Must be 26 to 128 base32 characters, without padding.')

export const otp = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('email'), to: email }),
      z.strictObject({
        type: z.literal('sms'),
        to: z.string().regex(/^\+[1-9]\d{6,14}$/, 'Must be a phone number in E.164 format, such as +4915112345678.'),
      }),
      z.strictObject({ type: z.literal('totp'), secret: totpSecret }),
    ],
    'Must be {"type": "email" or "sms", "to"} or {"type": "totp", "secret"}.',
  )
  .openapi('Otp')

export const tokenName = z
  .string()
  .min(1, 'Must not be empty.')
  .max(200, 'Must be at most 200 characters.')
  .refine((name) => !/[\p{Cc}\p{Cs}]/u.test(name), 'Must be well-formed text without control characters.')

/** A file to upload, with a possible encrypted size (spec/protocol.md section 6). */
export const attachment = z
  .strictObject({
    id,
    size: z.int('Must be a whole number of bytes.').refine(isEncryptedSize, 'Must be a possible encrypted file size.'),
  })
  .openapi('Attachment')

export const attachments = z
  .array(attachment)
  .max(maxAttachments, `Must have at most ${maxAttachments} entries.`)
  .refine((files) => new Set(files.map((file) => file.id)).size === files.length, 'Must not contain an id twice.')
  .default([])
  .describe('Files to upload. Until they are uploaded and `complete` is called, recipients get a 404.')

/** Whether the slug is its access verifier's. Skips an invalid `access_verifier`, which has its own message. */
export const hasOwnSlug = (body: { slug: string; access_verifier: string }): boolean =>
  !isKey(body.access_verifier) || slugOf(Buffer.from(body.access_verifier, 'base64url')) === body.slug

export const wrongSlug = { path: ['slug'], error: 'Must be the slug derived from access_verifier.' }

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^(0|[1-9]\d{0,8})$/, `Must be a whole number of at least ${min}.`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `Must be between ${min} and ${max}.`)

export const pageQuery = {
  page: wholeNumber(1, 100_000_000).optional(),
  per_page: wholeNumber(1, 100).optional(),
}

export const listQuery = z.strictObject({
  status: z.enum(['active', 'uploading', 'viewed', 'expired', 'burned', 'locked']).optional(),
  creator: z.string().min(1).max(200).optional(),
  ...pageQuery,
})

export const requestsQuery = z.strictObject({
  status: z.enum(['open', 'answered', 'expired', 'withdrawn']).optional(),
  page: wholeNumber(1, 100_000_000).optional(),
  per_page: wholeNumber(1, 100).optional(),
})

export const time = z.iso.datetime()
