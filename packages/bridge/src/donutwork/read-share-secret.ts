/** Parses the body of the POST that creates a secret. */
import { isEmail } from '@halfkey/sdk/parts'
import * as z from 'zod'
import { MAX_JSON_DEPTH, parseJson } from '../json.ts'
import type { Call } from './call.ts'
import { badRequest } from './errors.ts'

/** Fits the largest secret even with every byte escaped (RFC 8259 section 7). */
export const MAX_BODY_BYTES = 8 * 2 ** 20

const text = z
  .string({ error: ({ input }) => (input === undefined || input === null ? 'is required' : 'must be text') })
  .refine((value) => !/\p{Surrogate}/u.test(value), 'must be well-formed Unicode')

const required = text.min(1, 'must not be empty')

function isUnset(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isUnset)
  return value === undefined || value === null || value === ''
}

/** Accepts what programs send for “not set”: nothing, null, an empty string, or an object of these. */
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
  if (code === 'unrecognized_keys') return `has unknown members: ${(keys ?? []).join(', ')}`
  return input === undefined || input === null ? 'is required' : 'must be an object'
}

/** Rejects what isn't UTF-8: replacement characters would lose data. @throws Refusal */
function fromUtf8Json(bytes: ArrayBuffer): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw badRequest([`The body must be JSON in UTF-8, nested at most ${MAX_JSON_DEPTH} levels deep.`])
  }
}

/** @throws Refusal */
export async function readShareSecret({ c }: Call) {
  const body = fromUtf8Json(await c.req.arrayBuffer())
  const result = bodySchema.safeParse(body)
  if (result.success) return result.data.shareSecret
  throw badRequest(result.error.issues.map(({ path, message }) => `${path.join('.') || 'The body'} ${message}.`))
}
