/** Creates files for as long as the program runs: in an in-memory file system if there is one, behind a symbolic link. */
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

/** Names the owning process. Includes the PID namespace, because PIDs repeat across namespaces. */
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

/** Removes what a run left behind when it was killed (SIGKILL). */
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
      // Missing or not writable: try the next one.
    }
  }
  return null
}

/** Identifies a file, to detect that something else has replaced it. */
const identityOf = (file: string): string | undefined => {
  const entry = lstatSync(file, { throwIfNoEntry: false, bigint: true })
  return entry && `${entry.dev}:${entry.ino}`
}

export interface Placed {
  remove(): void
}

/**
 * Creates files with mode 0600. Never replaces an existing file, and never removes one that the program has replaced.
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
      // Keeps the file name, because programs look at the extension, even behind a link.
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
    throw new UsageError(
      code === 'EEXIST'
        ? `--file: ${dest} already exists and was not changed. Choose another path.`
        : `--file: ${message}`,
    )
  }
  return { remove }
}
