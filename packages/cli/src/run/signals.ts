/** While a program runs, what a signal means is for it to say. */
import { readFileSync } from 'node:fs'
import type { Io } from '../io.ts'
import type { Child } from './child.ts'

const passed: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH']
const ending: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
/** What a terminal sends to its whole foreground process group. */
const ofTerminal: NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH']

export interface SignalPassing {
  passTo(child: Child): void
  /** Counts those that ask for an end during `work`: it is then to be the last that is done. */
  during<T>(work: () => Promise<T>): Promise<{ result: T; endAsked: boolean }>
  release(): void
}

export function passSignals(io: Io): SignalPassing {
  let current: Child | undefined
  let endAsked = false
  io.releaseSignals?.()
  const listeners = passed.map((name) => {
    const pass = (): void => {
      endAsked ||= ending.includes(name)
      if (!(ofTerminal.includes(name) && inForeground())) current?.send(name)
    }
    process.on(name, pass)
    return [name, pass] as const
  })
  return {
    passTo: (child) => (current = child),
    async during(work) {
      endAsked = false
      const result = await work()
      return { result, endAsked }
    },
    release() {
      for (const [name, pass] of listeners) process.off(name, pass)
    },
  }
}

/** Then Ctrl-C reaches the program without us, and passing it on would be a second one. */
function inForeground(): boolean {
  try {
    // What follows the name, which may hold anything: state, ppid, pgrp, session, tty_nr, tpgid (proc_pid_stat(5)).
    const [, , group, , , foreground] = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return group === foreground
  } catch {
    return process.stdin.isTTY
  }
}
