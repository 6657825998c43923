/** Attachments as they are stored (spec/protocol.md section 6). */
import { concat, u64be, type Bytes } from './encoding.ts'
import { HalfkeyError } from './errors.ts'
import { decrypt, encrypt, IV_LENGTH, TAG_LENGTH } from './gcm.ts'
import { random } from './provider.ts'

/** Plaintext bytes of every chunk but the last. */
export const CHUNK_LENGTH = 2 ** 18
const OVERHEAD = IV_LENGTH + TAG_LENGTH
export const SEALED_CHUNK_LENGTH = CHUNK_LENGTH + OVERHEAD

/** Files travel to the server in parts of so many chunks. */
const PART_CHUNKS = 32
/** Plaintext bytes of every part but the last: 8 MiB. */
export const PART_LENGTH = PART_CHUNKS * CHUNK_LENGTH

/** Opened at once, which is what WebCrypto is fast at. */
const CHUNKS_IN_FLIGHT = 8

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
 * Seals one part, each chunk under an iv of its own that is drawn here.
 *
 * @param key  of this file alone, from `fileKey`
 * @param size  of the whole file, in bytes
 * @param plaintext  of part `part`, whole
 * @param into  as long as the sealed part
 */
export async function sealPart(
  key: CryptoKey,
  size: number,
  part: number,
  plaintext: Bytes,
  into: Bytes,
): Promise<void> {
  await sealPartWith(await random(IV_LENGTH * chunkCount(plaintext.length)), key, size, part, plaintext, into)
}

/** `sealPart` with its random part given, 12 bytes a chunk: for test vectors only. */
export async function sealPartWith(
  ivs: Bytes,
  key: CryptoKey,
  size: number,
  part: number,
  plaintext: Bytes,
  into: Bytes,
): Promise<void> {
  const last = chunkCount(size) - 1
  const sealChunk = async (i: number) => {
    const index = part * PART_CHUNKS + i
    const iv = ivs.subarray(i * IV_LENGTH, (i + 1) * IV_LENGTH)
    const chunk = plaintext.subarray(i * CHUNK_LENGTH, (i + 1) * CHUNK_LENGTH)
    const ciphertext = await encrypt(key, iv, chunkAad(index, index === last), chunk)
    into.set(iv, i * SEALED_CHUNK_LENGTH)
    into.set(ciphertext, i * SEALED_CHUNK_LENGTH + IV_LENGTH)
    free(ciphertext)
  }
  await Promise.all(Array.from({ length: chunkCount(plaintext.length) }, (_, i) => sealChunk(i)))
}

/**
 * Gives memory back now, where the runtime can: at these speeds the garbage collector comes too late. For what WebCrypto
 * returned and nobody else has seen; never for what was given to a socket, which may read it later.
 */
export function free({ buffer }: Bytes): void {
  const { transfer } = buffer as { transfer?: (length: number) => ArrayBuffer }
  transfer?.call(buffer, 0)
}

/** @throws HalfkeyError TAMPERED for a chunk that isn't number `index`, or isn't last or not as it should be. */
async function openChunk(key: CryptoKey, index: number, last: boolean, chunk: Bytes): Promise<Bytes> {
  const aad = chunkAad(index, last)
  const plaintext = await decrypt(key, chunk.subarray(0, IV_LENGTH), aad, chunk.subarray(IV_LENGTH))
  if (!plaintext) throw tamperedFile()
  return plaintext
}

/**
 * Opens a file chunk by chunk, several at once but handed out in order, and none behind one that fails: number, index
 * and last flag come from the sealed payload's `size`, which is what STREAM's guarantees rest on (section 6).
 *
 * @param size  plaintext bytes, from the payload
 * @param fill  fills a buffer with the sealed bytes from `offset`; called in order, one call at a time
 * @throws HalfkeyError TAMPERED, and whatever `fill` throws.
 */
export async function* openChunks(
  key: CryptoKey,
  size: number,
  fill: (into: Bytes, offset: number) => Promise<void>,
): AsyncGenerator<Bytes, void, undefined> {
  const count = chunkCount(size)
  const buffers: Bytes[] = []
  const opening: Promise<Bytes>[] = []
  let filled = Promise.resolve()

  const start = (index: number): Promise<Bytes> => {
    const offset = index * SEALED_CHUNK_LENGTH
    const length = Math.min(SEALED_CHUNK_LENGTH, encryptedSize(size) - offset)
    // Free again: the chunk that was in it is opened before this one starts.
    const buffer = (buffers[index % CHUNKS_IN_FLIGHT] ??= new Uint8Array(length))
    const sealed = buffer.subarray(0, length)
    filled = filled.then(() => fill(sealed, offset))
    const opened = filled.then(() => openChunk(key, index, index === count - 1, sealed))
    // Whoever asks for it sees the failure; nobody may, once one before it failed.
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
  return concat(u64be(index), Uint8Array.of(last ? 1 : 0))
}
