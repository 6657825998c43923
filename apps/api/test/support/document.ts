/** The OpenAPI document, as far as tests read it. */
import type { Schema } from './wrong-values.ts'

export interface DocumentedOperation {
  parameters?: { name: string; in: string; schema: Schema }[]
  requestBody?: { content: { 'application/json': { schema: Schema } } }
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
}

export const operationsOf = ({ paths }: OpenApiDocument): [name: string, operation: DocumentedOperation][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, DocumentedOperation] => [
      `${method} ${path}`,
      operation,
    ]),
  )

/** Every field of the body of every operation, those inside objects too. */
export function fieldsOf(document: OpenApiDocument): Field[] {
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.replace('#/components/schemas/', '')
    return name === undefined ? schema : (document.components.schemas[name] ?? schema)
  }
  const inside = (operation: string, schema: Schema, path: string[]): Field[] => {
    const { properties = {}, required = [] } = resolve(schema)
    return Object.entries(properties).flatMap(([name, property]) => {
      const field = { operation, path: [...path, name], schema: resolve(property), required: required.includes(name) }
      return [field, ...inside(operation, property, field.path)]
    })
  }
  return operationsOf(document).flatMap(([name, { requestBody }]) =>
    requestBody ? inside(name, requestBody.content['application/json'].schema, []) : [],
  )
}
