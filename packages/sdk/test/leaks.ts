/** Searches values for secrets, in every form in which one could slip out. */
import { inspect } from 'node:util'
import { b58 } from '../src/protocol/encoding.ts'

export type Needles = Record<string, string | Uint8Array>

/** The names of the needles that can be found in a value: printed, as JSON, or anywhere among its properties. */
export function findLeaks(value: unknown, needles: Needles): string[] {
  const haystack = textsOf(value).join('\n')
  return Object.entries(needles)
    .filter(([, needle]) => formsOf(needle).some((form) => haystack.includes(form)))
    .map(([name]) => name)
}

function formsOf(needle: string | Uint8Array): string[] {
  const bytes = Buffer.from(needle as string)
  const encoded = [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')]
  if (typeof needle !== 'string') return [...encoded, b58(needle, 44), [...needle].join(',')]
  return [...encoded, needle, encodeURIComponent(needle), JSON.stringify(needle).slice(1, -1)]
}

function textsOf(root: unknown): string[] {
  const texts: string[] = []
  const seen = new Set<unknown>()
  const visit = (value: unknown): void => {
    if (seen.has(value)) return
    seen.add(value)
    if (typeof value === 'string') texts.push(value)
    if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('base64url'), [...value].join(','))
    if (typeof value !== 'object' || value === null) return
    texts.push(inspect(value, { depth: Infinity, showHidden: true, getters: false }), JSON.stringify(value))
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'string') texts.push(key)
      visit(Reflect.get(value, key))
    }
  }
  visit(root)
  texts.push(String(root))
  return texts
}
