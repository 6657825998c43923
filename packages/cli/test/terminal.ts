/** The built program on a pseudo-terminal, with somebody who types. */
import { spawn } from 'node:child_process'
import type { Halfkey } from './halfkey.ts'
import { bin, collect } from './halfkey.ts'

/** Of util-linux; runs a command on a pseudo-terminal. */
const pseudoTerminal = 'script'

/** What is typed may have to be looked up once the prompt is there. */
export type Answers = [prompt: string, typed: string | (() => string)][]

/** Runs a command line on a terminal and types each answer once its prompt is there; all that the terminal showed. */
export type OnTerminal = (
  args: string[],
  answers?: Answers,
  env?: Record<string, string>,
  columns?: number,
) => Promise<{ code: number | null; screen: string }>

export const terminalOf =
  ({ env }: Halfkey): OnTerminal =>
  async (args, answers = [], more = {}, columns = 100) => {
    const words = [process.execPath, bin, ...args].map((word) => `'${word}'`)
    // In the shell's place, so that the exit code is the command's own after Ctrl-C too.
    const command = `exec ${words.join(' ')}`
    const child = spawn(pseudoTerminal, ['-qefc', `stty cols ${columns} && ${command}`, '/dev/null'], {
      env: { ...env, SHELL: '/bin/sh', TERM: 'xterm', ...more },
    })
    let [answered, unanswered] = [0, '']
    child.stdout.on('data', (chunk: Buffer) => {
      unanswered += chunk.toString()
      for (const [prompt, typed] of answers.slice(answered)) {
        const at = unanswered.indexOf(prompt)
        if (at < 0) return
        unanswered = unanswered.slice(at + prompt.length)
        answered++
        child.stdin.write(typeof typed === 'string' ? typed : typed())
      }
    })
    const { code, text } = await collect(child)
    return { code, screen: text.replaceAll(/(?<!\r)\r+\n/g, '\n') }
  }

export const linkIn = (screen: string): string => /http:\S+#1\w{44}/.exec(screen)?.[0] ?? ''
