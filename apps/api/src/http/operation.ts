/** Defines API operations: their OpenAPI description and their handler. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import type { WireFailure, WirePagination } from '@halfkey/sdk'
import type { Context, Deps, Env } from './context.ts'
import type { ErrorCode } from './errors.ts'
import { errorTable } from './errors.ts'
import { replySchema, type ReplySchema } from './reply-schema.ts'
import type { HeaderName } from './reply-headers.ts'
import { headersOf } from './reply-headers.ts'

/** Raw bytes, `application/octet-stream`. */
export const binary = 'application/octet-stream'

export interface Operation {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** With `{name}` for parameters. */
  path: string
  summary: string
  description: string
  /**
   * `token`: an API token; `owner`: a token or the manage key; `asker`: a token or the collect link's access value;
   * `recipient`: the link's access value, and for an answer to a request the collect link's; `grant`: the same and the grant
   * of a reveal; `answerer`: the ask link's access value.
   */
  access: 'token' | 'sender' | 'owner' | 'asker' | 'recipient' | 'grant' | 'answerer' | 'anybody'
  body?: z.ZodType | typeof binary
  query?: z.ZodObject
  /** The schema of `data`, or a file that supports ranges. */
  reply: ReplySchema | z.ZodArray<ReplySchema> | z.ZodNull | typeof binary
  /** Files that the same reply can be asked for as: their content types. */
  exports?: readonly string[]
  /** Of a success, beyond those that every reply has. */
  headers?: readonly HeaderName[]
  status?: 200 | 201
  paged?: boolean
  errors: ErrorCode[]
  handle: (c: Context) => Promise<Response>
}

export type DefineOperation = (deps: Deps) => Operation

const security: Record<Operation['access'], Record<string, string[]>[]> = {
  token: [{ token: [] }],
  sender: [{ token: [] }, {}],
  owner: [{ token: [] }, { manageKey: [] }],
  asker: [{ token: [] }, { collect: [] }],
  recipient: [{ access: [] }, { access: [], collect: [] }],
  grant: [
    { access: [], grant: [] },
    { access: [], collect: [], grant: [] },
  ],
  answerer: [{ access: [] }],
  anybody: [],
}

const pagination = replySchema<WirePagination>()(
  z.object({ current_page: z.int(), per_page: z.int(), total: z.int(), last_page: z.int() }).openapi('Pagination'),
)

const failureSchema = replySchema<WireFailure>()(
  z
    .object({
      success: z.literal(false),
      error: z.object({
        code: z.enum(Object.keys(errorTable) as [ErrorCode]),
        message: z.string(),
        details: z.record(z.string(), z.unknown()).optional(),
        request_id: z.string().optional(),
      }),
    })
    .openapi('Failure'),
)

interface ResponseConfig {
  description: string
  headers?: ReturnType<typeof headersOf>
  content?: Record<string, { schema: z.ZodType | object }>
}

/** OpenAPI 3.1 gives raw bytes an empty schema. */
const contentOf = (body: z.ZodType | typeof binary) =>
  body === binary ? { [binary]: { schema: {} } } : { 'application/json': { schema: body } }

/** An empty body counts as `{}` (`readBody`). */
const isRequired = (body: z.ZodType | typeof binary) => body === binary || !body.safeParse({}).success

function responses(operation: Operation): Record<number, ResponseConfig> {
  const { reply, exports = [], headers = [], status = 200, paged, body, errors } = operation
  const entries: Record<number, ResponseConfig> = {}
  if (reply === binary) {
    const [content, file] = [contentOf(binary), ['Content-Disposition', 'Accept-Ranges', 'Content-Length'] as const]
    entries[200] = { description: 'The whole file.', headers: headersOf(...file), content }
    const ofPart = headersOf(...file, 'Content-Range')
    entries[206] = { description: 'The requested range.', headers: ofPart, content }
    entries[416] = { description: 'The range is outside the file.', headers: headersOf('Content-Range') }
  } else {
    const fields = { success: z.literal(true), message: z.string(), data: reply }
    const schema = z.object(paged ? { ...fields, pagination } : fields)
    const files = Object.fromEntries(exports.map((type) => [type, { schema: { type: 'string' } }]))
    const content = { ...contentOf(schema), ...files }
    entries[status] = { description: 'Done.', ...named(headers), content }
  }
  const always: ErrorCode[] = ['WRONG_REGION', 'RATE_LIMITED', 'SERVER_ERROR', 'UNAVAILABLE']
  for (const code of new Set([...errors, ...(body ? (['PAYLOAD_TOO_LARGE'] as const) : []), ...always])) {
    const entry = errorTable[code]
    const before = entries[entry.status]?.description
    entries[entry.status] = {
      description: `${before ? `${before}; ` : ''}${code}: ${entry.when}`,
      ...named(headersOfFailures[entry.status] ?? []),
      content: contentOf(failureSchema),
    }
  }
  return entries
}

const named = (headers: readonly HeaderName[]) => headers.length > 0 && { headers: headersOf(...headers) }

const headersOfFailures: Record<number, HeaderName[]> = { 401: ['WWW-Authenticate'], 429: ['Retry-After'] }

const params = (path: string) =>
  z.object(Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, z.string()])))

/** Routes an operation and describes it in the OpenAPI document. */
export function addOperation(app: OpenAPIHono<Env>, operation: Operation): void {
  const { method, path, summary, description, body, query, handle } = operation
  const route = path.replaceAll(/\{(\w+)\}/g, ':$1')
  app.on(method.toUpperCase(), route, (c) => {
    c.set('route', route)
    return handle(c)
  })
  app.openAPIRegistry.registerPath({
    method,
    path,
    summary,
    description,
    security: security[operation.access],
    request: {
      ...(path.includes('{') && { params: params(path) }),
      ...(query && { query }),
      ...(body && { body: { required: isRequired(body), content: contentOf(body) } }),
    },
    responses: responses(operation),
  })
}
