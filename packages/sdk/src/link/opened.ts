/** What a reveal opened. */
import { throwIfInvalid } from '../errors.ts'
import { utf8, type Bytes } from '../protocol/encoding.ts'
import type { OpenedFile } from './opened-file.ts'
import type { PlatformAbortController } from '../platform.ts'

interface OpenedParts {
  /** Text, or bytes that aren't text. */
  content: string | Bytes | undefined
  files: readonly OpenedFile[]
  reading: ReadonlySet<PlatformAbortController>
  ack: () => Promise<void>
}

/** What a reveal opened. Content and file names are private: neither `console.log` nor `JSON.stringify` shows them. */
export class Opened {
  readonly #content: string | Bytes | undefined
  readonly #files: readonly OpenedFile[]
  readonly #ack: () => Promise<void>
  readonly #reading: ReadonlySet<PlatformAbortController>
  #done: Promise<void> | undefined

  /** Made by `link.reveal`. `reading` holds an entry for each file that is being read. */
  constructor({ content, files, reading, ack }: OpenedParts) {
    this.#content = content
    this.#files = files
    this.#reading = reading
    this.#ack = ack
  }

  /** undefined if the sender sealed bytes, or files alone. */
  get text(): string | undefined {
    return typeof this.#content === 'string' ? this.#content : undefined
  }

  /** The content to the byte, a text as UTF-8, in new memory each time; undefined if the sender sealed files alone. */
  bytes(): Bytes | undefined {
    return typeof this.#content === 'string' ? utf8(this.#content) : this.#content?.slice()
  }

  /** The attachments; fetched when they are read. */
  get files(): readonly OpenedFile[] {
    return this.#files
  }

  /**
   * Tells the server that everything is saved, so that it destroys what no other reader still needs.
   *
   * @throws HalfkeyError VALIDATION_ERROR while a file is being read.
   *
   * @example
   * ```ts
   * const opened = await link.reveal()
   * console.log(opened.text)
   * await opened.done()
   * ```
   */
  async done(): Promise<void> {
    if (this.#reading.size > 0) throwIfInvalid({ files: ['are still being read: finish or cancel that first'] })
    this.#done ??= this.#ack()
    try {
      await this.#done
    } catch (error) {
      this.#done = undefined
      throw error
    }
  }
}
