/** Copies to the system's clipboard with the first program that works. The text goes through a pipe, never in an argument. */
import { spawn } from 'node:child_process'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'

const programs: [name: string, ...args: string[]][] = [
  ['pbcopy'],
  ['wl-copy'],
  ['xclip', '-selection', 'clipboard'],
  ['xsel', '--clipboard', '--input'],
  ['clip.exe'],
]

/** Resolves to whether the program took the text: false if it isn't installed or finds no display. */
function pipeTo([name, ...args]: (typeof programs)[number], text: string, env: Io['env']): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(name, args, { env, stdio: ['pipe', 'ignore', 'ignore'] })
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === 0))
    child.stdin.on('error', () => undefined)
    child.stdin.end(text)
  })
}

/** @throws UsageError if there is no clipboard; the message calls the text `what` */
export async function copy(text: string, what: string, { env }: Io): Promise<void> {
  for (const program of programs) if (await pipeTo(program, text, env)) return
  throw new UsageError(
    `${what} couldn't be copied: no clipboard program works here (tried pbcopy, wl-copy, xclip, xsel and clip.exe).`,
  )
}
