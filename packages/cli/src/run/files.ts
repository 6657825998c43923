/** Files that last as long as the program: in memory where there is a file system for it, named by a link. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { UsageError } from '../failure.ts'
import type { Io } from '../io.ts'

/** f_type of Linux's tmpfs and ramfs, statfs(2). */
const memoryTypes = [0x01021994, 0x858458f6]

/** Of this process; a number means another process in another PID namespace, so that is in it. */
function owner(pid = process.pid): string {
  const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''
  return `halfkey-${namespace}-${pid}-`
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** What a run left that was killed in a way that no program can act on. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^halfkey-\d+-(\d+)-/.exec(name)?.[1]
    if (pid === undefined || !name.startsWith(owner(Number(pid))) || isAlive(Number(pid))) continue
    rmSync(path.join(folder, name), { recursive: true, force: true })
  }
}

function memoryFolder({ env }: Io): string | null {
  for (const folder of ['/dev/shm', env['XDG_RUNTIME_DIR'] ?? '']) {
    try {
      if (folder === '' || !memoryTypes.includes(statfsSync(folder).type)) continue
      const made = mkdtempSync(path.join(folder, owner()))
      sweep(folder)
      return made
    } catch {
      // Not there, or not ours to write in: the next one.
    }
  }
  return null
}

/** What a name stands for, so that it is told when it comes to stand for something else. */
const identityOf = (file: string): string | undefined => {
  const entry = lstatSync(file, { throwIfNoEntry: false, bigint: true })
  return entry && `${entry.dev}:${entry.ino}`
}

export interface Placed {
  remove(): void
}

/**
 * Mode 0600. What exists is never replaced, and what the program put in a file's place is never removed.
 *
 * @param files  path → content
 */
export function placeFiles(files: Map<string, Buffer>, io: Io): Placed {
  const folder = files.size > 0 ? memoryFolder(io) : null
  const made: [file: string, identity: string | undefined][] = []
  const remove = (): void => {
    for (const [file, identity] of made) if (identityOf(file) === identity) rmSync(file, { force: true })
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }
  const place = (file: string, value: Buffer): void => {
    if (folder === null) writeFileSync(file, value, { mode: 0o600, flag: 'wx' })
    else {
      // The name stays, because programs go by a file's extension, and find it through the link.
      const content = path.join(folder, String(made.length), path.basename(file))
      mkdirSync(path.dirname(content), { mode: 0o700 })
      writeFileSync(content, value, { mode: 0o600, flag: 'wx' })
      symlinkSync(content, file)
    }
    made.push([file, identityOf(file)])
  }
  try {
    for (const [file, value] of files) place(file, value)
  } catch (error) {
    remove()
    const { code, path: file = '', dest = file, message } = error as NodeJS.ErrnoException & { dest?: string }
    throw new UsageError(code === 'EEXIST' ? `--file: ${dest} exists; it is left as it is.` : `--file: ${message}`)
  }
  return { remove }
}
