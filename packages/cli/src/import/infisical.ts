/** Reads the output of Infisical: `infisical export --format=json` and its API's list of secrets. */
import { Unreadable, type Item } from './item.ts'
import type { Json } from './json-text.ts'
import { memberOf, textOf, valueItem } from './json.ts'

/** @throws Unreadable */
export function readInfisical(file: Json): Item[] {
  const list = file.kind === 'object' ? memberOf(file, 'secrets') : file
  if (list?.kind !== 'list')
    throw new Unreadable(file.line, 'must start a JSON array, or an object with an array named secrets')
  return list.items.map(readSecret)
}

/** The key is the path and the name, without the root `/`. */
function readSecret(secret: Json): Item {
  const { line } = secret
  if (secret.kind !== 'object') return { line, problem: "isn't an object" }
  const key = textOf(memberOf(secret, 'key')) ?? textOf(memberOf(secret, 'secretKey'))
  if (key === null) return { line, problem: 'has neither key nor secretKey' }
  const folders = (textOf(memberOf(secret, 'secretPath')) ?? '').split('/').filter((folder) => folder !== '')
  const path = [...folders, key].join('/')
  if (textOf(memberOf(secret, 'secretValueHidden')) === 'true')
    return { line, key: path, problem: 'has a hidden value: export it with an account that may read it' }
  return valueItem(line, path, memberOf(secret, 'value') ?? memberOf(secret, 'secretValue'))
}
