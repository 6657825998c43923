/**
 * The yardstick: the least that a server can do for a create and for a reveal that spends. A bare Hono handler parses
 * the JSON and writes one row with better-sqlite3, WAL, synchronous=FULL; no check, no policy, no record.
 *
 *     node bench/yardstick.ts each|group DIRECTORY
 *
 * `each`: a transaction a request. `group`: the writes that wait at the same moment share one.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import type Sqlite from 'better-sqlite3'
import type * as NodeServer from '../apps/api/node_modules/@hono/node-server'
import type * as HonoModule from '../apps/api/node_modules/hono'
import type { WireCreateRequest, WireRevealRequest } from '../packages/sdk/src/wire.ts'

/** The very versions that the API runs on. */
const require = createRequire(new URL('../apps/api/package.json', import.meta.url))
const Database = require('better-sqlite3') as typeof Sqlite
const { Hono } = require('hono') as typeof HonoModule
const { serve } = require('@hono/node-server') as typeof NodeServer

const [mode, directory] = process.argv.slice(2)
if ((mode !== 'each' && mode !== 'group') || directory === undefined) {
  console.error('usage: node bench/yardstick.ts each|group DIRECTORY')
  process.exit(2)
}

const database = new Database(path.join(directory, 'yardstick.sqlite'))
database.pragma('journal_mode = WAL')
database.pragma('synchronous = FULL')
database.exec('CREATE TABLE secrets (slug TEXT PRIMARY KEY, body TEXT NOT NULL, views INTEGER NOT NULL DEFAULT 0)')
const insert = database.prepare('INSERT INTO secrets (slug, body) VALUES (?, ?)')
const spend = database.prepare<[string], { body: string }>(
  'UPDATE secrets SET views = views + 1 WHERE slug = ? AND views < 1 RETURNING body',
)

interface Waiting {
  write: () => unknown
  resolve: (value: unknown) => void
}
let waiting: Waiting[] = []

const commitTogether = database.transaction((batch: Waiting[]) => batch.map(({ write }) => write()))

function flush(): void {
  const batch = waiting
  waiting = []
  const results = commitTogether(batch)
  batch.forEach(({ resolve }, i) => resolve(results[i]))
}

const commitGrouped = <T>(write: () => T): Promise<T> =>
  new Promise((resolve) => {
    if (waiting.push({ write, resolve: resolve as Waiting['resolve'] }) === 1) setImmediate(flush)
  })

/** A statement outside a transaction is one of its own. */
const commitEach = <T>(write: () => T): Promise<T> => Promise.resolve(write())

const commit = mode === 'group' ? commitGrouped : commitEach

const app = new Hono()
app.post('/api/v1/secrets', async (c) => {
  const { slug, envelope, key_a } = await c.req.json<WireCreateRequest>()
  const body = JSON.stringify({ key_a, envelope })
  await commit(() => insert.run(slug, body))
  return c.json({ slug }, 201)
})
app.post('/api/v1/links/:slug/reveal', async (c) => {
  const { reveal_id } = await c.req.json<WireRevealRequest>()
  const row = await commit(() => spend.get(c.req.param('slug')))
  if (!row || !reveal_id) return c.json({}, 410)
  return c.body(row.body, 200, { 'Content-Type': 'application/json' })
})

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`yardstick listens on http://127.0.0.1:${port}`)
})
