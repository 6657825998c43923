/** Streams a part: counts and hashes its bytes without buffering them. */
import type { Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Context } from './context.ts'
import { type ApiError, tooLarge, validationError } from './errors.ts'

/** Time limit for one part, which means at least 4.7 kB/s for a full one. */
const partTimeoutMs = 1_800_000

/** Whether the request uploads a part, which has its own time-outs because a slow connection needs longer. */
export const isPartUpload = ({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): boolean =>
  method === 'PUT' && /^\/api\/v1\/secrets\/[^/]+\/files\/[^/]+\/parts\//.test(url ?? '')

const wrongLength = (length: number): ApiError => validationError({ body: [`Must be exactly ${length} bytes.`] })

export interface ExpectedPart {
  /** Bytes. */
  length: number
  /** Updated with every byte. */
  hash: Hash
  /** How long the sender may pause, in milliseconds. */
  stallMs: number
}

/**
 * Streams a request body of exactly the expected length. A wrong declared length is rejected before anything is read;
 * without a declared length, the body is rejected as soon as it gets too long.
 *
 * @throws ApiError PAYLOAD_TOO_LARGE, or VALIDATION_ERROR for `body`; also while iterating
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

/** Uses Node's own stream if there is one: a web stream around it would cost a third of the throughput. */
async function* arriving(c: Context, stallMs: number): AsyncGenerator<Uint8Array, void, undefined> {
  const { incoming, outgoing } = c.env
  // In-process requests of tests have no Node.js request.
  if (!incoming || !outgoing) {
    if (c.req.raw.body) yield* c.req.raw.body
    return
  }
  let waiting = true
  const giveUp = (): void => void incoming.destroy()
  // Counts only the time spent waiting for the sender, not for a slow disk.
  const stalled = setTimeout(() => waiting && giveUp(), stallMs)
  const late = setTimeout(giveUp, partTimeoutMs)
  try {
    // The reply to a rejected part still needs the connection.
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
