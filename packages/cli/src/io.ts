/** Everything a command exchanges with its environment, so that tests and embedders can replace it. */
import { homedir } from 'node:os'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface Io {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean; columns?: number }
  stderr: Writable & { isTTY?: boolean; columns?: number }
  env: Record<string, string | undefined>
  /** Aborted by Ctrl-C. */
  signal?: AbortSignal
  /** Leaves Ctrl-C and SIGTERM to the command: from then on they don't abort `signal`. */
  releaseSignals?(): void
  /** Work that cleans up when the signal is aborted. The process waits a moment for it before it exits. */
  tidying?: Set<Promise<unknown>>
}

/** A folder of the XDG state directory. */
export const stateFolder = ({ env }: Pick<Io, 'env'>, name: string): string =>
  path.join(env['XDG_STATE_HOME'] || path.join(env['HOME'] || homedir(), '.local', 'state'), 'halfkey', name)

/** Makes the process wait for `work` to clean up after the signal is aborted. */
export async function withCleanup<T>({ tidying }: Io, work: Promise<T>): Promise<T> {
  tidying?.add(work)
  try {
    return await work
  } finally {
    tidying?.delete(work)
  }
}

/** Resolves once everything is written, however slow the reader; rejects if the pipe is closed (EPIPE). */
export function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

/** Makes untrusted text safe to print on a terminal: escapes control characters other than tabs and line breaks. */
export const printable = (text: string): string =>
  text.replace(/(?!\r\n)[^\P{Cc}\t\n]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}

/** Streams that already got a command's --json object. A later failure shows only on stderr and in the exit code. */
export const jsonWritten = new WeakSet<object>()
