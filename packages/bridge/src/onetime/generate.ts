/** Generates random passwords for `/generate`. */
import { randomInt } from 'node:crypto'
import { lengthTooLong, unexpected } from './errors.ts'
import { generatedLength } from './limits.ts'
import { numberOf, textOf, type Params } from './params.ts'

const sets = {
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  numbers: '0123456789',
  symbols: '!@#$%^&*()-_=+[]{};:,.?',
}

/** Characters that look alike in some typefaces. */
const ambiguous = /[0O1Il]/g

/**
 * Generates a password of `length` characters (default 12, at most 128) that contains every set enabled by
 * `character_sets`, if it is long enough. Uniform among these (NIST SP 800-63B, appendix A).
 *
 * @throws Refusal
 */
export function generatePassword({ length: requested, character_sets: chosen }: Params): string {
  const length = textOf(requested) === '' ? generatedLength.default : Math.floor(numberOf(requested))
  if (length > generatedLength.max) throw lengthTooLong(generatedLength.max)
  const isOn = (name: string): boolean => {
    const value = (chosen as Params | null | undefined)?.[name]
    return value === undefined || value === null || /^(true|1|on|yes)$/i.test(textOf(value))
  }
  const drawn = Object.entries(sets).flatMap(([name, characters]) =>
    isOn(name) ? [isOn('exclude_ambiguous') ? characters.replace(ambiguous, '') : characters] : [],
  )
  if (length < 1 || drawn.length === 0) throw unexpected()
  for (;;) {
    const password = draw(drawn.join(''), length)
    if (length < drawn.length || drawn.every((set) => Array.from(password).some((one) => set.includes(one))))
      return password
  }
}

const draw = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
