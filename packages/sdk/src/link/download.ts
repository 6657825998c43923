/**
 * Fetches attachments under a reveal's grant (spec/protocol.md sections 6 and 9): one request a file, and after a cut
 * another one from the chunk that it fell into. Views are not spent again.
 */
import type { FileEntry } from '../protocol/content.ts'
import type { Bytes } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { encryptedSize, free, openChunks, SEALED_CHUNK_LENGTH, tamperedFile } from '../protocol/chunks.ts'
import { aborted, download, retryPolicy, type Failure, type TransportOptions } from '../transport/http.ts'
import { accessHeaders, type LinkAccess } from './conversation.ts'

/** What is needed to fetch the files of one reveal. */
export interface Granted {
  link: LinkAccess
  transport: TransportOptions
  grant: string
}

/**
 * The verified plaintext of one file, in order, chunk by chunk; nothing of a chunk that fails is handed out.
 *
 * @param stop  ends it; aborted when it ends by itself
 * @throws HalfkeyError TAMPERED; GONE or NOT_FOUND when the grant has lapsed; NETWORK or TIMEOUT after two minutes
 *   without progress; ABORTED.
 */
export async function* readFile(
  granted: Granted,
  { id, size }: FileEntry,
  key: Promise<CryptoKey>,
  stop: AbortController,
): AsyncGenerator<Bytes, void, undefined> {
  const total = encryptedSize(size)
  const newPolicy = () => retryPolicy({ ...granted.transport, persist: true }, stop.signal)
  let beforeRetry = newPolicy()
  let body: SealedBody | undefined
  stop.signal.addEventListener('abort', () => body?.stop())
  const read = async (offset: number, length: number): Promise<Bytes> => {
    for (;;) {
      if (stop.signal.aborted) throw aborted(stop.signal)
      body ??= sealedBody(granted, id, offset, total)
      const sealed = await body.read(length)
      if (sealed instanceof Uint8Array) {
        beforeRetry = newPolicy()
        if (offset + length === total && !(await body.ends())) throw tamperedFile()
        return sealed
      }
      body = undefined
      await beforeRetry(sealed)
    }
  }
  try {
    yield* openChunks(await key, size, read)
  } finally {
    stop.abort()
  }
}

/** The sealed bytes of a file from an offset on, as one request brings them. */
interface SealedBody {
  /** The next bytes, valid until the next call; or why the connection broke. @throws HalfkeyError TAMPERED */
  read: (length: number) => Promise<Bytes | Failure>
  /** Whether nothing follows. */
  ends: () => Promise<boolean>
  stop: () => void
}

function sealedBody({ link, transport, grant }: Granted, id: string, offset: number, total: number): SealedBody {
  const { timeout = 30_000 } = transport
  const attempt = new AbortController()
  const stop = () => attempt.abort()
  let reader: ReadableStreamDefaultReader<Bytes> | undefined
  /** What came and isn't read yet, and the end of what was read last. */
  let rest: Bytes = new Uint8Array()
  let scratch: Bytes | undefined
  /** What comes before what was asked for. */
  let excess = 0

  const timed = async <T>(work: Promise<T>): Promise<T> => {
    const timer = setTimeout(stop, timeout)
    try {
      return await work
    } finally {
      clearTimeout(timer)
    }
  }

  const connect = async (): Promise<Failure | undefined> => {
    const url = `${link.base}/api/v1/links/${link.slug}/files/${id}`
    const range = offset > 0 && { Range: `bytes=${offset}-` }
    const headers = { ...accessHeaders(link), 'Halfkey-Grant': grant, ...range }
    const outcome = await timed(download({ url, method: 'GET', headers, signal: attempt.signal }, transport))
    if ('error' in outcome) {
      // Not satisfiable: the file ends before the range (RFC 9110 section 15.5.17).
      if (outcome.error.status === 416) throw tamperedFile()
      return outcome
    }
    if (!isWhole(outcome, offset, total)) throw tamperedFile()
    reader = outcome.body?.getReader()
    // A server may answer a range with the whole file (section 14.2).
    if (outcome.status !== 206) excess = offset
    return undefined
  }

  /** Whether there is more, once it is here. `isSpent`: what was read before isn't needed any more. */
  const more = async (isSpent = true): Promise<boolean> => {
    if (rest.length > 0) return true
    // The runtime's own streams give each chunk away; another fetch's may not.
    if (isSpent && !transport.fetch && rest.byteOffset === rest.buffer.byteLength) free(rest)
    const read = reader && (await timed(reader.read()))
    rest = read?.value ?? rest
    return read?.done === false
  }

  const take = (length: number): Bytes => {
    const piece = rest.subarray(0, length)
    rest = rest.subarray(piece.length)
    return piece
  }

  /** `length` bytes: as they came if they came in one piece; undefined if they end before. */
  const gather = async (length: number): Promise<Bytes | undefined> => {
    for (; excess > 0; excess -= take(excess).length) if (!(await more())) return undefined
    if (rest.length >= length) return take(length)
    scratch ??= new Uint8Array(SEALED_CHUNK_LENGTH)
    for (let gathered = 0; gathered < length;) {
      if (!(await more())) return undefined
      const piece = take(length - gathered)
      scratch.set(piece, gathered)
      gathered += piece.length
    }
    return scratch.subarray(0, length)
  }

  const cut = (): Failure => {
    const error = attempt.signal.aborted
      ? new HalfkeyError('TIMEOUT', `The server didn't reply within ${timeout} ms.`)
      : new HalfkeyError('NETWORK', 'The connection was cut.')
    stop()
    return { error, transient: true }
  }

  return {
    stop,
    async read(length) {
      try {
        return (!reader && (await connect())) || ((await gather(length)) ?? cut())
      } catch (error) {
        if (error instanceof HalfkeyError && error.code === 'TAMPERED') throw error
        return cut()
      }
    },
    async ends() {
      return !(await more(false).catch(() => false))
    },
  }
}

/** Whether a reply is of a file of `total` bytes and, if of a part of it, of that from `offset` on. */
function isWhole({ status, headers }: Response, offset: number, total: number): boolean {
  if (status === 206) return headers.get('Content-Range') === `bytes ${offset}-${total - 1}/${total}`
  const length = headers.get('Content-Length')
  return length === null || headers.has('Content-Encoding') || Number(length) === total
}
