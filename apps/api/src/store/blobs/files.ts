/**
 * Blobs as files: written below `incoming/`, flushed, then renamed to `ab/` and the name's other digits, `ab` being its
 * first two. All folders are made at the start and stay, so that a put needs to flush one folder alone and a remove
 * races with none.
 */
import { randomBytes } from 'node:crypto'
import type { Dirent } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import { StoreUnavailable } from '../store.ts'
import type { BlobStore, StoredBlob } from './blobs.ts'
import { BlobMissing } from './blobs.ts'
import { isBlobName, requireBlobName } from './name.ts'

const shards = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'))

/** Bytes gathered for one write: a call for each 64 KiB from the socket would keep the thread pool busy with little. */
const writeSize = 1_048_576
const readSize = 1_048_576

/** Read into again and again: new ones, by the gigabyte, keep the garbage collector busy for a third of the time. */
type Buffers = readonly [Uint8Array, Uint8Array]
const makeBuffers = (): Buffers => [Buffer.allocUnsafeSlow(readSize), Buffer.allocUnsafeSlow(readSize)]
const maxSpare = 8

/**
 * How long a file in `incoming` must have been left alone to be what a crash left: another process may be writing there,
 * but none goes that long without a byte.
 */
const leftoverMs = 3_600_000

/** Opens, or makes, the blobs below `directory`. Throws `StoreUnavailable` if that can't be done. */
export async function openFileBlobs(directory: string): Promise<BlobStore> {
  const incoming = path.join(directory, 'incoming')
  await onDisk(async () => {
    for (const folder of ['incoming', ...shards])
      await mkdir(path.join(directory, folder), { recursive: true, mode: 0o700 })
    await flushFolder(directory)
    await flushFolder(path.dirname(directory))
    await removeLeftovers(incoming)
  })
  // What can't be removed now is tried again in the next hour.
  const cleaning = setInterval(() => void removeLeftovers(incoming).catch(() => undefined), leftoverMs).unref()

  const spare: Buffers[] = []

  const folderOf = (name: string): string => path.join(directory, requireBlobName(name).slice(0, 2))
  const fileOf = (name: string): string => path.join(folderOf(name), name.slice(2))

  /** Writes and flushes a file of its own, hands it to `keep`, and leaves nothing of it if anything fails. */
  async function write(
    body: AsyncIterable<Uint8Array>,
    length: number,
    keep: (file: string) => Promise<void>,
  ): Promise<void> {
    const file = path.join(incoming, randomBytes(16).toString('hex'))
    const handle = await onDisk(() => open(file, 'wx', 0o600))
    try {
      try {
        await writeBody(handle, body, length)
        await onDisk(() => handle.datasync())
      } finally {
        await handle.close().catch(() => undefined)
      }
      await onDisk(() => keep(file))
    } catch (error) {
      await unlink(file).catch(() => undefined)
      throw error
    }
  }

  return {
    async put(name, body, length) {
      const folder = folderOf(name)
      await write(body, length, async (file) => {
        await rename(file, fileOf(name))
        await flushFolder(folder)
      })
    },

    async *read(name, start, end) {
      const file = await openBlob(fileOf(name), folderOf(name))
      try {
        const { size } = await onDisk(() => file.stat())
        if (end > size) throw new StoreUnavailable(`a blob that ${end} bytes were wanted of has ${size}`)
        if (start === end) return
        const buffers = spare.pop() ?? makeBuffers()
        yield* readBody(file, start, end, buffers)
        // Of a read that was given up, one may still be filled.
        if (spare.length < maxSpare) spare.push(buffers)
      } finally {
        await file.close()
      }
    },

    remove: (name) =>
      onDisk(async () => {
        const folder = folderOf(name)
        if (await unlinkIfThere(fileOf(name))) await flushFolder(folder)
      }),

    async *list() {
      for (const shard of shards) {
        const folder = path.join(directory, shard)
        for (const entry of await onDisk(() => readdir(folder, { withFileTypes: true }))) {
          const blob = await describe(shard, folder, entry)
          if (blob) yield blob
        }
      }
    },

    async ping() {
      const probe = Buffer.alloc(4096)
      await write(once(probe), probe.length, unlink)
    },

    close() {
      clearInterval(cleaning)
      return Promise.resolve()
    },
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- an AsyncIterable is what is wanted
async function* once(chunk: Uint8Array): AsyncIterable<Uint8Array> {
  yield chunk
}

/** A fault of the disk as `StoreUnavailable`; any other error as it is. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isSystemError(error) ? new StoreUnavailable(`the disk answered ${error.code}`, { cause: error }) : error
  }
}

/** What the kernel answered, not what Node says of wrong arguments. */
const isSystemError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'errno' in error && 'code' in error && typeof error.code === 'string'

const isNotThere = (error: unknown): boolean => isSystemError(error) && error.code === 'ENOENT'

/** Makes the names in a folder durable: fsync(2), "fsync does not necessarily ensure that the entry … has also reached disk". */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** False: it wasn't there. */
async function unlinkIfThere(file: string): Promise<boolean> {
  try {
    await unlink(file)
    return true
  } catch (error) {
    if (isNotThere(error)) return false
    throw error
  }
}

async function removeLeftovers(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const file = path.join(incoming, name)
    const found = await statIfThere(file)
    if (found && found.mtimeMs < Date.now() - leftoverMs) await unlinkIfThere(file)
  }
}

async function statIfThere(file: string): Promise<{ size: number; mtimeMs: number } | null> {
  try {
    return await stat(file)
  } catch (error) {
    if (isNotThere(error)) return null
    throw error
  }
}

/** null: not a blob, or removed meanwhile. */
async function describe(shard: string, folder: string, entry: Dirent): Promise<StoredBlob | null> {
  const name = shard + entry.name
  if (!entry.isFile() || !isBlobName(name)) return null
  const found = await onDisk(() => statIfThere(path.join(folder, entry.name)))
  return found && { name, size: found.size, modifiedAt: Math.floor(found.mtimeMs) }
}

/** A blob is missing only if its folder is there: else the disk is. */
async function openBlob(file: string, folder: string): Promise<FileHandle> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (isNotThere(error) && (await statIfThere(folder))) throw new BlobMissing('there is no such blob')
    return onDisk(() => Promise.reject(error as Error))
  }
}

