/** Reads CSV (RFC 4180) with a header row: handler, value and, optionally, name. */
import { Unreadable, type Item } from './item.ts'
import { matchAt } from './match-at.ts'

/** A record's fields and the line on which it starts. */
interface Row {
  line: number
  fields: string[]
}

const columns = ['handler', 'value', 'name']

/** @throws Unreadable */
export function readCsv(text: string): Item[] {
  const [header, ...rows] = parseRows(text)
  if (!header) throw new Unreadable(0, 'is empty')
  const names = header.fields.map((field) => field.trim().toLowerCase())
  const unknown = names.filter((name) => !columns.includes(name))
  if (
    unknown.length > 0 ||
    new Set(names).size < names.length ||
    !names.includes('handler') ||
    !names.includes('value')
  )
    throw new Unreadable(header.line, 'must be a header with the columns handler, value and, optionally, name')
  return rows.map((row) => readRow(row, names))
}

function readRow({ line, fields }: Row, names: string[]): Item {
  if (fields.length !== names.length)
    return { line, problem: `has ${fields.length} fields, but the header has ${names.length}` }
  const field = (name: string): string => fields[names.indexOf(name)] ?? ''
  return { line, key: field('handler'), value: field('value'), name: field('name') || undefined }
}

const FIELD = /"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)/y
const END = /,|\r\n|\n|\r|$/y

/** @throws Unreadable */
function parseRows(text: string): Row[] {
  const rows: Row[] = []
  let line = 1
  let row: Row = { line, fields: [] }
  for (let at = 0; at < text.length || row.fields.length > 0;) {
    const [field, quoted, plain = ''] = matchAt(FIELD, text, at) ?? ['']
    at += field.length
    const end = matchAt(END, text, at)?.[0]
    if (end === undefined)
      throw new Unreadable(line, "has a quote that isn't closed or doesn't enclose the whole field")
    at += end.length
    row.fields.push(quoted?.replaceAll('""', '"') ?? plain)
    line += field.split(/\r\n|\n|\r/).length - 1
    if (end === ',') continue
    line++
    // An empty line isn't a record; most files end in one.
    if (row.fields.length > 1 || field !== '') rows.push(row)
    row = { line, fields: [] }
  }
  return rows
}
