/**
 * Rows by the hundred thousand, straight into the database: copies of secrets that the API made, under slugs of their
 * own. Nobody has their links; they are there to be in the way.
 */
import type Sqlite from 'better-sqlite3'

type Database = Sqlite.Database

function columnsOf(database: Database, table: string): string[] {
  return (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name)
}

/** Inserts `count` copies of the row where `key` is `source`, with some columns' values replaced by SQL over `n.i`. */
function copyRow(
  database: Database,
  { table, key, source, count }: { table: string; key: string; source: number; count: number },
  replaced: Record<string, string>,
): void {
  const columns = columnsOf(database, table)
  const values = columns.map((column) => replaced[column] ?? `t.${column}`)
  database
    .prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
       INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM n, ${table} t WHERE t.${key} = :source`,
    )
    .run({ count, source })
}

/** Adds `count` copies of the newest secret, with its content, its events and its place in the counts. */
export const fill = (database: Database, count: number): void =>
  database
    .transaction(() => {
      const newest = database.prepare('SELECT max(id) FROM secrets').pluck()
      const source = newest.get() as number
      const id = `${source} + n.i`
      copyRow(
        database,
        { table: 'secrets', key: 'id', source, count },
        { id, slug: 'substr(hex(randomblob(7)), 1, 13)' },
      )
      copyRow(database, { table: 'vault', key: 'id', source, count }, { id })
      copyRow(database, { table: 'events', key: 'secret_id', source, count }, { id: 'NULL', secret_id: id })
      database.prepare("UPDATE counts SET present = present + ? WHERE state = 'active'").run(count)
      database.prepare('UPDATE days SET created = created + ?').run(count)
    })
    .immediate()