async function writeBody(file: FileHandle, body: AsyncIterable<Uint8Array>, length: number): Promise<void> {
  let gathered: Uint8Array[] = []
  let [gatheredBytes, written] = [0, 0]
  const write = async (): Promise<void> => {
    await onDisk(() => writeAll(file, gathered, gatheredBytes))
    written += gatheredBytes
    gathered = []
    gatheredBytes = 0
  }
  for await (const chunk of body) {
    gathered.push(chunk)
    gatheredBytes += chunk.length
    if (written + gatheredBytes > length) throw new RangeError(`a body is longer than its ${length} bytes`)
    if (gatheredBytes >= writeSize) await write()
  }
  await write()
  if (written !== length) throw new RangeError(`a body has ${written} bytes instead of ${length}`)
}

/** A disk that is nearly full takes a part of a write and says why only when it is given the rest. */
async function writeAll(file: FileHandle, chunks: Uint8Array[], length: number): Promise<void> {
  if (length === 0) return
  const { bytesWritten } = await file.writev(chunks)
  if (bytesWritten < length) await file.writeFile(Buffer.concat(chunks).subarray(bytesWritten))
}

/** Reads the next bytes into the other buffer while its reader is busy with those in the first. */
async function* readBody(
  file: FileHandle,
  start: number,
  end: number,
  buffers: Buffers,
): AsyncGenerator<Uint8Array, void, undefined> {
  const read = (at: number, into: Uint8Array): Promise<Uint8Array> =>
    onDisk(async () => {
      const { bytesRead } = await file.read(into, 0, Math.min(into.length, end - at), at)
      if (bytesRead === 0) throw new StoreUnavailable('a blob became shorter while it was read')
      return into.subarray(0, bytesRead)
    })
  let position = start
  let [reading, other] = buffers
  let next = read(position, reading)
  while (position < end) {
    const chunk = await next
    position += chunk.length
    ;[reading, other] = [other, reading]
    if (position < end) next = read(position, reading)
    // Seen when it is awaited.
    next.catch(() => undefined)
    yield chunk
  }
}
