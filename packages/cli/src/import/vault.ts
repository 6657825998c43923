/**
 * Reads the output of HashiCorp Vault's KV store: `vault kv get -format=json` of engine versions 1 and 2, and trees of
 * paths as exporters write them, which may contain such replies.
 */
import { Unreadable, type Item } from './item.ts'
import type { Json, JsonObject } from './json-text.ts'
import { memberOf, valueItem } from './json.ts'

/** @throws Unreadable */
export function readVault(file: Json): Item[] {
  if (file.kind !== 'object') throw new Unreadable(file.line, 'must start a JSON object')
  return readTree(file, '')
}

/** Joins nested keys to paths. */
function readTree(tree: JsonObject, path: string): Item[] {
  const data = dataOf(tree)
  if (data?.kind === 'null')
    return [{ line: data.line, key: path, problem: 'has no value, because its version is deleted' }]
  return (data ?? tree).members.flatMap(({ line, key, value }) => {
    const inner = path === '' ? key : `${path}/${key}`
    return value.kind === 'object' ? readTree(value, inner) : [valueItem(line, inner, value)]
  })
}

/** The data of a Vault reply (version 2: the inner data); undefined if it isn't a reply. */
function dataOf(reply: JsonObject): JsonObject | Extract<Json, { kind: 'null' }> | undefined {
  const data = memberOf(reply, 'data')
  if (data?.kind !== 'object' && data?.kind !== 'null') return undefined
  const metadata = memberOf(reply, 'metadata')
  if (metadata?.kind === 'object' && memberOf(metadata, 'created_time')) return data
  if (!isReply(reply)) return undefined
  return data.kind === 'object' ? (dataOf(data) ?? data) : data
}

/** Every reply of Vault has one of these members. */
export const isReply = (reply: JsonObject): boolean =>
  ['request_id', 'lease_duration'].some((name) => memberOf(reply, name) !== undefined)
