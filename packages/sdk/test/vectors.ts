import { readdirSync, readFileSync } from 'node:fs'
import type { Vectors } from './conformance.ts'

const folder = new URL('../../../spec/vectors/', import.meta.url)

/** Every file of spec/vectors but the bridge's own, by its name without `.json`. */
export function readVectors(): Vectors {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'bridge.json')
  return Object.fromEntries(
    files.map((name) => [
      name.slice(0, -'.json'.length),
      JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vectors[string],
    ]),
  )
}
