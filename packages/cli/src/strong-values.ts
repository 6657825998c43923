/** Generates strong random values with `randomInt`, which is uniform (no modulo bias). */
import { randomInt } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { UsageError } from './failure.ts'

export const classes = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  symbols: '!#$%&()*+,-./:;<=>?@[]^_{|}~',
}

export type CharacterClass = keyof typeof classes

const isClass = (name: string): name is CharacterClass => Object.hasOwn(classes, name)

export function parseClasses(names: string[]): CharacterClass[] {
  const unknown = names.find((name) => !isClass(name))
  if (unknown !== undefined)
    throw new UsageError(`--classes: unknown class ${unknown}. Use any of: ${Object.keys(classes).join(', ')}.`)
  return [...new Set(names.filter(isClass))]
}

/**
 * `length` characters with at least one of each class. Values without are rejected and drawn again, which keeps the
 * distribution uniform.
 */
export function drawCharacters(length: number, from: CharacterClass[]): string {
  if (length < from.length) throw new UsageError(`--length must be at least ${from.length}, so that each class occurs.`)
  const alphabet = from.map((name) => classes[name]).join('')
  for (;;) {
    const value = Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
    if (from.every((name) => Array.from(value).some((character) => classes[name].includes(character)))) return value
  }
}

/** Words from the BIP 39 list (11 bits each): 2048 words that differ in their first four letters. */
export const drawWords = (count: number): string =>
  Array.from({ length: count }, () => wordlist[randomInt(wordlist.length)]).join('-')
