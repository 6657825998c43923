/** JSON of one's own: an object of values by handler, or a list of objects with handler, value and maybe name. */
import { Unreadable, type Item } from './item.ts'
import type { Json, JsonObject } from './json-text.ts'

/** A member's value, of several the last, which `findTwice` has refused by then. */
export const memberOf = ({ members }: JsonObject, key: string): Json | undefined =>
  members.findLast((member) => member.key === key)?.value

/** Text, or a number, true or false as they were written; null for what is none of these. */
export const textOf = (value: Json | undefined): string | null =>
  value?.kind === 'text' || value?.kind === 'plain' ? value.text : null

/** What stands in a value's place. */
export function valueItem(line: number, key: string, value: Json | undefined): Item {
  const text = textOf(value)
  return text === null ? { line, key, problem: `has no value that is text` } : { line, key, value: text }
}

/** @throws Unreadable */
export function readJson(file: Json): Item[] {
  if (file.kind === 'object') return file.members.map(({ line, key, value }) => valueItem(line, key, value))
  if (file.kind === 'list') return file.items.map(readEntry)
  throw new Unreadable(file.line, 'must begin an object or a list')
}

const known = ['handler', 'value', 'name']

function readEntry(entry: Json): Item {
  const { line } = entry
  if (entry.kind !== 'object') return { line, problem: 'is not an object with handler and value' }
  const key = textOf(memberOf(entry, 'handler'))
  if (key === null) return { line, problem: 'has no handler' }
  const unknown = entry.members.find((member) => !known.includes(member.key))
  if (unknown) return { line: unknown.line, key, problem: `has a member that is unknown: ${unknown.key}` }
  const item = valueItem(line, key, memberOf(entry, 'value'))
  return 'problem' in item ? item : { ...item, name: textOf(memberOf(entry, 'name')) ?? undefined }
}
