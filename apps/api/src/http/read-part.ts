/** A part's bytes as they arrive: counted and hashed on their way, never kept. */
import type { Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Context } from './context.ts'
import { type ApiError, tooLarge, validationError } from './errors.ts'

/** Bounds how long one part may take, however steadily it trickles: 4.7 kB/s for a full one. */
const longestPartMs = 1_800_000

/** Whether this request's body has time-outs of its own, because it may be larger than a slow line sends in one. */
export const isPartUpload = ({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): boolean =>
  method === 'PUT' && /^\/api\/v1\/secrets\/[^/]+\/files\/[^/]+\/parts\//.test(url ?? '')

const wrongLength = (length: number): ApiError => validationError({ body: [`Must be exactly ${length} bytes.`] })

export interface ExpectedPart {
  /** Bytes. */
  length: number
  /** Gets every byte. */
  hash: Hash
  /** How long the sender may send nothing, in milliseconds. */
  stallMs: number
}

/**
 * The body of a request, which must be exactly as long as expected. A declared length that isn't is refused here, before
 * anything is read; an undeclared one as soon as it is exceeded, while it still streams.
 *
 * @throws ApiError PAYLOAD_TOO_LARGE, or VALIDATION_ERROR on `body`; from the iteration too.
 */
export function readPart(c: Context, expected: ExpectedPart): AsyncGenerator<Uint8Array, void, undefined> {
  const { length } = expected
  const type = c.req.header('Content-Type')
  if (type !== undefined && !/^application\/octet-stream\b/i.test(type))
    throw validationError({ body: ['The Content-Type must be application/octet-stream.'] })
  const declared = c.req.header('Content-Length')
  if (declared !== undefined && Number(declared) > length) throw tooLarge('part', length, Number(declared))
  if (declared !== undefined && Number(declared) < length) throw wrongLength(length)
  return count(c, expected)
}

async function* count(c: Context, { length, hash, stallMs }: ExpectedPart) {
  let received = 0
  for await (const chunk of arriving(c, stallMs)) {
    received += chunk.length
    if (received > length) throw tooLarge('part', length)
    hash.update(chunk)
    yield chunk
  }
  if (received < length) throw wrongLength(length)
}

/** Node's own stream where there is one: a web stream around it costs a third of the throughput. */
async function* arriving(c: Context, stallMs: number): AsyncGenerator<Uint8Array, void, undefined> {
  const { incoming, outgoing } = c.env
  // A test's in-process request has no reply of Node's.
  if (!incoming || !outgoing) {
    if (c.req.raw.body) yield* c.req.raw.body
    return
  }
  let waiting = true
  const giveUp = (): void => void incoming.destroy()
  // Only what the sender is waited for counts: a slow disk is no fault of its.
  const stalled = setTimeout(() => waiting && giveUp(), stallMs)
  const late = setTimeout(giveUp, longestPartMs)
  try {
    // The reply to a refused part still needs the connection.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      waiting = false
      yield chunk as Buffer
      waiting = true
      stalled.refresh()
    }
  } catch (error) {
    throw incoming.errored ? validationError({ body: ['The body was cut off before its end.'] }) : error
  } finally {
    clearTimeout(stalled)
    clearTimeout(late)
  }
}
