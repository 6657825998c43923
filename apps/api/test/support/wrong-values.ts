/** Values that a field of the OpenAPI document must refuse, made from its schema. */

/** The part of JSON Schema that the document uses. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: unknown[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
}

/** What the schema can't say: base64url of so many bytes. */
export interface Binary {
  least: number
  most: number
}

const samples: [type: string, value: unknown][] = [
  ['null', null],
  ['boolean', true],
  ['integer', 60],
  ['number', 60.5],
  ['string', 'text'],
  ['array', []],
  ['object', {}],
]

export const typesOf = ({ type }: Schema): string[] => (Array.isArray(type) ? type : type === undefined ? [] : [type])

/** Wrong in type; none for a schema without one. */
function wrongTypes(schema: Schema): unknown[] {
  const types = typesOf(schema)
  if (types.length === 0) return []
  const fits = (type: string): boolean => types.includes(type) || (type === 'integer' && types.includes('number'))
  return samples.filter(([type]) => !fits(type)).map(([, value]) => value)
}

const b64 = (length: number): string => Buffer.alloc(length, 7).toString('base64url')

function wrongBinaries({ least, most }: Binary): string[] {
  const whole = Math.ceil(least / 3) * 3
  const trailingBits = b64(whole + 1).replace(/w$/, 'x')
  const impossibleLength = `${b64(whole)}A`
  return ['', b64(least - 1), b64(most + 1), trailingBits, impossibleLength]
}

/** Wrong in length or encoding (spec/protocol.md section 2: no padding, no white space, no non-zero trailing bits). */
function wrongStrings(schema: Schema, valid: string, binary: Binary | undefined): string[] {
  const { pattern, minLength = 0, maxLength } = schema
  const rest = valid.slice(1)
  const bent = ['', `${valid}A`, `${valid}=`, `${valid}\n`, `${valid} `, ` ${valid}`, rest, valid.slice(0, -1)]
  bent.push(`+${rest}`, `/${rest}`, `é${rest}`, `\0${rest}`, `=${rest}`, '\ud800', `${valid.slice(0, -1)}B`)
  const wrong = pattern === undefined ? [] : bent.filter((text) => !new RegExp(pattern, 'u').test(text))
  if (minLength > 0) wrong.push('')
  if (maxLength !== undefined) wrong.push('x'.repeat(maxLength + 1))
  if (binary) wrong.push(...wrongBinaries(binary), `+${rest}`, `/${rest}`, `${valid}=`, ` ${valid}`, `${valid}\n`)
  return wrong
}

function wrongNumbers({ minimum, maximum, enum: allowed }: Schema): number[] {
  const wrong = allowed ? [0, 2, -1, 1.5] : [0.5, 1e308]
  if (minimum !== undefined) wrong.push(minimum - 1, -minimum, minimum + 0.5)
  if (maximum !== undefined) wrong.push(maximum + 1)
  return wrong.filter((value) => !(allowed ?? []).includes(value))
}

/** Every kind of wrong value for one field, given a right one. */
export function wrongValues(schema: Schema, valid: unknown, binary?: Binary): unknown[] {
  const types = typesOf(schema)
  const wrong = wrongTypes(schema)
  if (schema.enum && types.includes('string')) wrong.push('nope', '', String(schema.enum[0]).toUpperCase())
  else if (types.includes('string')) wrong.push(...wrongStrings(schema, String(valid), binary))
  if (types.includes('integer') || types.includes('number')) wrong.push(...wrongNumbers(schema))
  if (types.includes('boolean') && schema.enum) wrong.push(schema.enum[0] !== true)
  if (schema.maxItems !== undefined) wrong.push(Array.from({ length: schema.maxItems + 1 }, () => 'x'))
  if ((schema.minItems ?? 0) > 0) wrong.push([])
  if (schema.items && typesOf(schema.items).length > 0)
    wrong.push(...wrongValues(schema.items, 'x').map((item) => [item]))
  return wrong
}
