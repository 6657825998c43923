/** Storage that fails on demand: a small volume of its own, and system calls that answer with an error. */
import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'

function mount(...options: string[]): void {
  const { status, stderr, error } = spawnSync('mount', options, { encoding: 'utf8' })
  if (status === 0) return
  const reason = error?.message ?? stderr.trim()
  throw new Error(`this test needs a volume of its own, to fill it: run it as root, on Linux (mount: ${reason})`)
}

export interface Volume {
  directory: string
  /** Takes the last free byte. */
  fill(): void
  /** Gives back what fill() took. */
  free(): void
  /** Only while no file on it is open for writing. */
  setReadOnly(readOnly: boolean): void
  unmount(): void
}

/** Mounts a tmpfs of `size` bytes at `directory`, which it makes. */
export function mountVolume(directory: string, size: number): Volume {
  mkdirSync(directory)
  mount('-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', directory)
  const ballast = path.join(directory, 'ballast')
  return {
    directory,
    fill() {
      const descriptor = openSync(ballast, 'a')
      try {
        for (;;) writeSync(descriptor, Buffer.alloc(65_536))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(descriptor)
      }
    },
    free: () => rmSync(ballast),
    setReadOnly: (readOnly) => mount('-o', `remount,${readOnly ? 'ro' : 'rw'}`, directory),
    unmount: () => void spawnSync('umount', ['--lazy', directory]),
  }
}

/** Makes `calls` of the process' main thread fail with `error` until the returned function is called. */
export async function injectFault(target: ChildProcess, calls: string, error: string): Promise<() => Promise<void>> {
  const options = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`]
  const tracer = spawn('strace', ['-p', String(target.pid), ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => tracer.once('exit', () => resolve()))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    tracer.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('attached')) resolve()
    })
    void ended.then(() => reject(new Error(`strace ended: ${said}`)))
  })
  return () => {
    tracer.kill('SIGINT')
    return ended
  }
}
