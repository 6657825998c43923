/** What is left of a secret in the database's files: what must be unrecoverable, searched for byte by byte. */
import { expect, vi } from 'vitest'
import { readDatabase } from './database.ts'
import { readFiles } from './files.ts'
import { Patterns, piecesOf, shortestPattern } from './search.ts'
import type { Sealed } from './sender.ts'

/** Every column that holds something of the content or the metadata, as it is stored; by slug and column. */
export function storedOf(directory: string, secrets: Sealed[]): Map<string, Buffer> {
  const slugs = new Set(secrets.map(({ slug }) => slug))
  const query = 'SELECT slug, vault.*, meta FROM secrets JOIN vault USING (id) LEFT JOIN metas ON secret_id = vault.id'
  const rows = readDatabase(directory, (db) => db.prepare<[], Record<string, unknown>>(query).all())
  const columns = rows
    .filter(({ slug }) => slugs.has(slug as string))
    .flatMap((row) =>
      Object.entries(row)
        .filter((column): column is [string, Buffer] => Buffer.isBuffer(column[1]))
        .map(([name, bytes]): [string, Buffer] => [`${row['slug'] as string} ${name}`, bytes]),
    )
  return new Map(columns)
}

/** Of those values, the names of which any 15 bytes in a row are somewhere in the files of `directory`. */
export function leftOf(directory: string, values: Map<string, Buffer>): string[] {
  const patterns = new Patterns()
  for (const [name, bytes] of values) for (const piece of piecesOf(bytes, shortestPattern)) patterns.add(name, piece)
  return [...new Set([...readFiles(directory).values()].flatMap((bytes) => [...patterns.findIn(bytes)]))].sort()
}

/** Waits for a sweep after which nothing of them is left; fails if ten seconds of sweeps don't do. */
export const expectDestroyed = (directory: string, values: Map<string, Buffer>): Promise<void> =>
  vi.waitFor(() => expect(leftOf(directory, values)).toEqual([]), { timeout: 10_000, interval: 500 })
