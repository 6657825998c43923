/** What a secret or an answer is made of: its text or bytes, its files and its password. */
import { statSync } from 'node:fs'
import { say } from './context.ts'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { readAll } from './io.ts'
import type { PasswordOptions } from './password.ts'
import { askNewPassword, generatePassword, passwordOf } from './password.ts'
import { askHidden } from './terminal.ts'
import { textOf } from './text.ts'

export interface ContentOptions extends PasswordOptions {
  generatePassword?: boolean
  file?: string[]
}

/** A file is announced with its size, which a pipe doesn't have. @param command  that takes the pipe on stdin instead */
export function refusePipes({ file = [] }: ContentOptions, command: string): void {
  const pipe = file.find((each) => statSync(each, { throwIfNoEntry: false })?.isFIFO())
  if (pipe !== undefined)
    throw new UsageError(`--file: ${pipe} is a pipe, which has no size. Use stdin instead: COMMAND | ${command}`)
}

/**
 * The text, or bytes if it isn't UTF-8. With files, stdin is read only if it is asked for (-).
 *
 * @param command  that reads stdin, for the message where there is no terminal
 */
export async function readContent(
  text: string | undefined,
  { passwordFile, file }: ContentOptions,
  command: string,
  io: Io,
): Promise<string | Uint8Array> {
  const { stdin } = io
  if (file && text === undefined) return ''
  const fromStdin = text === '-' || (text === undefined && !stdin.isTTY)
  if (fromStdin && passwordFile === '-')
    throw new UsageError('Only one of the secret and the password can be read from stdin.')
  if (fromStdin && stdin.isTTY) await say(io, 'Type the secret. End with Ctrl-D on a new line.')
  if (fromStdin) {
    const bytes = await readAll(stdin)
    return textOf(bytes) ?? bytes
  }
  return text ?? askHidden('Secret (not shown): ', `Provide the secret on stdin: ${command} < FILE`)
}

/** A generated password, one that is asked for twice, or the one that was given. */
export async function chooseNewPassword(options: ContentOptions, io: Io): Promise<string | undefined> {
  const given = options.password !== undefined || options.passwordFile !== undefined
  if (options.generatePassword && given) throw new UsageError('Use --generate-password or your own password, not both.')
  if (options.generatePassword) return generatePassword()
  return options.password === true && options.passwordFile === undefined ? askNewPassword() : passwordOf(options, io)
}
