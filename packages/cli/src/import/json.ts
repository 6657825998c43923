/** Reads plain JSON: an object of values by handler, or an array of objects with handler, value and an optional name. */
import { Unreadable, type Item } from './item.ts'
import type { Json, JsonObject } from './json-text.ts'

/** A member's value. Duplicate members were already reported by `findDuplicates`. */
export const memberOf = ({ members }: JsonObject, key: string): Json | undefined =>
  members.findLast((member) => member.key === key)?.value

/** The text of a string, or a number, true or false as written; null for anything else. */
export const textOf = (value: Json | undefined): string | null =>
  value?.kind === 'text' || value?.kind === 'plain' ? value.text : null

/** The item for a member, or its problem if the value isn't text. */
export function valueItem(line: number, key: string, value: Json | undefined): Item {
  const text = textOf(value)
  return text === null ? { line, key, problem: `has a value that isn't text` } : { line, key, value: text }
}

/** @throws Unreadable */
export function readJson(file: Json): Item[] {
  if (file.kind === 'object') return file.members.map(({ line, key, value }) => valueItem(line, key, value))
  if (file.kind === 'list') return file.items.map(readEntry)
  throw new Unreadable(file.line, 'must start a JSON object or array')
}

const known = ['handler', 'value', 'name']

function readEntry(entry: Json): Item {
  const { line } = entry
  if (entry.kind !== 'object') return { line, problem: "isn't an object with handler and value" }
  const key = textOf(memberOf(entry, 'handler'))
  if (key === null) return { line, problem: 'has no handler' }
  const unknown = entry.members.find((member) => !known.includes(member.key))
  if (unknown) return { line: unknown.line, key, problem: `has an unknown member: ${unknown.key}` }
  const item = valueItem(line, key, memberOf(entry, 'value'))
  return 'problem' in item ? item : { ...item, name: textOf(memberOf(entry, 'name')) ?? undefined }
}
