/** The system's clipboard, by whichever of its programs there is; the text goes over a pipe, never in an argument. */
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

/** Whether the program took it; one that isn't there, or finds no display, did not. */
function pipeTo([name, ...args]: (typeof programs)[number], text: string, env: Io['env']): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(name, args, { env, stdio: ['pipe', 'ignore', 'ignore'] })
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === 0))
    child.stdin.on('error', () => undefined)
    child.stdin.end(text)
  })
}

/** @throws UsageError if there is no clipboard; `what` is printed elsewhere all the same. */
export async function copy(text: string, what: string, { env }: Io): Promise<void> {
  for (const program of programs) if (await pipeTo(program, text, env)) return
  throw new UsageError(
    `${what} couldn't be copied: there is no clipboard here (pbcopy, wl-copy, xclip, xsel, clip.exe).`,
  )
}
