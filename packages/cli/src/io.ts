/** The world as a command sees it, so that tests and embedders can give it another one. */
import type { Readable, Writable } from 'node:stream'

export interface Io {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable & { isTTY?: boolean; columns?: number }
  stderr: Writable & { isTTY?: boolean; columns?: number }
  env: Record<string, string | undefined>
  /** Aborted by Ctrl-C. */
  signal?: AbortSignal
  /** From now on Ctrl-C and SIGTERM are the command's to handle: they abort nothing. */
  releaseSignals?(): void
  /** Work that cleans up after itself when the signal is aborted, for which the end of the program waits a moment. */
  tidying?: Set<Promise<unknown>>
}

/** Has the end of the program wait for `work`, which heeds the signal. */
export async function tidily<T>({ tidying }: Io, work: Promise<T>): Promise<T> {
  tidying?.add(work)
  try {
    return await work
  } finally {
    tidying?.delete(work)
  }
}

/** Writes all of it, however slow the reader; rejects if the reader has gone (EPIPE). */
export function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

/** Untrusted text for a terminal: control characters but for tabs and line ends shown as escapes, not obeyed. */
export const printable = (text: string): string =>
  text.replace(/(?!\r\n)[^\P{Cc}\t\n]/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)

export async function readAll(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}

/** Where --json has printed its one object: what fails after that says so on stderr and by its exit code alone. */
export const answered = new WeakSet<object>()
