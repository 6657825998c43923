/** Values that nobody guesses: every character and word is drawn by `randomInt`, which is uniform (no modulo bias). */
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
    throw new UsageError(`--classes: there is no ${unknown}; there are ${Object.keys(classes).join(', ')}.`)
  return [...new Set(names.filter(isClass))]
}

/**
 * `length` characters, of each class at least one: drawn anew until that is so, which leaves every such value as likely
 * as any other.
 */
export function drawCharacters(length: number, from: CharacterClass[]): string {
  if (length < from.length) throw new UsageError(`--length must be at least ${from.length}, one for each class.`)
  const alphabet = from.map((name) => classes[name]).join('')
  for (;;) {
    const value = Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
    if (from.every((name) => Array.from(value).some((character) => classes[name].includes(character)))) return value
  }
}

/** Words of 11 bits each, of the list of BIP 39: 2048 words that differ in their first four letters. */
export const drawWords = (count: number): string =>
  Array.from({ length: count }, () => wordlist[randomInt(wordlist.length)]).join('-')
