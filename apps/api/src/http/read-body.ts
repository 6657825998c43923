import type { z } from '@hono/zod-openapi'
import type { Context } from './context.ts'
import { ApiError, tooLarge, validationError } from './errors.ts'

/** Fits the largest envelope (1 MiB padded, in base64url) with note and metadata. */
export const maxBodyBytes = 2_097_152

/** Counts while reading, so that a body without a declared length is rejected as soon as it exceeds the limit. */
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
    throw validationError({ body: ['The body is incomplete.'] })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Rejects invalid UTF-8, which a lenient decoder would replace with U+FFFD (RFC 8259 section 8.1). */
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

/** Converts a zod error to `details`: field → all messages about it. */
export function fieldErrors(error: z.ZodError): Record<string, string[]> {
  const fields: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  const add = (path: PropertyKey[], message: string): void => {
    const field = path.map(String).join('.') || 'body'
    ;(fields[field] ??= []).push(message)
  }
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys.slice(0, 100)) add([...issue.path, key.slice(0, 100)], 'Unknown field.')
    else add(issue.path, issue.message)
  }
  return fields
}

function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw validationError(fieldErrors(result.error))
  return result.data
}

/** Validates the query. Rejects repeated parameters instead of ignoring all but one. */
export function readQuery<Schema extends z.ZodType>(c: Context, schema: Schema): z.output<Schema> {
  const twice = Object.entries(c.req.queries()).filter(([, values]) => values.length > 1)
  if (twice.length > 0)
    throw validationError(Object.fromEntries(twice.map(([name]) => [name.slice(0, 100), ['Must be given only once.']])))
  return validate(schema, c.req.query())
}

export interface Body<T> {
  body: T
  /** The original text, for a digest. */
  text: string
}

/** Reads and validates a JSON body of at most `limit` bytes. An empty body counts as `{}`. */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
  limit = maxBodyBytes,
): Promise<Body<z.output<Schema>>> {
  const type = c.req.header('Content-Type')
  const text = decode(await readBytes(c, limit))
  if (text !== '' && type !== undefined && !/^application\/(\S+\+)?json\b/i.test(type))
    throw validationError({ body: ['The Content-Type must be application/json.'] })
  return { body: validate(schema, text === '' ? {} : parseJson(text)), text }
}
