/** Values that a field of the OpenAPI document must refuse, made from its schema. */

/** The part of JSON Schema that the document uses. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  /** Objects of different kinds. */
  oneOf?: Schema[]
  enum?: unknown[]
  pattern?: string
  format?: string
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

export function typesOf({ type, oneOf = [] }: Schema): string[] {
  if (type === undefined) return oneOf.flatMap(typesOf)
  return Array.isArray(type) ? type : [type]
}

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

/** Texts that aren't what a `format` demands. */
export const wrongFormats: Record<string, string[]> = {
  email: [
    '',
    'nobody',
    'a@',
    '@recipient.example',
    'a@recipient',
    'a@recipient..example',
    'a b@recipient.example',
    'a@recipient.example\n',
    'a@recipient.example, b@recipient.example',
    '<a@recipient.example>',
    'a\r\nBcc: b@recipient.example',
    'a\0@recipient.example',
    '\ud800@recipient.example',
  ],
  'date-time': [
    '',
    'now',
    '1767225600',
    '2026-05-31',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-05-31T24:00:00Z',
    '2026-05-31T00:00:00',
    '2026-05-31T00:00:00+01:00',
    ' 2026-05-31T00:00:00Z',
    '2026-05-31 00:00:00Z',
  ],
}

/** Wrong in length or encoding (spec/protocol.md section 2: no padding, no white space, no non-zero trailing bits). */
function wrongStrings(schema: Schema, valid: string, binary: Binary | undefined): string[] {
  const { pattern, minLength = 0, maxLength, format = '' } = schema
  const rest = valid.slice(1)
  const bent = ['', `${valid}A`, `${valid}=`, `${valid}\n`, `${valid} `, ` ${valid}`, rest, valid.slice(0, -1)]
  bent.push(`+${rest}`, `/${rest}`, `é${rest}`, `\0${rest}`, `=${rest}`, '\ud800', `${valid.slice(0, -1)}B`)
  const wrong = pattern === undefined ? [] : bent.filter((text) => !new RegExp(pattern, 'u').test(text))
  if (minLength > 0) wrong.push('')
  if (maxLength !== undefined) wrong.push(valid.padEnd(maxLength + 1, 'x'))
  wrong.push(...(wrongFormats[format] ?? []))
  if (binary) wrong.push(...wrongBinaries(binary), `+${rest}`, `/${rest}`, `${valid}=`, ` ${valid}`, `${valid}\n`)
  return wrong
}

function wrongNumbers({ minimum, maximum, enum: allowed }: Schema): number[] {
  const wrong = allowed ? [0, 2, -1, 1.5] : [0.5, 1e308]
  if (minimum !== undefined) wrong.push(minimum - 1, minimum + 0.5, ...(minimum > 0 ? [-minimum] : []))
  if (maximum !== undefined) wrong.push(maximum + 1)
  return wrong.filter((value) => !(allowed ?? []).includes(value))
}

/** Every kind of wrong value for one field, given a right one, and what the schema can't say of its texts. */
export function wrongValues(schema: Schema, valid: unknown, binary?: Binary, texts: string[] = []): unknown[] {
  const types = typesOf(schema)
  const wrong = wrongTypes(schema)
  if (schema.enum && types.includes('string')) wrong.push('nope', '', String(schema.enum[0]).toUpperCase())
  else if (types.includes('string')) wrong.push(...wrongStrings(schema, String(valid), binary), ...texts)
  if (types.includes('integer') || types.includes('number')) wrong.push(...wrongNumbers(schema))
  if (types.includes('boolean') && schema.enum) wrong.push(schema.enum[0] !== true)
  const item: unknown = (Array.isArray(valid) ? valid : [])[0] ?? 'x'
  if (schema.maxItems !== undefined) wrong.push(Array.from({ length: schema.maxItems + 1 }, () => item))
  if ((schema.minItems ?? 0) > 0) wrong.push([])
  if (schema.items && typesOf(schema.items).length > 0)
    wrong.push(...wrongValues(schema.items, item, undefined, texts).map((one) => [item, one]))
  return wrong
}
