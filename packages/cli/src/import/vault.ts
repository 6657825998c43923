/**
 * HashiCorp Vault's KV store: what `vault kv get -format=json` prints, of version 1 and 2 of the engine, and trees of
 * paths as exporters write them, in which such replies may stand too.
 */
import { Unreadable, type Item } from './item.ts'
import type { Json, JsonObject } from './json-text.ts'
import { memberOf, valueItem } from './json.ts'

/** @throws Unreadable */
export function readVault(file: Json): Item[] {
  if (file.kind !== 'object') throw new Unreadable(file.line, 'must begin an object')
  return readTree(file, '')
}

/** Keys are paths, whose values are at their ends. */
function readTree(tree: JsonObject, path: string): Item[] {
  const data = dataOf(tree)
  if (data?.kind === 'null') return [{ line: data.line, key: path, problem: 'has no value: its version is deleted' }]
  return (data ?? tree).members.flatMap(({ line, key, value }) => {
    const inner = path === '' ? key : `${path}/${key}`
    return value.kind === 'object' ? readTree(value, inner) : [valueItem(line, inner, value)]
  })
}

/** What a reply of Vault's holds, of version 2 the data inside its data; undefined for what is no reply. */
function dataOf(reply: JsonObject): JsonObject | Extract<Json, { kind: 'null' }> | undefined {
  const data = memberOf(reply, 'data')
  if (data?.kind !== 'object' && data?.kind !== 'null') return undefined
  const metadata = memberOf(reply, 'metadata')
  if (metadata?.kind === 'object' && memberOf(metadata, 'created_time')) return data
  if (!isReply(reply)) return undefined
  return data.kind === 'object' ? (dataOf(data) ?? data) : data
}

/** Of every reply of Vault's. */
export const isReply = (reply: JsonObject): boolean =>
  ['request_id', 'lease_duration'].some((name) => memberOf(reply, name) !== undefined)
