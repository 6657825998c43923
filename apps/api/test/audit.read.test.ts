/** Who may read the access log, by page and as a file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { WireAuditEntry, WireAuditPage } from '@halfkey/sdk'
import { exportLog, formats } from '../src/http/audit/export.ts'
import { fastDirectory } from './support/app.ts'
import { openAudited, otherToken, tenEntries } from './support/audited.ts'
import { seal } from './support/sender.ts'

describe('reading', () => {
  test('pages follow each other without gap or repetition, and every page names the head', async () => {
    const app = await tenEntries()
    const all = await app.audit()
    expect(all.next).toBeNull()
    const { head, entries } = all
    expect(head).not.toBeNull()
    expect(entries.at(-1)).toMatchObject({ ...head })
    const ids: number[] = []
    for (let after: number | null = 0; after !== null;) {
      const page: WireAuditPage = await app.audit(`?after=${after}&limit=3`)
      expect(page.head).toEqual(all.head)
      ids.push(...page.entries.map((entry) => entry.id))
      after = page.next
    }
    expect(ids).toEqual(all.entries.map((entry) => entry.id))
  })

  test('time, type and slug filter', async () => {
    const app = await openAudited()
    const first = await app.given()
    app.clock.advance(1000)
    await app.api.burn(first)
    app.clock.advance(1000)
    await app.given()
    const idsOf = async (query: string) => (await app.audit(query)).entries.map((entry) => entry.id)
    expect(await idsOf('?since=2026-01-01T00:00:01Z')).toEqual([2, 3])
    expect(await idsOf('?since=2026-01-01T00:00:01Z&until=2026-01-01T00:00:02Z')).toEqual([2])
    expect(await idsOf('?type=created')).toEqual([1, 3])
    expect(await idsOf(`?slug=${first.slug}`)).toEqual([1, 2])
  })

  test.each([
    '?format=xml',
    '?after=x',
    '?limit=0',
    '?since=yesterday',
    '?type=read',
    '?slug=x',
    '?page=1',
    '?format=csv&limit=5',
  ])('%s is refused by name', async (query) => {
    const app = await openAudited()
    const { status, body } = await app.call('GET', `/api/v1/audit${query}`, undefined, app.bearer)
    expect(status).toBe(422)
    expect(Object.keys(body.error.details)).toHaveLength(1)
  })

  test('needs the scope audit:read', async () => {
    const app = await openAudited()
    const without = await otherToken(app, ['secrets:read', 'secrets:write', 'tokens:admin'])
    for (const headers of [without, {}]) {
      const status = headers === without ? 403 : 401
      expect(await app.call('GET', '/api/v1/audit', undefined, headers)).toMatchObject({ status })
      expect(await app.call('POST', '/api/v1/audit/verify', {}, headers)).toMatchObject({ status })
    }
  })

  test('entries of another workspace, or of nobody’s secrets, are never seen', async () => {
    const app = await openAudited()
    const other = await otherToken(app)
    const theirs = seal()
    await app.api.create(theirs, other)
    await app.api.create(seal())
    const mine = await app.given()
    expect((await app.audit()).entries).toMatchObject([{ slug: mine.slug }])
    expect((await app.audit(`?slug=${theirs.slug}`)).entries).toEqual([])
    expect(await app.verify()).toMatchObject({ entries: 1 })
    for (const format of ['jsonl', 'csv']) {
      const { text } = await app.call('GET', `/api/v1/audit?format=${format}`, undefined, app.bearer)
      expect(text).toContain(mine.slug)
      expect(text).not.toContain(theirs.slug)
    }
    const { body } = await app.call('POST', '/api/v1/audit/verify', { head: (await app.audit()).head }, other)
    expect(body.data).toMatchObject({ valid: false, entries: 1, problems: [{ problem: 'missing' }] })
  })
})

/** RFC 4180, and the apostrophe before what a spreadsheet would compute, wherever it splits. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy)) {
    const value = quoted?.replaceAll('""', '"') ?? plain
    rows.at(-1)?.push(value.replaceAll(/(?<=^|[,;\t |\r\n])'/g, ''))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

describe('an export', () => {
  const hostile = [
    `=HYPERLINK("http://evil.example","x")`,
    '+1',
    '-1',
    '@SUM(A1)',
    `'=1`,
    'a,b',
    'say "hi"',
    'plain',
    'x;=1+1',
    'x,@SUM(A1)',
    'x; -1',
    'x |+1',
    `x;'=1`,
  ]
  /** What no header can bear. */
  const unsent = [
    '\t=1',
    'x\t=1',
    'x\n=1',
    '＝1',
    'x;＋1',
    '\r=1',
    '\n=1',
    'two\r\nlines',
    '\n"=1,2"\n',
    'a\tb',
    '\u2028',
    'naïve',
    '',
  ]

  async function exported(format: string) {
    const app = await openAudited()
    for (const agent of hostile) await app.api.create(seal(), { ...app.bearer, 'User-Agent': agent })
    const { slug } = (await app.audit()).entries[0] ?? {}
    for (const userAgent of unsent) app.denials.add(slug ?? '', 'NOT_FOUND', { ip: null, userAgent, country: null })
    await app.denials.flush()
    const page = await app.audit()
    const reply = await app.call('GET', `/api/v1/audit?format=${format}`, undefined, app.bearer)
    expect(reply.headers.get('Halfkey-Audit-Head')).toBe(`${page.head?.id}:${page.head?.chain}`)
    expect(reply.headers.get('Content-Disposition')).toBe(`attachment; filename="halfkey-audit.${format}"`)
    return { entries: page.entries, text: reply.text }
  }

  test('as JSON Lines is what the pages hold, line by line', async () => {
    const { entries, text } = await exported('jsonl')
    expect(text.endsWith('\n')).toBe(true)
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as WireAuditEntry),
    ).toEqual(entries)
  })

  test('as CSV is what the pages hold, and no cell is a formula', async () => {
    const { entries, text } = await exported('csv')
    const [header = [], ...rows] = readCsv(text)
    const cell = (value: unknown): string =>
      typeof value === 'string' ? value : JSON.stringify(value ?? '').replace(/^""$/, '')
    const cells = (entry: WireAuditEntry) => header.map((name) => cell(entry[name as keyof WireAuditEntry]))
    expect(rows).toEqual(entries.map(cells))
    expect(rows.map((row) => row[header.indexOf('user_agent')])).toEqual([...hostile, ...unsent])
  })

  test.each([',', ';', '\t', ' ', '|'])(
    'as CSV has no formula in any cell of a spreadsheet that splits at %j',
    async (separator) => {
      const { text } = await exported('csv')
      const cells = text.split(separator === '\t' ? /[\t\r\n]/ : /[\r\n]/).flatMap((line) => line.split(separator))
      expect(cells.length).toBeGreaterThan(50)
      for (const cell of cells) expect(cell).not.toMatch(/^"?[=+\-@＝＋－＠]/)
    },
  )

  test('of everything ends with the head, so that the file carries it', async () => {
    const lines = await exported('jsonl')
    const { id, chain } = lines.entries.at(-1) ?? {}
    expect(JSON.parse(lines.text.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ id, chain })

    const { entries, text } = await exported('csv')
    const [header = [], ...rows] = readCsv(text)
    const cellsOfLast = ['id', 'chain'].map((name) => rows.at(-1)?.[header.indexOf(name)])
    expect(cellsOfLast).toEqual([String(entries.at(-1)?.id), entries.at(-1)?.chain])
  })

  test('ends at the head that it names, though entries are added while it is taken', async () => {
    const app = await tenEntries()
    const head = await app.store.readAuditHead(1)
    const lines = exportLog(app.store, { workspaceId: 1, after: 0 }, head, formats.jsonl)
    await app.given()
    let text = ''
    for await (const chunk of lines) text += Buffer.from(chunk).toString()
    expect(text.trimEnd().split('\n')).toHaveLength(10)
  })

  test('longer than a page holds every entry once', async () => {
    const app = await openAudited()
    const { slug } = await app.given()
    for (let n = 0; n < 1200; n++) app.denials.add(slug, 'NOT_FOUND', { ip: null, userAgent: null, country: null })
    await app.denials.flush()
    const { text } = await app.call('GET', '/api/v1/audit?format=jsonl&after=100', undefined, app.bearer)
    const ids = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as WireAuditEntry).id)
    expect(ids).toEqual(Array.from({ length: 1101 }, (_, n) => n + 101))
    expect(await app.verify()).toMatchObject({ valid: true, entries: 1201 })
  })

  test('of an empty log is empty, and names no head', async () => {
    const app = await openAudited()
    const { text, headers } = await app.call('GET', '/api/v1/audit?format=jsonl', undefined, app.bearer)
    expect(text).toBe('')
    expect(headers.has('Halfkey-Audit-Head')).toBe(false)
    expect(await app.verify()).toEqual({ valid: true, entries: 0, head: null, problems: [], records: [] })
  })
})

