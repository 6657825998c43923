/** Reads .env files (NAME=VALUE). docs/import.md describes the dialect. */
import { Unreadable, type Item } from './item.ts'
import { matchAt } from './match-at.ts'

const BLANK = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y
const NAME = /[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=(?:[ \t]+(?![ \t#]))?/y
const QUOTED = /'([^']*)'|"([^"\\]*(?:\\[^][^"\\]*)*)"|`([^`]*)`/y
/** Ends at the line break, or at white space before a "#". */
const UNQUOTED = /(?!['"`])[^\n \t]*(?:[ \t]+(?![ \t#\n]|$)[^\n \t]+)*/y

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' }

/** @throws Unreadable */
export function readDotenv(text: string): Item[] {
  const items: Item[] = []
  const source = text.replace(/\r\n?/g, '\n')
  let line = 1
  for (let at = 0; at < source.length;) {
    const blank = matchAt(BLANK, source, at)
    if (blank) {
      at += blank[0].length
      line++
      continue
    }
    const [start, key = ''] = matchAt(NAME, source, at) ?? []
    if (start === undefined) throw new Unreadable(line, "isn't NAME=VALUE")
    at += start.length
    const match = matchAt(QUOTED, source, at) ?? matchAt(UNQUOTED, source, at)
    if (!match) throw new Unreadable(line, "has a quote that isn't closed")
    const [raw, single, double, back] = match
    const value =
      single ?? back ?? double?.replace(/\\([nrt"\\$])/g, (_, letter: string) => escapes[letter] ?? '') ?? raw
    at += raw.length
    const rest = matchAt(BLANK, source, at)
    if (!rest) throw new Unreadable(line, 'has text after the closing quote')
    at += rest[0].length
    items.push({ line, key, value })
    line += raw.split('\n').length
  }
  return items
}
