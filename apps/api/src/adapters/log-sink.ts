/**
 * Where log lines go. Nothing waits for them: they go out together in the background, and lines that a full disk, a closed
 * pipe or a reader that stands still doesn't take are dropped and counted. A log must never stop the service.
 */
import { fstatSync, write, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

export interface LogSink {
  /** Takes a line with its line feed. Never throws and never blocks. */
  write(line: string): void
  /** Waits, for a second at most, until what was taken has gone out. */
  close(): Promise<void>
  /** At an exit that can't wait: one attempt to write what is left. */
  closeSync(): void
}

export interface LogSinkSettings {
  onDropped: (lines: number) => void
}

/** Lines go out together once they are this long, or are this old. */
const batchLength = 4096
const batchMs = 1000
/** Of lines that wait for a slow reader, in UTF-16 units. */
const mostWaiting = 1_048_576
const closeMs = 1000

export function openLogSink(descriptor: number, { onDropped }: LogSinkSettings): LogSink {
  const send = senderTo(descriptor)
  let waiting: string[] = []
  let length = 0
  let sending: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let untold = 0

  const drop = (lines: number): void => {
    untold += lines
    onDropped(lines)
  }
  /** The lines that wait as one text; after a gap it begins on a line of its own and says how many are missing. */
  const take = (): { text: string; lines: number; length: number } => {
    const gap = { level: 40, time: Date.now(), dropped: untold, msg: 'log lines were dropped' }
    const taken = { text: waiting.join(''), lines: waiting.length, length }
    waiting = []
    return untold === 0 ? taken : { ...taken, text: `\n${JSON.stringify(gap)}\n${taken.text}` }
  }
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const told = untold
      const batch = take()
      try {
        await send(Buffer.from(batch.text))
        untold -= told
      } catch {
        drop(batch.lines)
      }
      length -= batch.length
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    return (sending ??= drain().finally(() => (sending = undefined)))
  }

  return {
    write(line) {
      if (length + line.length > mostWaiting) return drop(1)
      waiting.push(line)
      length += line.length
      if (length >= batchLength) void flush()
      else timer ??= setTimeout(() => void flush(), batchMs).unref()
    },
    async close() {
      let late: NodeJS.Timeout | undefined
      await Promise.race([flush(), new Promise<void>((resolve) => (late = setTimeout(resolve, closeMs)))])
      clearTimeout(late)
    },
    closeSync() {
      try {
        if (waiting.length > 0) writeSync(descriptor, take().text)
      } catch {
        // The process ends: there is nobody left to tell.
      }
    },
  }
}

/** Rejects if not all bytes were taken. */
type Send = (bytes: Buffer) => Promise<void>

/** Pipes and sockets are written as they take it; a write to a file can't block for long, and goes to the thread pool. */
function senderTo(descriptor: number): Send {
  const stat = fstatSync(descriptor)
  if (!stat.isFIFO() && !stat.isSocket()) return (bytes) => writeAll(descriptor, bytes)
  const socket = new Socket({ fd: descriptor, readable: false, writable: true })
  socket.on('error', () => undefined)
  return (bytes) =>
    new Promise((resolve, reject) => {
      socket.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
}

const writeTo = promisify(write)

async function writeAll(descriptor: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await writeTo(descriptor, bytes, at)).bytesWritten
}
