/**
 * Sends a secret with attachments (spec/protocol.md sections 6 and 9): in parts of 32 chunks, several at once, each
 * with the same bytes until the server has it. Memory holds the parts in flight, whatever the files' sizes.
 */
import type { SealedFile, SealedSecret } from './create.ts'
import type { Bytes } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { CHUNK_LENGTH, CHUNKS_IN_FLIGHT, encryptedSize, PART_LENGTH, sealChunks } from '../protocol/chunks.ts'
import { aborted, request, type Call, type TransportOptions } from '../transport/http.ts'
import { isNode } from '../provider.ts'
import { bodyOf, sendPart, type PartBody } from './send-part.ts'
import { openSource, refuseSource, type Attachment, type Source } from './sources.ts'

/** Fewer in a page, whose memory may be a phone's. */
const PARTS_IN_FLIGHT = isNode() ? 3 : 2
const MAX_PART_LENGTH = encryptedSize(PART_LENGTH)
/** A part is whole pieces but for a file's last. */
const PIECE_LENGTH = CHUNKS_IN_FLIGHT * CHUNK_LENGTH
const PURGE_TIMEOUT_MS = 10_000

export interface Upload {
  sealed: Pick<SealedSecret, 'slug' | 'files'>
  transport: TransportOptions
  /** A call with the right to this secret. */
  call: (method: Call['method'], path: string) => Call
  /** Encrypted bytes of the files that were sent since the last call. */
  onSent: (bytes: number) => void
  signal: AbortSignal | undefined
}

/** @throws HalfkeyError VALIDATION_ERROR for what can't be read, UNSUPPORTED for paths outside Node. */
export function openSources(attachments: Attachment[]): Promise<Source[]> {
  return Promise.all(attachments.map(openSource))
}

/**
 * Creates the secret, uploads its files and completes it; if that fails, removes it again.
 *
 * @returns the reply to the create
 * @throws HalfkeyError as `uploadFiles`; whether something may be left on the server is in the message.
 */
export async function createWithFiles(upload: Upload & { sealed: SealedSecret }): Promise<unknown> {
  const { sealed, transport, call, signal } = upload
  let created = false
  try {
    const { data } = await request({ ...call('POST', '/secrets'), body: sealed.body, signal }, transport)
    created = true
    await uploadFiles(upload)
    return data
  } catch (error) {
    const { status = 500 } = error as Partial<HalfkeyError>
    if (!created && status < 500) throw error
    const purged = await purge(call('DELETE', `/secrets/${sealed.slug}?purge=true`), transport)
    const left = 'Parts of it may stay on the server for up to a day. Nobody can open them.'
    throw withOutcome(error, purged ? 'Nothing is left on the server.' : left)
  }
}

/**
 * Uploads the files of a secret, or of an answer to a request, that was created, and completes it.
 *
 * @throws HalfkeyError VALIDATION_ERROR for a file that can't be read or has another size than it said, else as
 *   `request`.
 */
