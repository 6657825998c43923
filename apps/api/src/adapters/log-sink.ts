/**
 * Writes log lines in batches in the background, so that nothing waits for them. Lines that can't be written because of a
 * full disk, a closed pipe or a slow reader are dropped and counted: logging must never stop the service.
 */
import { fstatSync, write, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { promisify } from 'node:util'

export interface LogSink {
  /** Accepts a line with its line feed. Never throws or blocks. */
  write(line: string): void
  /** Waits up to a second until all accepted lines are written. */
  close(): Promise<void>
  /** For an exit that can't wait: tries once to write the remaining lines. */
  closeSync(): void
}

export interface LogSinkSettings {
  onDropped: (lines: number) => void
}

/** A batch is written once it is this long or this old. */
const batchLength = 4096
const batchMs = 1000
/** Maximum length of waiting lines, in UTF-16 code units. */
const maxWaiting = 1_048_576
const closeMs = 1000

export function openLogSink(descriptor: number, { onDropped }: LogSinkSettings): LogSink {
  const send = senderTo(descriptor)
  let waiting: string[] = []
  let length = 0
  let sending: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let unreported = 0

  const drop = (lines: number): void => {
    unreported += lines
    onDropped(lines)
  }
  /** Takes all waiting lines as one text. After a gap, it starts with a line that says how many are missing. */
  const take = (): { text: string; lines: number; length: number } => {
    const gap = { level: 40, time: Date.now(), dropped: unreported, msg: 'log lines were dropped' }
    const taken = { text: waiting.join(''), lines: waiting.length, length }
    waiting = []
    return unreported === 0 ? taken : { ...taken, text: `\n${JSON.stringify(gap)}\n${taken.text}` }
  }
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const reported = unreported
      const batch = take()
      try {
        await send(Buffer.from(batch.text))
        unreported -= reported
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
      if (length + line.length > maxWaiting) return drop(1)
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
        // The process is exiting, so the failure can't be reported.
      }
    },
  }
}

/** Rejects if not all bytes were written. */
type Send = (bytes: Buffer) => Promise<void>

/** Writes pipes and sockets asynchronously. Writes to files don't block for long, and run in the thread pool. */
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
