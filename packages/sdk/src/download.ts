/**
 * Fetches attachments under a reveal's grant (spec/protocol.md sections 6 and 9): one request a file, and after a cut
 * another one from the chunk that it fell into. Views are not spent again.
 */
import type { FileEntry } from './content.ts'
import { b64, type Bytes } from './encoding.ts'
import { HalfkeyError } from './errors.ts'
import { encryptedSize, free, openChunks, tamperedFile } from './files.ts'
import { aborted, download, patience, type Failure, type TransportOptions } from './http.ts'
import type { ParsedLink } from './link.ts'

/** What is needed to fetch the files of one reveal. */
export interface Granted {
  link: ParsedLink
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
  const renewPatience = () => patience({ ...granted.transport, persist: true }, stop.signal)
  let beforeNext = renewPatience()
  let body: SealedBody | undefined
  stop.signal.addEventListener('abort', () => body?.stop())
  const fill = async (into: Bytes, offset: number): Promise<void> => {
    for (;;) {
      if (stop.signal.aborted) throw aborted()
      body ??= sealedBody(granted, id, offset, total)
      const failure = await body.fill(into)
      if (!failure) break
      body = undefined
      await beforeNext(failure)
    }
    beforeNext = renewPatience()
    if (offset + into.length === total && !(await body.ends())) throw tamperedFile()
  }
  try {
    yield* openChunks(await key, size, fill)
  } finally {
    stop.abort()
  }
}

/** The sealed bytes of a file from an offset on, as one request brings them. */
interface SealedBody {
  /** Fills a buffer, or says why the line broke. @throws HalfkeyError TAMPERED */
  fill: (into: Bytes) => Promise<Failure | undefined>
  /** Whether nothing follows. */
  ends: () => Promise<boolean>
  stop: () => void
}

function sealedBody({ link, transport, grant }: Granted, id: string, offset: number, total: number): SealedBody {
  const { timeout = 30_000 } = transport
  const attempt = new AbortController()
  const stop = () => attempt.abort()
  let reader: ReadableStreamDefaultReader<Bytes> | undefined
  let rest: Bytes = new Uint8Array()

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
    const headers = { 'Halfkey-Access': b64(link.access), 'Halfkey-Grant': grant, ...range }
    const outcome = await timed(download({ url, method: 'GET', headers, signal: attempt.signal }, transport))
    if ('error' in outcome) {
      // Not satisfiable: the file ends before the range (RFC 9110 section 15.5.17).
      if (outcome.error.status === 416) throw tamperedFile()
      return outcome
    }
    if (!isWhole(outcome, offset, total)) throw tamperedFile()
    reader = outcome.body?.getReader()
    // A server may answer a range with the whole file (section 14.2).
    return outcome.status === 206 ? undefined : take(offset)
  }

  /** The next `length` bytes, into a buffer if there is one. */
  const take = async (length: number, into?: Bytes): Promise<Failure | undefined> => {
    for (let taken = 0; taken < length;) {
      if (rest.length === 0 && !(await next())) return cut()
      const piece = rest.subarray(0, length - taken)
      into?.set(piece, taken)
      taken += piece.length
      const { buffer } = rest
      rest = rest.subarray(piece.length)
      // The runtime's own streams give each chunk away; another fetch's may not.
      if (rest.byteOffset === buffer.byteLength && !transport.fetch) free(rest)
    }
    return undefined
  }

  /** False at the end. */
  const next = async (): Promise<boolean> => {
    const read = reader && (await timed(reader.read()))
    if (read?.value) rest = read.value
    return read?.done === false
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
    async fill(into) {
      try {
        return (!reader && (await connect())) || (await take(into.length, into))
      } catch (error) {
        if (error instanceof HalfkeyError && error.code === 'TAMPERED') throw error
        return cut()
      }
    },
    async ends() {
      return rest.length === 0 && !(await next().catch(() => false))
    },
  }
}

/** Whether a reply is of a file of `total` bytes and, if of a part of it, of that from `offset` on. */
function isWhole({ status, headers }: Response, offset: number, total: number): boolean {
  if (status === 206) return headers.get('Content-Range') === `bytes ${offset}-${total - 1}/${total}`
  const length = headers.get('Content-Length')
  return length === null || headers.has('Content-Encoding') || Number(length) === total
}
