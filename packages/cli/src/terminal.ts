/** Asks on the terminal itself, because stdin and stdout may be pipes. */
import { openSync } from 'node:fs'
import type { Interface } from 'node:readline'
import { ReadStream, WriteStream } from 'node:tty'
import { HalfkeyError } from '@halfkey/sdk'
import { UsageError } from './failure.ts'

function openTerminal(): ReadStream | null {
  if (process.platform === 'win32') return process.stdin.isTTY ? process.stdin : null
  try {
    return new ReadStream(openSync('/dev/tty', 'r+'))
  } catch {
    return null
  }
}

export function hasTerminal(): boolean {
  const terminal = openTerminal()
  if (terminal !== process.stdin) terminal?.destroy()
  return terminal !== null
}

interface Question {
  hidden: boolean
  /** What to do without a terminal. */
  instead: string
}

/** Asks for one line, showing what is typed. */
export const ask = (question: string): Promise<string> =>
  askOn(question, { hidden: false, instead: 'Use an option instead.' })

/** Asks for one line without showing what is typed. `instead`: what to do without a terminal. */
export const askHidden = (question: string, instead: string): Promise<string> =>
  askOn(question, { hidden: true, instead })

async function askOn(question: string, { hidden, instead }: Question): Promise<string> {
  const input = openTerminal()
  if (!input) throw new UsageError(`This needs a terminal. ${instead}`)
  const output = process.platform === 'win32' ? process.stderr : new WriteStream(openSync('/dev/tty', 'w'))
  const { createInterface } = await import('node:readline')
  input.setRawMode(true)
  const lines = createInterface({ input, terminal: true, prompt: question, ...(!hidden && { output }) })
  if (hidden) output.write(question)
  else lines.prompt()
  try {
    return await readLine(lines, instead)
  } finally {
    lines.close()
    input.setRawMode(false)
    if (hidden) output.write('\n')
    if (input !== process.stdin) input.destroy()
    if (output !== process.stderr) output.destroy()
  }
}

/** Reads one line. Rejects a paste of several lines: using only the first would share half a secret. */
function readLine(lines: Interface, instead: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: string[] = []
    const finish = (): void => {
      if (typed.length === 1 && lines.line === '') resolve(typed.join())
      else reject(new UsageError(`More than one line was pasted. Nothing was sent. ${instead}`))
    }
    lines.on('line', (line) => {
      typed.push(line)
      setImmediate(finish)
    })
    lines.once('SIGINT', () => reject(new HalfkeyError('ABORTED', 'Interrupted.')))
    lines.once('close', () => reject(new UsageError('Nothing was typed.')))
  })
}
