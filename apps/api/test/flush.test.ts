import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { caller, conversation, newId, seal } from './support/sender.ts'
import { makeHome, startServer } from './support/server.ts'
import type { TraceEvent } from './support/strace.ts'
import { parseTrace, requireStrace, traced } from './support/strace.ts'

interface Exchange {
  line: string
  status: number
  /** What the WAL went through from the request's arrival to the reply's leaving. */
  wal: ('write' | 'flush')[]
}

function exchangesIn(events: TraceEvent[]): Exchange[] {
  const open = new Map<string, Exchange>()
  const done: Exchange[] = []
  for (const event of events) {
    if (event.kind === 'write' || event.kind === 'flush') for (const { wal } of open.values()) wal.push(event.kind)
    if (event.kind === 'request') open.set(event.connection, { line: event.line, status: 0, wal: [] })
    if (event.kind !== 'reply') continue
    const exchange = open.get(event.connection)
    if (exchange) done.push({ ...exchange, status: event.status })
    open.delete(event.connection)
  }
  return done
}

/** Its own row was written, and nothing in the WAL was left unflushed, when the reply left. */
function isDurable({ wal }: Exchange): boolean {
  return wal.includes('write') && wal.at(-1) === 'flush'
}

const home = makeHome()
afterAll(() => home.remove())

describe('the reader of traces can tell', () => {
  const asked = 'read(26<socket:[7]>, "POST /api/v1/secrets HTTP/1.1\\r\\n"..., 65536) = 147'
  const wrote = 'pwrite64(22</tmp/halfkey.sqlite-wal>, "7\\177\\6", 32, 0) = 32'
  const flushed = 'fdatasync(22</tmp/halfkey.sqlite-wal>) = 0'
  const replied = 'write(26<socket:[7]>, "HTTP/1.1 201 Created\\r\\n"..., 538) = 538'

  test.each([
    ['write, flush, reply', [asked, wrote, flushed, replied], true],
    ['reply before the flush', [asked, wrote, replied, flushed], false],
    ['a write after the flush', [asked, wrote, flushed, wrote, replied], false],
    ['a flush that fails', [asked, wrote, flushed.replace('= 0', '= -1 EIO'), replied], false],
    ['another file flushed', [asked, wrote, flushed.replace('-wal', ''), replied], false],
    ['written before the request came', [wrote, asked, flushed, replied], false],
  ])('%s', (_, lines, durable) => {
    expect(exchangesIn(parseTrace(lines.join('\n'))).map(isDurable)).toEqual([durable])
  })
})

describe('a reply leaves only after its row is on the disk', () => {
  let exchanges: Exchange[]
  const crowd = 64

  beforeAll(async () => {
    requireStrace()
    const file = path.join(home.root, 'trace')
    const server = await startServer(home, { HALFKEY_LOG: 'off', HALFKEY_SWEEP_SECONDS: '3600' }, traced(file))
    const call = caller(server.url)
    const { create, reveal, ack, patch, burn, purge } = conversation(call)
    const owner = { Authorization: `Bearer ${server.token}` }

    const secret = seal({ password: true, fields: { maximum_views: 2 } })
    const id = newId()
    await create(secret)
    await patch(secret, { expires_in: 600 })
    await reveal(secret, newId(), { password_proof: secret.access })
    await reveal(secret, id, { password_proof: secret.passwordProof })
    await ack(secret, id)
    await burn(secret)
    await purge(secret)
    const token = await call('POST', '/api/v1/tokens', { name: 'laptop', scopes: ['secrets:read'] }, owner)
    const { id: tokenId } = (token.body as { data: { id: string } }).data
    await call('DELETE', `/api/v1/tokens/${tokenId}`, undefined, owner)
    await call('PUT', '/api/v1/workspace/check', { workspace_check: secret.keyA }, owner)

    const many = Array.from({ length: crowd }, () => seal())
    await Promise.all(many.map((sealed) => create(sealed)))
    await Promise.all(many.map((sealed) => reveal(sealed)))

    await server.stop()
    await vi.waitFor(() => expect(readFileSync(file, 'utf8')).toContain('+++ exited with 0 +++'))
    exchanges = exchangesIn(parseTrace(readFileSync(file, 'utf8')))
  })

  const alone = (): Exchange[] => exchanges.slice(0, -2 * crowd)

  test.each([
    ['POST /api/v1/secrets', 201],
    ['PATCH /api/v1/secrets/', 200],
    ['POST /api/v1/links/…/reveal', 403],
    ['POST /api/v1/links/…/reveal', 200],
    ['POST /api/v1/links/…/ack', 200],
    ['DELETE /api/v1/secrets/', 200],
    ['POST /api/v1/tokens', 201],
    ['DELETE /api/v1/tokens/', 200],
    ['PUT /api/v1/workspace/check', 200],
  ])('%s, answered with %i', (line, status) => {
    const [start = '', end = ''] = line.split('…')
    const found = alone().filter((exchange) => exchange.line.startsWith(start) && exchange.line.endsWith(end))
    const answered = found.filter((exchange) => exchange.status === status)
    expect(answered).not.toEqual([])
    expect(answered.filter((exchange) => !isDurable(exchange))).toEqual([])
  })

  test(`${crowd} creates and ${crowd} reveals at once, which share flushes`, () => {
    const crowded = exchanges.slice(-2 * crowd)
    expect(crowded.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: crowd }, () => 200),
      ...Array.from({ length: crowd }, () => 201),
    ])
    expect(crowded.filter((exchange) => !isDurable(exchange))).toEqual([])
  })
})
