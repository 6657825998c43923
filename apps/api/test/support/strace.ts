/** strace: what the server asks of the kernel, and in which order. */
import { spawnSync } from 'node:child_process'

/** Installs strace where this user may; throws, rather than let a guarantee go untested, where it can't be had. */
export function requireStrace(): void {
  const works = (): boolean => spawnSync('strace', ['-V']).status === 0
  if (works()) return
  if (process.getuid?.() === 0) spawnSync('apt-get', ['install', '--yes', 'strace'])
  if (!works()) throw new Error('this test needs strace, on Linux: apt-get install strace')
}

export type TraceEvent =
  | { kind: 'request'; connection: string; line: string }
  | { kind: 'reply'; connection: string; status: number }
  | { kind: 'write' | 'flush' }

const request = /^(?:read|recvfrom)\(\d+<socket:\[(\d+)\]>, "((?:POST|PUT|PATCH|DELETE) \/\S*)/
const reply = /^(?:write|sendto|writev|sendmsg)\(\d+<socket:\[(\d+)\]>.*?"HTTP\/1\.1 (\d{3})/
const walWrite = /^pwritev?(?:64)?\(\d+<[^>]*-wal>/
const walFlush = /^f(?:data)?sync\(\d+<[^>]*-wal>\)\s*= 0/

/** `strace -y` that sees what parseTrace() reads, into `file`; the traced program stays the caller's own child. */
export const traced = (file: string): string[] => [
  ...['strace', '-D', '-y', '-s', '80', '-o', file],
  ...['-e', 'trace=read,recvfrom,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync'],
]

/** The main thread's events, in the order in which the kernel answered. */
export function parseTrace(text: string): TraceEvent[] {
  const events: TraceEvent[] = []
  for (const line of text.split('\n')) {
    const [, asking, asked] = request.exec(line) ?? []
    const [, answering, status] = reply.exec(line) ?? []
    if (asking !== undefined && asked !== undefined) events.push({ kind: 'request', connection: asking, line: asked })
    else if (answering !== undefined) events.push({ kind: 'reply', connection: answering, status: Number(status) })
    else if (walWrite.test(line)) events.push({ kind: 'write' })
    else if (walFlush.test(line)) events.push({ kind: 'flush' })
  }
  return events
}
