/**
 * Reads the output of Doppler: `doppler secrets download --format json --no-file`, `doppler secrets --json`, and its API's
 * list of secrets.
 */
import { Unreadable, type Item } from './item.ts'
import type { Json } from './json-text.ts'
import { memberOf, valueItem } from './json.ts'

/** Added by Doppler to every export; not secrets. */
export const added = ['DOPPLER_PROJECT', 'DOPPLER_ENVIRONMENT', 'DOPPLER_CONFIG']

/** @throws Unreadable */
export function readDoppler(file: Json): Item[] {
  if (file.kind !== 'object') throw new Unreadable(file.line, 'must start a JSON object')
  const list = memberOf(file, 'secrets')
  const { members } = list?.kind === 'object' && !memberOf(list, 'computed') ? list : file
  return members
    .filter(({ key }) => !added.includes(key))
    .map(({ line, key, value }) =>
      // `computed` has references to other secrets resolved.
      valueItem(line, key, value.kind === 'object' ? memberOf(value, 'computed') : value),
    )
}
