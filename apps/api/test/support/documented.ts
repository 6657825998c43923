/** Holds what the tests' client receives from the API to the committed spec/openapi.json. */
import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Reply } from './sender.ts'

interface JsonSchema {
  $ref?: string
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
}

interface HeaderObject {
  required?: boolean
  schema: JsonSchema
}

interface ResponseObject {
  description: string
  headers?: Record<string, { $ref: string }>
  content?: Record<string, { schema: JsonSchema }>
}

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, ResponseObject> }>>
  components: { schemas: Record<string, JsonSchema>; headers: Record<string, HeaderObject> }
}

const file = new URL('../../../../spec/openapi.json', import.meta.url)
const document = JSON.parse(readFileSync(file, 'utf8')) as Document

/** The schema without room for fields that it doesn't name. A client must ignore those; the server must not send them. */
function closed(schema: JsonSchema): JsonSchema {
  if (schema.allOf) throw new Error('a reply’s schema has allOf, which can’t be closed: write its fields out')
  const { properties, additionalProperties, items, anyOf, oneOf } = schema
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, closed(field)])),
      additionalProperties: additionalProperties ?? false,
    }),
    ...(items && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
    ...(oneOf && { oneOf: oneOf.map(closed) }),
  }
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats(ajv)
const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [name, closed(schema)])
ajv.addSchema({ $id: 'document', components: { schemas: Object.fromEntries(schemas) as unknown } })

const compiled = new Map<JsonSchema, ValidateFunction>()

function compile(schema: JsonSchema): ValidateFunction {
  const known = compiled.get(schema)
  if (known) return known
  const absolute = JSON.stringify(closed(schema)).replaceAll('"#/components/', '"document#/components/')
  const validate = ajv.compile(JSON.parse(absolute) as JsonSchema)
  compiled.set(schema, validate)
  return validate
}

function problemsOf(schema: JsonSchema, value: unknown): string[] {
  const validate = compile(schema)
  if (validate(value)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
  )
}

/** Of browsers, which headers.test.ts and cors.test.ts are about, and of the connection. */
const undocumentedHeaders = new Set([
  ...['access-control-allow-origin', 'access-control-expose-headers', 'vary', 'cache-control'],
  ...['content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy', 'referrer-policy'],
  ...['x-content-type-options', 'x-frame-options', 'x-robots-tag'],
  ...['content-type', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date'],
])

/** As the document's description says. */
const onEveryReply = ['X-Request-Id', 'RateLimit', 'RateLimit-Policy']

function headerProblems(declared: object, headers: Headers): string[] {
  const known = [...onEveryReply, ...Object.keys(declared)].map((name) => {
    const header = document.components.headers[name]
    if (!header) throw new Error(`spec/openapi.json has no components.headers.${name}`)
    return [name.toLowerCase(), header] as const
  })
  const names = new Set(known.map(([name]) => name))
  const strange = [...headers.keys()].filter((name) => !names.has(name) && !undocumentedHeaders.has(name))
  return [
    ...strange.map((name) => `the header ${name} isn’t documented`),
    ...known.flatMap(([name, { required, schema }]) => {
      const value = headers.get(name)
      if (value === null) return required ? [`the header ${name} is missing`] : []
      return problemsOf(schema, value).map((problem) => `the header ${name}: ${problem}`)
    }),
  ]
}

function bodyProblems({ description, content }: ResponseObject, { headers, bytes, body }: Reply): string[] {
  const type = headers.get('content-type')?.split(';')[0]
  if (!content) return bytes.length > 0 || type !== undefined ? ['there is a body, and none is documented'] : []
  const documented = type === undefined ? undefined : content[type]
  if (!documented) return [`the content type ${type ?? '(none)'} isn’t documented`]
  if (type !== 'application/json') return []
  const code = (body as { error?: { code?: string } } | undefined)?.error?.code
  const isNamed = code === undefined || description.split('; ').some((part) => part.startsWith(`${code}:`))
  return [...problemsOf(documented.schema, body), ...(isNamed ? [] : [`the code ${code} isn’t documented`])]
}

const routes = Object.entries(document.paths).map(([template, methods]) => ({
  template,
  methods,
  pattern: new RegExp(`^${template.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
}))

const failure = { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } }

/** What the API answers where it has no operation, and to a preflight (cors.test.ts). */
function problemsOfNoOperation(method: string, reply: Reply): string[] {
  if (method === 'OPTIONS' && reply.status === 204) return []
  const description = { 404: 'NOT_FOUND: ', 421: 'WRONG_REGION: ' }[reply.status]
  if (description === undefined) return ['there is no such operation']
  const described = { description, content: failure }
  return [...headerProblems({}, reply.headers), ...(method === 'HEAD' ? [] : bodyProblems(described, reply))]
}

function problemsOfReply(method: string, { pathname }: URL, reply: Reply): string[] {
  const route = routes.find(({ pattern }) => pattern.test(pathname))
  const operation = route?.methods[method === 'HEAD' ? 'get' : method.toLowerCase()]
  if (!operation) return problemsOfNoOperation(method, reply)
  const response = operation.responses[reply.status]
  if (!response) return ['the status isn’t documented']
  const body = method === 'HEAD' ? [] : bodyProblems(response, reply)
  return [...headerProblems(response.headers ?? {}, reply.headers), ...body]
}

/**
 * Throws unless the reply of an API call is what the document says: its status is declared for the operation, its
 * headers, content type and code too, and its body has the fields that are named, and no other.
 */
export function expectDocumented(method: string, path: string, reply: Reply): void {
  const url = new URL(path, 'http://halfkey.test')
  // `/api/` itself is a page's: that of the slug `api`.
  if (!/^\/api\/+[^/]/.test(url.pathname)) return
  const problems = problemsOfReply(method, url, reply)
  if (problems.length > 0)
    throw new Error(`spec/openapi.json: ${method} ${url.pathname} ${reply.status}: ${problems.join('; ')}`)
}
