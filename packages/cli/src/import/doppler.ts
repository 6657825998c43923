/**
 * Doppler: what `doppler secrets download --format json --no-file`, `doppler secrets --json` and its API's list of
 * secrets print.
 */
import { Unreadable, type Item } from './item.ts'
import type { Json } from './json-text.ts'
import { memberOf, valueItem } from './json.ts'

/** What Doppler adds to every export, which are no secrets. */
export const added = ['DOPPLER_PROJECT', 'DOPPLER_ENVIRONMENT', 'DOPPLER_CONFIG']

/** @throws Unreadable */
export function readDoppler(file: Json): Item[] {
  if (file.kind !== 'object') throw new Unreadable(file.line, 'must begin an object')
  const list = memberOf(file, 'secrets')
  const { members } = list?.kind === 'object' && !memberOf(list, 'computed') ? list : file
  return members
    .filter(({ key }) => !added.includes(key))
    .map(({ line, key, value }) =>
      // With its references to other secrets resolved.
      valueItem(line, key, value.kind === 'object' ? memberOf(value, 'computed') : value),
    )
}
