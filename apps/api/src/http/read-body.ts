import type { z } from '@hono/zod-openapi'
import type { Context } from './context.ts'
import { ApiError, tooLarge, validationError } from './errors.ts'

/** Above the largest text's envelope (1 MiB padded, in base64url) with note and metadata. */
export const largestBody = 2_097_152

/** Counts while it reads: a body without a declared length is cut off at the limit, not kept. */
async function readChunks(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > limit) throw tooLarge('body', limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function readBytes(c: Context, limit: number): Promise<ArrayBuffer | Uint8Array> {
  const declared = c.req.header('Content-Length')
  if (declared !== undefined && Number(declared) > limit) throw tooLarge('body', limit, Number(declared))
  try {
    if (declared !== undefined) return await c.req.arrayBuffer()
    return c.req.raw.body ? await readChunks(c.req.raw.body, limit) : new Uint8Array()
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw validationError({ body: ['The body was cut off before its end.'] })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Refuses what isn't UTF-8, where a lenient decoder would store U+FFFD for it (RFC 8259 section 8.1). */
function decode(bytes: ArrayBuffer | Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw validationError({ body: ['The body must be UTF-8.'] })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw validationError({ body: ['The body must be JSON.'] })
  }
}

/** A zod error as `details`: field → every message about it. */
export function fieldErrors(error: z.ZodError): Record<string, string[]> {
  const fields: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  const add = (path: PropertyKey[], message: string): void => {
    const field = path.map(String).join('.') || 'body'
    ;(fields[field] ??= []).push(message)
  }
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys.slice(0, 100)) add([...issue.path, key.slice(0, 100)], 'There is no such field.')
    else add(issue.path, issue.message)
  }
  return fields
}

function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw validationError(fieldErrors(result.error))
  return result.data
}

/** Checks the query; a parameter that is given twice is refused rather than half ignored. */
export function readQuery<Schema extends z.ZodType>(c: Context, schema: Schema): z.output<Schema> {
  const twice = Object.entries(c.req.queries()).filter(([, values]) => values.length > 1)
  if (twice.length > 0)
    throw validationError(Object.fromEntries(twice.map(([name]) => [name.slice(0, 100), ['Must be given once.']])))
  return validate(schema, c.req.query())
}

export interface Body<T> {
  body: T
  /** As it came, for a digest of it. */
  text: string
}

/** Reads and checks a JSON body of at most `limit` bytes; an empty one counts as `{}`. */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  limit = largestBody,
): Promise<Body<z.output<Schema>>> {
  const type = c.req.header('Content-Type')
  const text = decode(await readBytes(c, limit))
  if (text !== '' && type !== undefined && !/^application\/(\S+\+)?json\b/i.test(type))
    throw validationError({ body: ['The Content-Type must be application/json.'] })
  return { body: validate(schema, text === '' ? {} : parseJson(text)), text }
}
