/** Attachments as they are stored (spec/protocol.md section 6). */
import { concat, u64be, type Bytes } from './encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { decryptAtOnce, encrypt, IV_LENGTH, TAG_LENGTH } from './gcm.ts'
import { random, webcrypto } from '../provider.ts'
import { isNode } from '../provider.ts'

/** Plaintext bytes of every chunk but the last. */
export const CHUNK_LENGTH = 2 ** 18
const OVERHEAD = IV_LENGTH + TAG_LENGTH
export const SEALED_CHUNK_LENGTH = CHUNK_LENGTH + OVERHEAD

/** Files travel to the server in parts of so many chunks. */
const PART_CHUNKS = 32
/** Plaintext bytes of every part but the last: 8 MiB. */
export const PART_LENGTH = PART_CHUNKS * CHUNK_LENGTH

/** Sealed or opened at once, which is what WebCrypto is fast at; more of them only take memory. */
export const CHUNKS_IN_FLIGHT = 8

/** Chunks of a file of `size` bytes; an empty one has one. */
export function chunkCount(size: number): number {
  return Math.max(1, Math.ceil(size / CHUNK_LENGTH))
}

export function partCount(size: number): number {
  return Math.ceil(chunkCount(size) / PART_CHUNKS)
}

/** Bytes of a file, or of a part, of `size` bytes once it is sealed. */
export function encryptedSize(size: number): number {
  return size + OVERHEAD * chunkCount(size)
}

/**
 * Seals some of a file's chunks, each under an iv of its own that is drawn here.
 *
 * @param key  of this file alone, from `fileKey`
 * @param size  of the whole file, in bytes
 * @param first  index of the first chunk
 * @param plaintext  whole chunks, but for the file's last
 * @param into  as long as they are once sealed
 */
export async function sealChunks(
  key: CryptoKey,
  size: number,
  first: number,
  plaintext: Bytes,
  into: Bytes,
): Promise<void> {
  await sealChunksWith(await random(IV_LENGTH * chunkCount(plaintext.length)), key, size, first, plaintext, into)
}

/** `sealChunks` with its random part given, 12 bytes a chunk: for test vectors only. */
export async function sealChunksWith(
  ivs: Bytes,
  key: CryptoKey,
  size: number,
  first: number,
  plaintext: Bytes,
  into: Bytes,
): Promise<void> {
  const last = chunkCount(size) - 1
  const sealChunk = async (i: number) => {
    const iv = ivs.subarray(i * IV_LENGTH, (i + 1) * IV_LENGTH)
    const chunk = plaintext.subarray(i * CHUNK_LENGTH, (i + 1) * CHUNK_LENGTH)
    const ciphertext = await encrypt(key, iv, chunkAad(first + i, first + i === last), chunk)
    into.set(iv, i * SEALED_CHUNK_LENGTH)
    into.set(ciphertext, i * SEALED_CHUNK_LENGTH + IV_LENGTH)
    free(ciphertext)
  }
  await Promise.all(Array.from({ length: chunkCount(plaintext.length) }, (_, i) => sealChunk(i)))
}

/**
 * Frees memory at once, in Node, whose garbage collector runs too late at these speeds. Only for buffers that WebCrypto
 * returned and nothing else refers to; never for one that was given to a socket, which may still read it. Not in Chromium,
 * which frees transferred memory only when it collects garbage, and then sees no reason to.
 */
export function free({ buffer }: Bytes): void {
  const { transfer } = buffer as { transfer?: (length: number) => ArrayBuffer }
  if (isNode()) transfer?.call(buffer, 0)
}

/**
 * Opens a file chunk by chunk, several at once but handed out in order, and none behind one that fails: number, index
 * and last flag come from the sealed payload's `size`, which is what STREAM's guarantees rest on (section 6).
 *
 * @param size  plaintext bytes, from the payload
 * @param read  the sealed bytes from `offset`, in memory that its next call may use again; called in order, one call at a
 *   time
 * @throws HalfkeyError TAMPERED, and whatever `read` throws.
 */
export async function* openChunks(
  key: CryptoKey,
  size: number,
  read: (offset: number, length: number) => Promise<Bytes>,
): AsyncGenerator<Bytes, void, undefined> {
  const { subtle } = await webcrypto()
  const count = chunkCount(size)
  const opening: Promise<Bytes>[] = []
  let before: Promise<unknown> = Promise.resolve()

  const start = (index: number): Promise<Bytes> => {
    const offset = index * SEALED_CHUNK_LENGTH
    const length = Math.min(SEALED_CHUNK_LENGTH, encryptedSize(size) - offset)
    const started = before.then(async () => {
      const sealed = await read(offset, length)
      const aad = chunkAad(index, index === count - 1)
      return { opened: decryptAtOnce(subtle, key, sealed.slice(0, IV_LENGTH), aad, sealed.subarray(IV_LENGTH)) }
    })
    before = started
    const opened = started.then(async (chunk) => {
      const plaintext = await chunk.opened
      if (!plaintext) throw tamperedFile()
      return plaintext
    })
    // The failure shows where the chunk is awaited, which it never is once an earlier one has failed.
    opened.catch(() => undefined)
    return opened
  }

  for (let started = 0, next = 0; next < count; next++) {
    while (started < count && opening.length < CHUNKS_IN_FLIGHT) opening.push(start(started++))
    yield await (opening.shift() as Promise<Bytes>)
  }
}

export function tamperedFile(): HalfkeyError {
  return new HalfkeyError('TAMPERED', 'The file was changed after it was sealed.')
}

/** `u64be(index) ‖ last` */
function chunkAad(index: number, last: boolean): Bytes {
  return concat([u64be(index), Uint8Array.of(last ? 1 : 0)])
}
