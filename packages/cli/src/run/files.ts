/** Files that last as long as the program: in memory where there is a file system for it, named by a link. */
import { lstatSync, mkdtempSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../failure.ts'

/** f_type of Linux's tmpfs and ramfs, statfs(2). */
const memoryTypes = [0x01021994, 0x858458f6]

function memoryFolder(): string | null {
  for (const folder of ['/dev/shm', process.env['XDG_RUNTIME_DIR'] ?? '']) {
    try {
      if (folder !== '' && memoryTypes.includes(statfsSync(folder).type))
        return mkdtempSync(path.join(folder, 'halfkey-'))
    } catch {
      // Not there, or not ours: the next one.
    }
  }
  return null
}

const exists = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined

export interface Placed {
  remove(): void
}

/** Mode 0600. An existing file is never replaced. */
export function placeFiles(files: Map<string, Buffer>): Placed {
  const taken = [...files.keys()].find(exists)
  if (taken !== undefined) throw new UsageError(`--file: ${taken} exists; it is left as it is.`)
  const folder = files.size > 0 ? memoryFolder() : null
  const made: string[] = []
  const remove = (): void => {
    for (const file of made) rmSync(file, { force: true })
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const [file, value] of files) {
      const content = folder === null ? file : path.join(folder, String(made.length))
      writeFileSync(content, value, { mode: 0o600, flag: 'wx' })
      if (folder !== null) symlinkSync(content, file)
      made.push(file)
    }
  } catch (error) {
    remove()
    throw new UsageError(`--file: ${(error as Error).message}`)
  }
  return { remove }
}
