/** The files of a reveal, which are fetched when they are wanted. */
import { fileKey, type ContentKeys, type FileEntry } from '../protocol/content.ts'
import { readFile, type Granted } from './download.ts'
import type { Bytes } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { free } from '../protocol/chunks.ts'
import type { PlatformAbortController, PlatformByteStream } from '../platform.ts'
import { aborted } from '../transport/http.ts'
import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  SIGNAL,
  reportProgress,
  TEXT,
  type CallOptions,
  type ProgressOptions,
  type Rules,
} from '../options.ts'
import type { WireEnvelope } from '../wire.ts'

/** Defined by the browser bundle, which has no paths to save to. */
declare const __HALFKEY_BROWSER__: true | undefined

/** Progress is in plaintext bytes. */
export interface ReadFileOptions extends CallOptions, ProgressOptions {}

/** For `file.save`. */
export interface SaveFileOptions extends ReadFileOptions {
  /** Default false: an existing file is an error that names it. */
  overwrite?: boolean | undefined
}

const readRules: Rules<ReadFileOptions> = { onProgress: FUNCTION, signal: SIGNAL }
const saveRules: Rules<SaveFileOptions> = { ...readRules, overwrite: BOOLEAN }

/** The verified plaintext; ends with `stop`, which it aborts when it ends by itself. */
type Read = (stop: PlatformAbortController) => AsyncGenerator<Bytes, void>

/**
 * An attachment; neither `console.log` nor `JSON.stringify` shows its name. Name, type and size are what the sender
 * claims. Bytes that are read were sealed by the sender: any others are an error before they are handed out. The file can
 * be read again within the grace time; a broken connection is resumed where it broke.
 */
export class OpenedFile {
  readonly #entry: FileEntry
  readonly #read: Read
  readonly #reading: Set<PlatformAbortController>

  /** Made by `link.reveal`. `reading` holds an entry for each file that is being read. */
  constructor(entry: FileEntry, read: Read, reading: Set<PlatformAbortController>) {
    this.#entry = entry
    this.#read = read
    this.#reading = reading
  }

  /** One component, without control characters. */
  get name(): string {
    return this.#entry.name
  }

  /** Media type, as the sender gave it. */
  get type(): string {
    return this.#entry.type
  }

  /** Plaintext bytes. */
  get size(): number {
    return this.#entry.size
  }

  /**
   * The plaintext, fetched as fast as it is read. Cancelling the stream ends the request.
   *
   * @throws HalfkeyError through the stream: TAMPERED; GONE once the grant has lapsed; NETWORK or TIMEOUT after two minutes
   *   without progress; ABORTED.
   *
   * @example
   * ```ts
   * const { shareUrl } = await client.createSecret('', { attachments: ['report.pdf'] })
   * const { files } = await (await openLink(shareUrl)).reveal()
   * for (const file of files) {
   *   let length = 0
   *   for await (const chunk of file.stream()) length += chunk.length
   *   console.log(file.name, length)
   * }
   * ```
   */
  stream(options: ReadFileOptions = {}): PlatformByteStream {
    checkOptions(options, readRules)
    const stop = new AbortController()
    const chunks = this.#chunks(options, stop)
    return new ReadableStream(
      {
        async pull(controller) {
          const { done, value } = await chunks.next()
          if (done) controller.close()
          else controller.enqueue(value)
        },
        async cancel() {
          stop.abort()
          await chunks.return()
        },
      },
      { highWaterMark: 0 },
    )
  }

  /**
   * All of it, in memory.
   *
   * @throws HalfkeyError as `stream`; RangeError if the runtime has no array of that size.
   *
   * @example
   * ```ts
   * const { shareUrl } = await client.createSecret('', { attachments: [new File(['a key'], 'key.pem')] })
   * const { files } = await (await openLink(shareUrl)).reveal()
   * for (const file of files) console.log(file.name, (await file.bytes()).length)
   * ```
   */
  async bytes(options: ReadFileOptions = {}): Promise<Uint8Array> {
    checkOptions(options, readRules)
    let bytes: Bytes | undefined
    let length = 0
    for await (const chunk of this.#chunks(options)) {
      // Not before: the size is the sender's word until a chunk of it is verified.
      bytes ??= new Uint8Array(this.size)
      bytes.set(chunk, length)
      length += chunk.length
      free(chunk)
    }
    return bytes as Bytes
  }

  /**
   * Node alone: saves the file under a temporary name, which becomes the final one when all of it is verified and on disk. It
   * is for this user alone (mode 0600).
   *
   * @param path  of the file; or of a folder, in which it gets the sender's name, made safe for every platform. A path that
   *   ends with a slash is a folder, and is created
   * @returns where it is
   * @throws HalfkeyError as `stream`; VALIDATION_ERROR with `details.path` if it can't be written or, with `cause.code`
   *   `EEXIST`, if there is such a file; UNSUPPORTED outside Node.
   *
   * @example
   * ```ts
   * const { shareUrl } = await client.createSecret('', { attachments: ['report.pdf'] })
   * const opened = await (await openLink(shareUrl)).reveal()
   * for (const file of opened.files) console.log(await file.save('downloads/', { overwrite: true }))
   * await opened.done()
   * ```
   */
  async save(path: string, options: SaveFileOptions = {}): Promise<string> {
    if (typeof __HALFKEY_BROWSER__ === 'undefined') {
      checkOptions(options, saveRules, { path: [path, TEXT] })
      const { saveChunks } = await import('./save.ts')
      return saveChunks(() => this.#chunks(options), this.name, path, options.overwrite === true)
    }
    throw new HalfkeyError('UNSUPPORTED', 'save works only in Node. Use stream or bytes.')
  }

  async *#chunks(options: ReadFileOptions, stop = new AbortController()): AsyncGenerator<Bytes, void> {
    const { signal } = options
    const abort = () => stop.abort(signal?.reason)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    const total = this.size
    let done = 0
    this.#reading.add(stop)
    try {
      for await (const chunk of this.#read(stop)) {
        done += chunk.length
        void reportProgress(options, done, total)
        // Bytes that were already fetched aren't handed out either.
        if (signal?.aborted) throw aborted(signal)
        yield chunk
      }
    } finally {
      this.#reading.delete(stop)
      signal?.removeEventListener('abort', abort)
    }
  }
}

/** What the reveal gave: the keys of the content, and the envelope that lists the files. */
export interface RevealedKeys extends ContentKeys {
  keyA: Bytes
  envelope: Pick<WireEnvelope, 'salt'>
}

/** `reading` gets an entry for each file while it is being read. */
export function openFiles(
  granted: Granted,
  { envelope, ...keys }: RevealedKeys,
  entries: FileEntry[],
  reading: Set<PlatformAbortController>,
): Promise<OpenedFile[]> {
  const files = entries.map((entry) => {
    const key = () => fileKey(keys, envelope, entry.id, 'decrypt')
    return new OpenedFile(entry, (stop) => readFile(granted, entry, key(), stop), reading)
  })
  return Promise.resolve(files)
}
