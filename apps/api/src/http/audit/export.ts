/** Exports the log as JSON Lines, or as CSV (RFC 4180) that spreadsheets treat as text. */
import type { WireAuditEntry } from '@halfkey/sdk'
import type { AuditHead } from '../../domain/audit/entry.ts'
import type { AuditQuery, Store } from '../../store/store.ts'
import { presentEntry } from './present.ts'

interface Format {
  type: string
  head: string
  line: (entry: WireAuditEntry) => string
}

const columns = [
  'id',
  'at',
  'type',
  'reason',
  'slug',
  'ip',
  'country',
  'user_agent',
  'purged',
  'nonce',
  'entry_hash',
  'chain',
  'handler',
  'version',
  'token_id',
  'token',
  'basis',
  'purged_by',
] as const satisfies (keyof WireAuditEntry)[]

/**
 * Where a spreadsheet could see a formula, whatever separator it uses (quotes only protect against ours): at the start, and
 * after a comma, semicolon, tab, space, bar or line break.
 */
const formulaStart = /(?<=^|[,;\t |\r\n])(?=[=+\-@＝＋－＠\t\r\n'])/g

/** Puts an apostrophe before formulas, which makes them text. Readers remove it again. */
function cell(value: WireAuditEntry[keyof WireAuditEntry]): string {
  const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
  const safe = text.replace(formulaStart, "'")
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const formats = {
  jsonl: {
    type: 'application/jsonl; charset=utf-8',
    head: '',
    line: (entry) => `${JSON.stringify(entry)}\n`,
  },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: `${columns.join(',')}\r\n`,
    line: (entry) => `${columns.map((column) => cell(entry[column])).join(',')}\r\n`,
  },
} satisfies Record<string, Format>

const pageLength = 500

/** Yields everything up to `head` that matches the query, a page at a time as fast as it is read. */
export async function* exportLog(
  store: Store,
  query: Omit<AuditQuery, 'limit'>,
  head: AuditHead | null,
  format: Format,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder()
  if (format.head !== '') yield encoder.encode(format.head)
  for (let after = query.after; head && after < head.id;) {
    const page = await store.readAudit({ ...query, after, limit: pageLength })
    const lines = page.filter(({ id }) => id <= head.id).map((entry) => format.line(presentEntry(entry)))
    if (lines.length > 0) yield encoder.encode(lines.join(''))
    const last = page.at(-1)
    if (!last || page.length < pageLength) return
    after = last.id
  }
}