export async function uploadFiles({ sealed: { slug, files }, transport, call, onSent, signal }: Upload): Promise<void> {
  const stop = new AbortController()
  const abort = () => stop.abort(signal?.reason)
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort)

  const put = async (id: string, number: number, part: PartBody, length: number) => {
    let reported = 0
    const onPartSent = (bytes: number) => {
      if (bytes <= reported) return
      onSent(bytes - reported)
      reported = bytes
    }
    const options = { ...transport, ...sendPart(part, transport, onPartSent), persist: true }
    await request({ ...call('PUT', `/secrets/${slug}/files/${id}/parts/${number}`), signal: stop.signal }, options)
    onPartSent(length)
  }

  try {
    await uploadParts(files, put, stop)
    await request({ ...call('POST', `/secrets/${slug}/complete`), signal }, { ...transport, persist: true })
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** Stops at the first failure, and settles once no request is pending. */
async function uploadParts(
  files: SealedFile[],
  put: (id: string, number: number, part: PartBody, length: number) => Promise<void>,
  stop: AbortController,
): Promise<void> {
  // A failed one stays in the set, so that the next to wait sees the failure.
  const inFlight = new Set<Promise<unknown>>()
  const unlessStopped = orAborted(stop.signal)
  const buffers: Bytes[] = []
  const buffer = (length: number) => (length === MAX_PART_LENGTH && buffers.pop()) || new Uint8Array(length)
  try {
    for (const file of files) {
      let number = 0
      for await (const part of sealParts(file, buffer, unlessStopped)) {
        while (inFlight.size >= PARTS_IN_FLIGHT) await Promise.race(inFlight)
        const body = bodyOf(part)
        const giveBack = () => {
          if (part.length === MAX_PART_LENGTH) buffers.push(part)
        }
        if (body !== part) giveBack()
        const sending: Promise<unknown> = put(file.id, number++, body, part.length).then(() => {
          inFlight.delete(sending)
          if (body === part) giveBack()
        })
        sending.catch(() => undefined)
        inFlight.add(sending)
      }
    }
    await Promise.all(inFlight)
  } finally {
    stop.abort()
    await Promise.allSettled(inFlight)
  }
}

/**
 * The parts of one file in order, sealed a piece at a time, the next being read meanwhile: pieces that the processor's
 * caches hold.
 *
 * @param buffer  gives each part its place
 */
async function* sealParts(
  { source, key }: SealedFile,
  buffer: (length: number) => Bytes,
  unlessStopped: ReturnType<typeof orAborted>,
): AsyncGenerator<Bytes> {
  const { name, size } = source
  const reader = await source.open()
  // One is read, two are sealed.
  const plaintexts = [0, 1, 2].map(() => new Uint8Array(Math.min(size, PIECE_LENGTH)))
  const read = async (piece: number): Promise<Bytes> => {
    const start = piece * PIECE_LENGTH
    const into = (plaintexts[piece % 3] as Bytes).subarray(0, size - start)
    const length = await reader.read(into)
    if (length < into.length) throw refuseSource(name, `is shorter than its size: ${start + length} of ${size} bytes`)
    return into
  }
  const readEnd = async () => {
    if ((await reader.read(new Uint8Array(1))) > 0) throw refuseSource(name, `is longer than its size: ${size} bytes`)
  }
  const sealing: Promise<void>[] = []
  try {
    const last = Math.max(0, Math.ceil(size / PIECE_LENGTH) - 1)
    let next = read(0)
    let [part, sealed] = [new Uint8Array(), 0]
    for (let piece = 0; piece <= last; piece++) {
      if (sealed === 0) part = buffer(encryptedSize(Math.min(PART_LENGTH, size - piece * PIECE_LENGTH)))
      const plaintext = await unlessStopped(next)
      if (piece === last) await unlessStopped(readEnd())
      if (sealing.length === 2) await sealing.shift()
      if (piece < last) next = read(piece + 1)
      const length = encryptedSize(plaintext.length)
      const into = part.subarray(sealed, sealed + length)
      const done = sealChunks(key, size, piece * CHUNKS_IN_FLIGHT, plaintext, into)
      sealing.push(done)
      // Seen when they are awaited.
      for (const work of [next, done]) work.catch(() => undefined)
      sealed += length
      if (sealed < part.length) continue
      await Promise.all(sealing.splice(0))
      yield part
      sealed = 0
    }
  } finally {
    // Not awaited: a source that is stuck would hold up the abort.
    reader.close().catch(() => undefined)
  }
}

function orAborted(signal: AbortSignal): <T>(work: Promise<T>) => Promise<T> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(aborted(signal))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  stopped.catch(() => undefined)
  return (work) => Promise.race([work, stopped])
}

async function purge(call: Call, transport: TransportOptions): Promise<boolean> {
  const { timeout = PURGE_TIMEOUT_MS } = transport
  try {
    await request(call, { ...transport, timeout: Math.min(timeout, PURGE_TIMEOUT_MS), retries: 1 })
    return true
  } catch (error) {
    return (error as Partial<HalfkeyError>).code === 'NOT_FOUND'
  }
}

/** The same error, whose message also says what has become of the secret. */
export function withOutcome(error: unknown, outcome: string): unknown {
  if (!(error instanceof HalfkeyError)) return error
  const { code, message, cause, status, details, requestId } = error
  return new HalfkeyError(code, `${message} ${outcome}`, {
    ...(cause !== undefined && { cause }),
    ...(status !== undefined && { status }),
    ...(details && { details }),
    ...(requestId !== undefined && { requestId }),
  })
}
