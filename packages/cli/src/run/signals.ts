/** Passes signals on to the program, which decides how to handle them. */
import { readFileSync } from 'node:fs'
import type { Io } from '../io.ts'
import type { Child } from './child.ts'

const passed: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH']
const ending: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
/** Signals that a terminal sends to the whole foreground process group. */
const ofTerminal: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH']

export interface SignalPassing {
  passTo(child: Child): void
  /** Runs `work`, and also tells whether a signal asked to end meanwhile: then nothing must be started after it. */
  during<T>(work: () => Promise<T>): Promise<{ result: T; endRequested: boolean }>
  release(): void
}

export function passSignals(io: Io): SignalPassing {
  let current: Child | undefined
  let endRequested = false
  io.releaseSignals?.()
  const listeners = passed.map((name) => {
    const pass = (): void => {
      endRequested ||= ending.includes(name)
      if (!(ofTerminal.includes(name) && inForeground())) current?.send(name)
    }
    process.on(name, pass)
    return [name, pass] as const
  })
  return {
    passTo: (child) => (current = child),
    async during(work) {
      endRequested = false
      const result = await work()
      return { result, endRequested }
    },
    release() {
      for (const [name, pass] of listeners) process.off(name, pass)
    },
  }
}

/** In the foreground, Ctrl-C reaches the program directly; passing it on would send it twice. */
function inForeground(): boolean {
  try {
    // The fields after the name, which may contain anything: state, ppid, pgrp, session, tty_nr, tpgid (proc_pid_stat(5)).
    const [, , group, , , foreground] = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return group === foreground
  } catch {
    return process.stdin.isTTY
  }
}