test('the example in docs/access-log.md takes an export as it is, and finds what was changed, moved or differs from before', async () => {
  const docs = readFileSync(new URL('../../../docs/access-log.md', import.meta.url), 'utf8')
  const directory = mkdtempSync(path.join(fastDirectory, 'halfkey-docs-'))
  const file = path.join(directory, 'check.mjs')
  writeFileSync(file, /```js\n(.*?)```/s.exec(docs)?.[1] ?? '')
  const { check } = (await import(file)) as { check: (text: string, earlier?: string) => string[] }
  rmSync(directory, { recursive: true })

  const app = await tenEntries()
  const take = async () => (await app.call('GET', '/api/v1/audit?format=jsonl', undefined, app.bearer)).text
  const earlier = await take()
  expect([check(earlier), check(earlier, earlier)]).toEqual([[], []])
  app.clock.advance(31 * 86_400_000)
  await app.sweep()
  await app.given({ fields: { expires_in: 60 } })
  const later = await take()
  expect(check(later, earlier), 'after a purge').toEqual([])

  const lines = earlier.split('\n')
  expect(check(earlier.replaceAll('192.0.2.1', '192.0.2.2'))).toHaveLength(10)
  expect(check(lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? '').join('\n'))).toEqual(['4 is out of order'])
  expect(check(lines.toSpliced(3, 1).join('\n'), earlier)).toEqual(['4 is not as it was exported before'])
  app.sql(`UPDATE events SET chain = zeroblob(32) WHERE id = 10`)
  await nextTurn()
  expect(check(await take(), earlier)).toEqual(['10 is not as it was exported before'])
})
