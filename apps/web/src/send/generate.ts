/** Passwords that nobody guesses and anybody can tell over the telephone. */
import { WORDS } from './word-list.ts'

const WORD_COUNT = 6

/** Of a generated password: 62. */
export const GENERATED_BITS = WORD_COUNT * Math.log2(WORDS.length)

/** The numbers under 2^16 that every word has the same share of. */
const FAIR = 0x10000 - (0x10000 % WORDS.length)

/** Uniform over the list: numbers that would favour its first words are drawn again. */
function drawWord(): string {
  for (;;) {
    const [number = FAIR] = crypto.getRandomValues(new Uint16Array(1))
    if (number < FAIR) return WORDS[number % WORDS.length] ?? ''
  }
}

/** Six words drawn at random, with hyphens between them. */
export const generatePassword = (): string => Array.from({ length: WORD_COUNT }, drawWord).join('-')

/** 160 bits in base32 (RFC 4226 section 4, RFC 4648 section 6): 32 characters. */
export function generateTotpSecret(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  // 256 is a multiple of 32, so every character is as likely.
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => alphabet.charAt(byte % 32)).join('')
}
