/** Node alone: files on disk that have their name only when they are whole. */
import type * as Fs from 'node:fs/promises'
import type * as Path from 'node:path'
import { b64, utf8, type Bytes } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { free } from '../protocol/chunks.ts'
import { random } from '../provider.ts'
import { node } from '../create/sources.ts'

/**
 * Writes to a temporary name beside `path`, flushes, and only then gives the final one. What fails leaves nothing.
 *
 * @param chunks  called when there is a place for them
 * @param path  of the file; or of a folder, which is created if it ends with a slash
 * @param name  the sender's, for a `path` that is a folder
 * @returns where the file is
 * @throws HalfkeyError VALIDATION_ERROR with `details.path`, and whatever the chunks throw.
 */
export async function saveChunks(
  chunks: () => AsyncIterable<Bytes>,
  name: string,
  path: string,
  overwrite: boolean,
): Promise<string> {
  const [fs, paths] = await Promise.all([node<typeof Fs>('fs/promises'), node<typeof Path>('path')])
  const namesFolder = path.endsWith('/') || path.endsWith(paths.sep)
  if (namesFolder) await onDisk(path, fs.mkdir(path, { recursive: true }))
  const target = namesFolder || (await isFolder(fs, path)) ? paths.join(path, safeName(name)) : path
  const folder = paths.dirname(target)
  // Before the first byte is fetched; what appears meanwhile is found when the file gets its name.
  if (!overwrite && (await exists(fs, target))) throw taken(target)
  const temporary = paths.join(folder, `.halfkey-${b64(await random(9))}.part`)
  try {
    const file = await onDisk(target, fs.open(temporary, 'wx', 0o600))
    try {
      for await (const chunk of chunks()) {
        await onDisk(target, writeAll(file, chunk))
        free(chunk)
      }
      await onDisk(target, file.sync())
    } finally {
      await file.close()
    }
    if (overwrite) await onDisk(target, fs.rename(temporary, target))
    else await giveName(fs, temporary, target)
  } finally {
    // Given its name, or never made.
    await fs.rm(temporary).catch(() => undefined)
  }
  await syncFolder(fs, folder)
  return target
}

async function isFolder(fs: typeof Fs, path: string): Promise<boolean> {
  const stats = await fs.stat(path).catch(() => null)
  return stats?.isDirectory() === true
}

/** A link whose target is gone counts too. */
async function exists(fs: typeof Fs, path: string): Promise<boolean> {
  return fs.lstat(path).then(
    () => true,
    () => false,
  )
}

/** Atomically, and never in the place of a file that is there. */
async function giveName(fs: typeof Fs, temporary: string, target: string): Promise<void> {
  try {
    await fs.link(temporary, target)
  } catch (error) {
    if (codeOf(error) === EXISTS) throw taken(target, error)
    // The file system has no hard links: take the name first, then fill it.
    const placeholder = await onDisk(target, fs.open(target, 'wx', 0o600))
    await placeholder.close()
    await onDisk(target, fs.rename(temporary, target))
  }
}

/** So that the name outlives a power cut, where folders can be flushed. */
async function syncFolder(fs: typeof Fs, folder: string): Promise<void> {
  try {
    const handle = await fs.open(folder)
    await handle.sync().finally(() => handle.close())
  } catch {
    // Windows can't.
  }
}

async function writeAll(file: Fs.FileHandle, chunk: Bytes): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    written += (await file.write(chunk, written)).bytesWritten
  }
}

async function onDisk<T>(target: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (codeOf(error) === EXISTS) throw taken(target, error)
    const problem = `${target} can't be written (${codeOf(error)})`
    throw new HalfkeyError('VALIDATION_ERROR', `${problem}.`, { details: { path: [problem] }, cause: error })
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? 'ERROR'
}

/** Node's code for a name that is taken (errno(3)): the `cause` has it, so that programs can tell this from other failures. */
const EXISTS = 'EEXIST'

function taken(target: string, cause: unknown = Object.assign(new Error(EXISTS), { code: EXISTS })): HalfkeyError {
  const problem = `${target} already exists`
  return new HalfkeyError('VALIDATION_ERROR', `${problem}.`, { details: { path: [problem] }, cause })
}

/** Bytes of a name, in most file systems. */
const MAX_NAME_BYTES = 255

/**
 * A received name as one that every platform takes for a plain file: nothing that Windows reserves (Microsoft, «Naming
 * Files, Paths, and Namespaces»), nothing that reorders text (Unicode UAX #9), at most 255 bytes, its extension kept.
 */
export function safeName(name: string): string {
  const plain = name
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '')
    .replace(/[<>:"/\\|?*]/g, '_')
    .replace(/(?<![. ])[. ]+$/, '')
    .trimStart()
  const reserved = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)/i.test(plain)
  const [, stem = '', extension = ''] = /^(.*?)(\.[^.]{1,20})?$/s.exec(plain === '' ? 'file' : plain) ?? []
  const short = Array.from((reserved ? '_' : '') + stem).slice(0, MAX_NAME_BYTES)
  while (utf8(short.join('') + extension).length > MAX_NAME_BYTES) short.pop()
  return short.join('') + extension
}
