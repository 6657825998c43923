/** The OpenAPI document, as far as tests read it. */
import type { Schema } from './wrong-values.ts'

export interface DocumentedOperation {
  parameters?: { name: string; in: string; schema: Schema }[]
  /** JSON, or octets without a schema. */
  requestBody?: { content: { 'application/json'?: { schema: Schema } } }
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, DocumentedOperation>>
  components: { schemas: Record<string, Schema> }
}

export interface Field {
  /** `method path` */
  operation: string
  path: string[]
  schema: Schema
  required: boolean
  /** The alternative of a `oneOf` that the field is of, and where that stands. */
  alternative?: { path: string[]; schema: Schema }
}

export const operationsOf = ({ paths }: OpenApiDocument): [name: string, operation: DocumentedOperation][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, DocumentedOperation] => [
      `${method} ${path}`,
      operation,
    ]),
  )

/** Every field of the body of every operation, those inside objects and of every alternative too. */
export function fieldsOf(document: OpenApiDocument): Field[] {
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.replace('#/components/schemas/', '')
    const found = name === undefined ? schema : (document.components.schemas[name] ?? schema)
    return found.oneOf ? { ...found, oneOf: found.oneOf.map(resolve) } : found
  }
  const inside = (operation: string, schema: Schema, path: string[], of: Pick<Field, 'alternative'> = {}): Field[] => {
    const { properties = {}, required = [], oneOf = [] } = resolve(schema)
    const own = Object.entries(properties).flatMap(([name, property]) => {
      const at = { path: [...path, name], schema: resolve(property) }
      const field: Field = { operation, ...at, required: required.includes(name), ...of }
      return [field, ...inside(operation, property, field.path, of)]
    })
    const alternatives = oneOf.flatMap((one) => inside(operation, one, path, { alternative: { path, schema: one } }))
    return [...own, ...alternatives]
  }
  return operationsOf(document).flatMap(([name, { requestBody }]) => {
    const json = requestBody?.content['application/json']
    return json ? inside(name, json.schema, []) : []
  })
}
