/** A file's encrypted bytes in numbers: spec/protocol.md section 6, and the parts in which they are sent and kept. */

const chunkPlaintext = 262_144
/** iv and tag. */
const chunkOverhead = 28
const encryptedChunk = chunkPlaintext + chunkOverhead
const chunksPerPart = 32

/** Encrypted bytes of every part but a file's last. */
export const partSize = chunksPerPart * encryptedChunk
export const maxAttachments = 100

/** How long an upload may take before it counts as abandoned. */
export const uploadLifeMs = 86_400_000

/** Whether some plaintext is that many bytes once sealed: an empty chunk is possible only as an empty file's. */
export function isEncryptedSize(size: number): boolean {
  const last = size % encryptedChunk
  return Number.isSafeInteger(size) && (size === chunkOverhead || (size > 0 && (last === 0 || last > chunkOverhead)))
}

export const partCount = (size: number): number => Math.ceil(size / partSize)

/** Bytes of part `part` of a file of `size` bytes. */
export const partLength = (size: number, part: number): number => Math.min(partSize, size - part * partSize)
