/** Saving files: to the disk as they come where the browser can, else by way of memory. */
import { picker } from './sizes.ts'

/** An attachment, read in verified pieces (spec/protocol.md section 6), or content that isn't text. */
export interface ReadableFile {
  name: string
  /** Bytes. */
  size: number
  stream: () => ReadableStream<Uint8Array<ArrayBuffer>>
}

export interface SaveOptions {
  /** Called with the bytes that are there so far. */
  onProgress: (done: number) => void
  signal: AbortSignal
}

/** Bytes of a Blob that a file is kept in. */
const KEPT_LENGTH = 8 * 2 ** 20

/** Without the characters that turn a name around, which make `exe.gpj` of `jpg.exe` (Unicode, UAX #9 section 2). */
export const plainName = (name: string): string => name.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')

/**
 * Saves a file where its reader says. Nothing has its name until the last piece was verified.
 *
 * @throws DOMException AbortError if its reader calls it off; what the stream throws.
 */
export async function saveFile(file: ReadableFile, options: SaveOptions): Promise<void> {
  const pick = picker()
  if (pick) return saveByPicker(file, await pick({ suggestedName: plainName(file.name) }), options)
  const kept = new Keeper()
  await pour(file, new WritableStream(kept), options)
  download(kept.whole(), plainName(file.name))
}

/** Keeps what is written as Blobs, which some browsers put on disk: the page's own memory holds the newest alone. */
class Keeper implements UnderlyingSink<Uint8Array<ArrayBuffer>> {
  readonly #blobs: Blob[] = []
  #newest: Uint8Array<ArrayBuffer>[] = []
  #length = 0

  write(piece: Uint8Array<ArrayBuffer>): void {
    this.#newest.push(piece)
    this.#length += piece.length
    if (this.#length >= KEPT_LENGTH) this.#keep()
  }

  whole(): Blob {
    this.#keep()
    return new Blob(this.#blobs, { type: 'application/octet-stream' })
  }

  #keep(): void {
    this.#blobs.push(new Blob(this.#newest))
    this.#newest = []
    this.#length = 0
  }
}

/** The browser writes to a file of its own, which takes the name when it is closed and goes when it is aborted. */
async function saveByPicker(file: ReadableFile, handle: FileSystemFileHandle, options: SaveOptions): Promise<void> {
  await pour(file, await handle.createWritable(), options)
}

function pour(
  file: ReadableFile,
  to: WritableStream<Uint8Array<ArrayBuffer>>,
  { onProgress, signal }: SaveOptions,
): Promise<void> {
  let done = 0
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(part, controller) {
      controller.enqueue(part)
      onProgress((done += part.length))
    },
  })
  return file.stream().pipeThrough(count, { signal }).pipeTo(to, { signal })
}

function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
