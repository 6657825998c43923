/** The program that is run: its start, its end, and how it is ended. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { UsageError } from '../failure.ts'

export interface Child {
  /**
   * Its exit code; 128 and the signal's number if a signal ended it, as shells have it.
   *
   * @throws UsageError with 127 if there is no such program, with 126 if it can't be started (POSIX, «Exit Status for
   *   Commands»).
   */
  ended: Promise<number>
  /** Whether it hasn't ended. */
  isRunning(): boolean
  send(signal: NodeJS.Signals): void
  /** SIGTERM, and SIGKILL after ten seconds; settles when it has ended. */
  stop(): Promise<number>
}

const patienceMs = 10_000

/** It gets this process's own stdin, stdout and stderr. */
export function startChild(program: string, args: string[], env: NodeJS.ProcessEnv): Child {
  const child = spawned(program, args, env)
  const ended = endOf(child, program)
  // Whoever waits for it later hears of a failure; until then it is no crash.
  ended.catch(() => undefined)
  return {
    ended,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    send: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      return ended.finally(() => clearTimeout(force))
    },
  }
}

function spawned(program: string, args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  try {
    return spawn(program, args, { env, stdio: 'inherit' })
  } catch (error) {
    throw cannotStart(program, error as NodeJS.ErrnoException)
  }
}

const endOf = (child: ChildProcess, program: string): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
    child.on('error', (error: NodeJS.ErrnoException) => {
      // A signal that may not be sent, as to a program of another user, is an error too, and ends nothing.
      if (child.pid === undefined) reject(cannotStart(program, error))
    })
  })

const cannotStart = (program: string, { code = '', message }: NodeJS.ErrnoException): UsageError =>
  new UsageError(`${program} can't be run: ${reasons[code] ?? message}`, code === 'ENOENT' ? 127 : 126)

const reasons: Record<string, string> = {
  ENOENT: 'there is no such program.',
  EACCES: 'it may not be executed.',
  E2BIG: 'the values are larger than an environment may be. Give them with --file.',
}
