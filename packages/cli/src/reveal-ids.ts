/**
 * Reveal ids of links that are being opened, so that Ctrl-C or a cut connection costs nothing: the next `open` of the
 * same link gets the same reply. A file a slug, mode 0600; the key that opens the secret is never in it.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'

function fileOf({ env }: Io, slug: string): string {
  const state = env['XDG_STATE_HOME'] || path.join(env['HOME'] || homedir(), '.local', 'state')
  return path.join(state, 'halfkey', 'reveals', slug)
}

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
      `Without a place to note the reveal, a cut connection would lose the secret: ${(error as Error).message}. ` +
        'Nothing was sent. Set XDG_STATE_HOME to a folder that can be written.',
    )
  }
}

export const forgetRevealId = (io: Io, slug: string): Promise<void> => rm(fileOf(io, slug), { force: true })
