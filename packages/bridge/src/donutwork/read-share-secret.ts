/** What a secret is made from: the body of the POST. */
import { isEmail } from '@halfkey/sdk/parts'
import * as z from 'zod'
import type { Call } from './call.ts'
import { badRequest } from './errors.ts'

/** A secret of the most bytes, every byte of it escaped (RFC 8259 section 7), fits. */
export const MAX_BODY_BYTES = 8 * 2 ** 20

const text = z
  .string({ error: ({ input }) => (input === undefined || input === null ? 'is required' : 'must be text') })
  .refine((value) => !/\p{Surrogate}/u.test(value), 'must be well-formed Unicode')

const required = text.min(1, 'must not be empty')

function isUnset(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isUnset)
  return value === undefined || value === null || value === ''
}

/** What programs send for «not set»: nothing, null, the empty text, or an object of such. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (isUnset(value) ? undefined : value), schema.optional())

const sendTo = z.strictObject(
  { email: required.refine(isEmail, 'must be one e-mail address'), message: optional(text) },
  { error: objectError },
)

const bodySchema = z.strictObject(
  {
    shareSecret: z.strictObject(
      { name: required.max(1000, 'must be at most 1000 characters'), content: required, sendTo: optional(sendTo) },
      { error: objectError },
    ),
  },
  { error: objectError },
)

function objectError({ code, input, keys }: { code?: string | undefined; input?: unknown; keys?: string[] }): string {
  if (code === 'unrecognized_keys') return `has members that are unknown: ${(keys ?? []).join(', ')}`
  return input === undefined || input === null ? 'is required' : 'must be an object'
}

/** What isn't UTF-8 is refused: replaced, it would be lost. @throws Refusal */
function fromUtf8Json(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw badRequest(['The body must be JSON in UTF-8.'])
  }
}

/** @throws Refusal */
export async function readShareSecret({ c }: Call) {
  const body = fromUtf8Json(await c.req.arrayBuffer())
  const result = bodySchema.safeParse(body)
  if (result.success) return result.data.shareSecret
  throw badRequest(result.error.issues.map(({ path, message }) => `${path.join('.') || 'The body'} ${message}.`))
}
