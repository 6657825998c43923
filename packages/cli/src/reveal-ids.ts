/**
 * Saves the reveal ids of links that are being opened. After Ctrl-C or a dropped connection, the next `open` of the same
 * link repeats the reveal instead of using up another opening. One file per slug, mode 0600; it never holds a key.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { stateFolder } from './io.ts'

const fileOf = (io: Io, slug: string): string => path.join(stateFolder(io, 'reveals'), slug)

export async function savedRevealId(io: Io, slug: string): Promise<string | undefined> {
  try {
    const text = (await readFile(fileOf(io, slug), 'utf8')).trim()
    return /^[A-Za-z0-9_-]{22}$/.test(text) ? text : undefined
  } catch {
    return undefined
  }
}

export async function saveRevealId(io: Io, slug: string, revealId: string): Promise<void> {
  const file = fileOf(io, slug)
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, `${revealId}\n`, { mode: 0o600, flush: true })
  } catch (error) {
    throw new UsageError(
      `Can't write to the state folder, so a dropped connection could lose the secret: ${(error as Error).message}. ` +
        'Nothing was sent. Set XDG_STATE_HOME to a writable folder.',
    )
  }
}

export const forgetRevealId = (io: Io, slug: string): Promise<void> => rm(fileOf(io, slug), { force: true })
