/** Saves attachments in a folder, under sanitized names and without overwriting anything. */
import { mkdir, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { Link, Opened, OpenedFile } from '@halfkey/sdk'
import { HalfkeyError } from '@halfkey/sdk'
import { signalOf } from './context.ts'
import { UsageError } from './failure.ts'
import type { Io } from './io.ts'
import { printable, withCleanup } from './io.ts'
import { showProgress, sizeOf } from './progress.ts'

/** Makes sure, before the secret is opened, that the folder is writable and has enough space. */
export async function prepareFolder(folder: string, files: Link['files']): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const { bavail, bsize } = await statfs(folder)
    const needed = files.reduce((total, { size }) => total + size, 0)
    if (needed > bavail * bsize)
      throw new UsageError(
        `--out: ${folder} has ${sizeOf(bavail * bsize)} free, but the files need ${sizeOf(needed)}. This didn't use up an opening.`,
      )
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`--out: ${(error as Error).message}. This didn't use up an opening.`)
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof HalfkeyError && (error.cause as { code?: unknown } | undefined)?.code === 'EEXIST'

/** `name (2).ext`, as browsers name duplicates. */
function numbered(name: string, number: number): string {
  const plain = name.replaceAll(/[<>:"|?*]/g, '_')
  const { name: stem, ext } = path.parse(plain)
  return `${stem} (${number})${ext}`
}

async function save(file: OpenedFile, folder: string, io: Io): Promise<string> {
  const line = showProgress(file.name, io)
  try {
    for (let number = 1; ; number++) {
      const target = number === 1 ? folder : path.join(folder, numbered(file.name, number))
      try {
        return await withCleanup(io, file.save(target, { onProgress: line.onProgress, ...signalOf(io) }))
      } catch (error) {
        if (!isTaken(error)) throw error
      }
    }
  } finally {
    line.end()
  }
}

/** Resolves to the path of each saved file. */
export async function saveFiles({ files }: Opened, folder: string, io: Io): Promise<string[]> {
  const saved: string[] = []
  for (const file of files) saved.push(await save(file, folder, io))
  return saved
}

/** One line per file, for people. */
export const savedLines = (saved: string[]): string => saved.map((file) => `Saved ${printable(file)}\n`).join('')
