/** Starts and stops the program that `halfkey run` runs. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { UsageError } from '../failure.ts'

export interface Child {
  /**
   * The exit code; 128 plus the signal's number if a signal ended it, as in shells.
   *
   * @throws UsageError with exit code 127 if the program isn't found, or 126 if it can't be started (POSIX, “Exit Status
   *   for Commands”)
   */
  ended: Promise<number>
  /** Whether it is still running. */
  isRunning(): boolean
  send(signal: NodeJS.Signals): void
  /** Sends SIGTERM, and SIGKILL after ten seconds; settles when it has ended. */
  stop(): Promise<number>
}

const killAfterMs = 10_000

/** Starts it with this process's stdin, stdout and stderr. */
export function startChild(program: string, args: string[], env: NodeJS.ProcessEnv): Child {
  const child = spawned(program, args, env)
  const ended = endOf(child, program)
  // The caller awaits it later. Until then, a failure must not count as an unhandled rejection.
  ended.catch(() => undefined)
  return {
    ended,
    isRunning: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    send: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
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
      // A signal that may not be sent, such as to another user's program, is an error too, but the program keeps running.
      if (child.pid === undefined) reject(cannotStart(program, error))
    })
  })

const cannotStart = (program: string, { code = '', message }: NodeJS.ErrnoException): UsageError =>
  new UsageError(`Can't run ${program}: ${reasons[code] ?? message}`, code === 'ENOENT' ? 127 : 126)

const reasons: Record<string, string> = {
  ENOENT: 'program not found.',
  EACCES: 'permission denied. Is it executable?',
  E2BIG: 'the values are too large for environment variables. Use --file instead.',
}
