import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { readAll } from './io.ts'
import { askHidden } from './terminal.ts'
import { decodeInput } from './text.ts'

export interface PasswordOptions {
  /** true: ask. */
  password?: string | true
  passwordFile?: string
}

/** 32 letters and digits that aren't taken for one another. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 100 random bits in groups of five characters. */
export function generatePassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
  return Array.from({ length: 4 }, group).join('-')
}

async function readFileOrStdin(file: string, { stdin }: Io): Promise<Buffer> {
  if (file === '-') return readAll(stdin)
  try {
    return await readFile(file)
  } catch (error) {
    throw new UsageError(`--password-file: ${(error as Error).message}`)
  }
}

/** The password that the options name, asked for if they say so; one read from a file or pipe loses a leading U+FEFF and one final line end. */
export async function passwordOf({ password, passwordFile }: PasswordOptions, io: Io): Promise<string | undefined> {
  if (password !== undefined && passwordFile !== undefined)
    throw new UsageError('Give --password or --password-file, not both.')
  if (password === '-') throw new UsageError('To read the password from stdin, say --password-file -.')
  if (passwordFile !== undefined)
    return decodeInput(await readFileOrStdin(passwordFile, io), 'The password').replace(/\r?\n$/, '')
  return password === true ? askPassword() : password
}

export const askPassword = (): Promise<string> =>
  askHidden('Password (not shown): ', 'Give the password with --password-file FILE.')

/** Asks twice, because a mistyped password would lock everybody out. */
export async function askNewPassword(): Promise<string> {
  const first = await askPassword()
  const again = await askHidden('Once more: ', 'Give the password with --password-file FILE.')
  if (first !== again) throw new UsageError('The two passwords differ.')
  return first
}
