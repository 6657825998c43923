/** The program that is run: signals go to it, its end comes back. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface Child {
  ended: Promise<Ended>
  /** SIGTERM, and SIGKILL after ten seconds; settles when it has ended. */
  stop(): Promise<void>
}

const patienceMs = 10_000
const passed: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH']
/** What a terminal's keys send to the program too, because it is in the same process group. */
const ofTerminal: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH']

export function startChild(program: string, args: string[], env: NodeJS.ProcessEnv, { stdin }: Io): Child {
  const child = spawn(program, args, { env, stdio: 'inherit' })
  // What a signal means is the program's to say.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeAllListeners(name)
  const listeners = passed.map((name) => {
    const pass = (): void => {
      if (!(stdin.isTTY && ofTerminal.includes(name))) child.kill(name)
    }
    process.on(name, pass)
    return [name, pass] as const
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  }).finally(() => {
    for (const [name, pass] of listeners) process.off(name, pass)
  })
  return {
    ended: ended.catch((error: unknown) => {
      throw new UsageError(`${program} can't be run: ${(error as Error).message}`)
    }),
    async stop() {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await ended
      clearTimeout(force)
    },
  }
}

/** As shells have it: 128 and the signal's number for what a signal ended. */
export const exitCodeOf = (_program: string, { code, signal }: Ended): number =>
  code ?? 128 + (signal === null ? 0 : constants.signals[signal])
