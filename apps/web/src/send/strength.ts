/**
 * An estimate of how guessable a password is. It errs on the low side for what people are known to choose: words,
 * repetitions, rows of keys, dates. What it can't know is where else a password was used.
 */
import { WORDS } from './word-list.ts'

export { GENERATED_BITS } from './generate.ts'

/** Words that lead every list of leaked passwords. */
const COMMON =
  'password passwort passwd contraseña motdepasse qwerty qwertz azerty admin root welcome willkommen letmein login iloveyou monkey dragon master sunshine princess football baseball shadow superman batman hello hallo bonjour hola secret geheim test user guest changeme default trustno hunter summer winter spring autumn sommer london berlin paris madrid love liebe amor'.split(
    ' ',
  )
const COMMON_BITS = 6
const dictionary = new Map<string, number>([
  ...WORDS.map((word): [string, number] => [word, Math.log2(WORDS.length)]),
  ...COMMON.map((word): [string, number] => [word, COMMON_BITS]),
])

const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
]

/** Letters written as their look-alikes. */
const LOOK_ALIKES: Record<string, string> = {
  0: 'o',
  1: 'l',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

/** Bits that one more character takes which follows no pattern. */
function bitsOf(character: string): number {
  if (/\d/.test(character)) return Math.log2(10)
  if (/[a-z]/.test(character)) return Math.log2(26)
  if (/\p{L}/u.test(character)) return Math.log2(52)
  return 5
}

/** Per letter of a run that reads like a word: what prose has at most (Shannon 1951). */
const WORDLIKE_BITS = 2.3

const isWordlike = (run: string): boolean =>
  /^\p{L}{3,}$/u.test(run) && /[aeiouyà-ÿ]/i.test(run) && !/[^aeiouyà-ÿ]{5}/i.test(run)

/** «abcabc»: the shortest block that the whole is made of, and how often. */
function repetitionOf(run: string): { block: string; times: number } | undefined {
  for (let length = 1; length <= run.length / 2; length++) {
    const times = run.length / length
    const block = run.slice(0, length)
    if (Number.isInteger(times) && block.repeat(times) === run) return { block, times }
  }
  return undefined
}

const isInRow = (run: string): boolean =>
  run.length >= 3 && ROWS.some((row) => row.includes(run) || Array.from(row).reverse().join('').includes(run))

const isDate = (run: string): boolean => /^(?:19|20)\d\d$/.test(run) || /^(?:\d{1,2}[./-]){2}(?:\d\d){1,2}$/.test(run)

/** The bits of a run of characters taken as one pattern, Infinity if it is none. */
function patternBits(run: string): number {
  const lower = run.toLowerCase()
  // Which of the letters are capitals: the first, or any.
  const capitals = lower === run ? 0 : /^\p{Lu}\P{Lu}*$/u.test(run) ? 1 : run.length
  const known = dictionary.get(lower)
  if (known !== undefined) return known + capitals
  const plain = lower.replace(/[013457@$!]/g, (character) => LOOK_ALIKES[character] ?? character)
  const disguised = dictionary.get(plain)
  if (disguised !== undefined) return disguised + capitals + 2
  const repetition = repetitionOf(lower)
  if (repetition) return estimateBits(repetition.block) + Math.log2(repetition.times) + capitals
  if (isInRow(lower)) return 5 + Math.log2(run.length) + capitals
  if (isDate(run)) return run.length > 4 ? 15 : 7
  return isWordlike(run) ? WORDLIKE_BITS * run.length + capitals : Infinity
}

const MAX_PATTERN_LENGTH = 24
/** What stands behind this many characters isn't looked at: the estimate stays a lower one. */
const MAX_ESTIMATED_LENGTH = 128

/** In bits, of the cheapest way to put the password together from patterns and single characters. */
export function estimateBits(password: string): number {
  const repetition = password.length > MAX_PATTERN_LENGTH ? repetitionOf(password) : undefined
  if (repetition) return estimateBits(repetition.block) + Math.log2(repetition.times)
  const characters = Array.from(password.normalize('NFC')).slice(0, MAX_ESTIMATED_LENGTH)
  const cheapest = [0]
  for (let end = 1; end <= characters.length; end++) {
    let least = (cheapest[end - 1] ?? 0) + bitsOf(characters[end - 1] ?? '')
    for (let start = Math.max(0, end - MAX_PATTERN_LENGTH); start < end - 2; start++) {
      least = Math.min(least, (cheapest[start] ?? 0) + patternBits(characters.slice(start, end).join('')))
    }
    cheapest.push(least)
  }
  return cheapest.at(-1) ?? 0
}

/**
 * What a hundred graphics cards try in a second: 10,000 each, at 600,000 iterations of PBKDF2-HMAC-SHA256 (hashcat's
 * published 8.9 million a second and card are for 999).
 */
const GUESSES_A_SECOND = 1e6

/** Seconds until a password is found, on average. */
export const secondsToGuess = (bits: number): number => 2 ** (bits - 1) / GUESSES_A_SECOND

export type Strength = 'weak' | 'fair' | 'strong'

const DAY = 86_400

export function strengthOf(bits: number): Strength {
  const seconds = secondsToGuess(bits)
  if (seconds < 30 * DAY) return 'weak'
  return seconds < 3650 * DAY ? 'fair' : 'strong'
}
