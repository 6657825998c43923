import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { readAll } from './io.ts'
import { askHidden } from './terminal.ts'
import { decodeInput } from './text.ts'

export interface PasswordOptions {
  /** true: ask for it. */
  password?: string | true
  passwordFile?: string
}

/** 32 letters and digits without look-alikes. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'

/** 100 random bits as four groups of five characters. */
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

/** The password from the options, from a prompt, or from a file or pipe without a leading U+FEFF and one trailing line break. */
export async function passwordOf({ password, passwordFile }: PasswordOptions, io: Io): Promise<string | undefined> {
  if (password !== undefined && passwordFile !== undefined)
    throw new UsageError('Use --password or --password-file, not both.')
  if (password === '-') throw new UsageError('To read the password from stdin, use --password-file -.')
  if (passwordFile !== undefined)
    return decodeInput(await readFileOrStdin(passwordFile, io), 'The password').replace(/\r?\n$/, '')
  return password === true ? askPassword() : password
}

export const askPassword = (): Promise<string> =>
  askHidden('Password (not shown): ', 'Provide the password with --password-file FILE.')

/** Asks twice, because a mistyped password would lock everyone out. */
export async function askNewPassword(): Promise<string> {
  const first = await askPassword()
  const repeated = await askHidden('Repeat the password: ', 'Provide the password with --password-file FILE.')
  if (first !== repeated) throw new UsageError("The passwords don't match. Nothing was sent. Run the command again.")
  return first
}
