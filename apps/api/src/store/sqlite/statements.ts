/**
 * Statements of the hot path: built by drizzle, whose columns are typed, but prepared once with better-sqlite3, bound by
 * position and read as arrays. Drizzle's own mapping costs several times what SQLite takes for such a row.
 */
import type { Statement as SqliteStatement } from 'better-sqlite3'
import { Column, is, Param, Placeholder } from 'drizzle-orm'
import type { Drizzle } from './database.ts'

type Values = Record<string, unknown>

interface Query {
  toSQL(): { sql: string; params: unknown[] }
}

export type Row = readonly unknown[]

export interface Statement {
  /** How many rows were changed. */
  run(values: Values): number
  /** The id of the row that was inserted. */
  insert(values: Values): number
  /** The first row, with its columns in the order of the query. */
  get(values: Values): Row | undefined
  all(values: Values): Row[]
}

/** Columns' types whose values SQLite takes as they are. */
const plainTypes = ['string', 'number', 'buffer']

interface Bound {
  name: string
  /** Of a value that isn't null; null: as it is. */
  encode: ((value: unknown) => unknown) | null
}

/** null: a constant. */
function boundOf(param: unknown): Bound | null {
  if (is(param, Placeholder)) return { name: param.name, encode: null }
  if (!is(param, Param) || !is(param.value, Placeholder)) return null
  const { encoder } = param
  const isPlain = is(encoder, Column) && plainTypes.includes(encoder.dataType)
  return { name: param.value.name, encode: isPlain ? null : (value) => encoder.mapToDriverValue(value) }
}

/**
 * A constant as SQL. Drizzle would bind it; but SQLite plans a statement anew whenever a value is bound that its plan may
 * rest on, as that of a LIMIT or of a column that a partial index tests, and planning costs more than running it.
 */
function literal(value: unknown): string {
  if (value === null || typeof value === 'number') return String(value)
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  throw new Error('a constant of a statement must be a number, a string or null')
}

export function prepare({ $client: client }: Drizzle, query: Query): Statement {
  const { sql, params } = query.toSQL()
  const each = params.map(boundOf)
  const binds = each.filter((bind) => bind !== null)
  let index = 0
  const text = sql.replace(/\?/g, () => {
    const at = index++
    return each[at] ? '?' : literal(params[at])
  })
  const statement = client.prepare(text) as SqliteStatement
  if (statement.reader) statement.raw()
  const bound = (values: Values): unknown[] => {
    const list: unknown[] = []
    for (const { name, encode } of binds) {
      const value = values[name]
      if (value === undefined) throw new Error(`no value for the placeholder ${name}`)
      list.push(encode === null || value === null ? value : encode(value))
    }
    return list
  }
  return {
    run: (values) => statement.run(bound(values)).changes,
    insert: (values) => Number(statement.run(bound(values)).lastInsertRowid),
    get: (values) => statement.get(bound(values)) as Row | undefined,
    all: (values) => statement.all(bound(values)) as Row[],
  }
}

/** `{ name: placeholder(name) }` for every column of a table but those left out. */
export function placeholders<Columns extends Record<string, unknown>, Without extends keyof Columns & string = never>(
  columns: Columns,
  without: readonly Without[] = [],
) {
  const names = Object.keys(columns).filter((name) => !(without as readonly string[]).includes(name))
  return Object.fromEntries(names.map((name) => [name, new Placeholder(name)])) as {
    [Name in Exclude<keyof Columns & string, Without>]: Placeholder<Name>
  }
}

/** The facts that a rule decided by no longer hold. */
export function hold(changed: number, kind: string): void {
  if (changed === 0) throw new Error(`the facts changed before the write: ${kind}`)
}
