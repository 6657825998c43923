/** Presents what the API answers: product's envelope of JSON, and the headers that every reply bears. */
import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { WirePagination } from '@halfkey/sdk'
import type { ApiError } from './errors.ts'
import { errorTable } from './errors.ts'
import type { Context } from './context.ts'

/** A reply is data for a program: nothing may frame, cache, sniff or index it, and no referrer leaves it. */
const dataHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Robots-Tag': 'noindex, nofollow',
}

const json = (c: Context, status: number, body: unknown, extra?: Record<string, string>): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: {
      ...dataHeaders,
      'Content-Type': 'application/json; charset=utf-8',
      'X-Request-Id': c.get('requestId'),
      ...c.get('cors'),
      ...c.get('rateLimit'),
      ...extra,
    },
  })

export const success = (
  c: Context,
  message: string,
  data: unknown,
  status: 200 | 201 = 200,
  headers: Record<string, string> = {},
): Response => json(c, status, { success: true, message, data }, headers)

export const page = (c: Context, message: string, data: unknown[], pagination: WirePagination): Response =>
  json(c, 200, { success: true, message, data, pagination })

/** A file to be saved, made as fast as it is taken. `name` is plain ASCII. */
export function download(
  c: Context,
  type: string,
  name: string,
  headers: Record<string, string>,
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Response> {
  const disposition = `attachment; filename="${name}"`
  return bytes(c, 200, { ...headers, 'Content-Type': type, 'Content-Disposition': disposition }, chunks)
}

/**
 * Bytes, made as fast as they are taken; without `chunks` the headers alone. Settles when the last is out: what is set
 * on the response afterwards reaches nobody, so every header is among `headers`.
 */
export async function bytes(
  c: Context,
  status: 200 | 206 | 416,
  headers: Record<string, string>,
  chunks?: AsyncGenerator<Uint8Array, void, undefined>,
): Promise<Response> {
  const all = { ...dataHeaders, ...c.get('cors'), ...headers, 'X-Request-Id': c.get('requestId') }
  const { outgoing } = c.env
  if (!chunks) return new Response(null, { status, headers: all })
  if (!outgoing) return new Response(copied(chunks), { status, headers: all })
  outgoing.writeHead(status, all)
  await send(outgoing, chunks)
  return RESPONSE_ALREADY_SENT
}

/** How long a reader may take nothing before its connection, and what it keeps open, is given up. */
const stalledReaderMs = 60_000

/** Asks for a chunk when the one before was handed to the kernel: its memory may be used again then. */
async function send(outgoing: ServerResponse, chunks: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  outgoing.setTimeout(stalledReaderMs, () => outgoing.destroy())
  const closed = new Promise<never>((_, reject) => {
    outgoing.once('close', () => reject(new Error('the reader is gone')))
  })
  closed.catch(() => undefined)
  const written = (chunk: Uint8Array) =>
    new Promise<void>((resolve, reject) => outgoing.write(chunk, (error) => (error ? reject(error) : resolve())))
  try {
    for await (const chunk of chunks) await Promise.race([written(chunk), closed])
    outgoing.end()
  } catch {
    // Only a broken connection tells the reader that the reply isn't whole.
    outgoing.destroy()
  }
}

/** For a test's in-process request, which has no reply of Node's and keeps what it gets. */
function copied(chunks: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value.slice())
    },
    async cancel() {
      await chunks.return()
    },
  })
}

/** A 204: the headers are all there is to say. */
export const empty = (c: Context, headers: Record<string, string>): Response =>
  new Response(null, {
    status: 204,
    headers: { ...dataHeaders, ...c.get('cors'), ...headers, 'X-Request-Id': c.get('requestId') },
  })

export const text = (c: Context, type: string, body: string): Response =>
  new Response(body, { headers: { ...dataHeaders, 'X-Request-Id': c.get('requestId'), 'Content-Type': type } })

export const plain = (c: Context, status: 200 | 503, body: unknown): Response => json(c, status, body)

/** A failure. Only where something broke does the body name the request: elsewhere equal failures are equal bytes. */
export function failure(c: Context, error: ApiError): Response {
  const { status } = errorTable[error.code]
  const request_id = status >= 500 ? c.get('requestId') : undefined
  const body = {
    success: false,
    error: { code: error.code, message: error.message, details: error.details, request_id },
  }
  return json(c, status, body, { ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }), ...error.headers })
}
