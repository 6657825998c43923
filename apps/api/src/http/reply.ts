/** Builds the API's replies: the JSON envelope and the headers that every reply has. */
import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { WirePagination } from '@halfkey/sdk'
import type { ApiError } from './errors.ts'
import { errorTable } from './errors.ts'
import type { Context } from './context.ts'

/** Replies are data for programs: they must not be framed, cached, sniffed or indexed, or leak a referrer. */
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

/** For a page of a list, numbered from 1. */
export const paginationOf = (current_page: number, per_page: number, total: number): WirePagination => ({
  current_page,
  per_page,
  total,
  last_page: Math.max(1, Math.ceil(total / per_page)),
})

export const page = (c: Context, message: string, data: unknown[], pagination: WirePagination): Response =>
  json(c, 200, { success: true, message, data, pagination })

/** A file to download, generated as fast as the client reads it. `name` must be ASCII. */
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
 * Streams bytes as fast as the client reads them; without `chunks`, sends only the headers. Resolves when everything has
 * been sent, so all headers must be in `headers`: setting more on the response has no effect.
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

/** How long a client may pause reading before its connection is closed. */
const stalledReaderMs = 60_000

/** Requests each chunk after the previous one was handed to the kernel, because its memory may then be reused. */
async function send(outgoing: ServerResponse, chunks: AsyncGenerator<Uint8Array, void, undefined>): Promise<void> {
  outgoing.setTimeout(stalledReaderMs, () => outgoing.destroy())
  const closed = new Promise<never>((_, reject) => {
    outgoing.once('close', () => reject(new Error('the client has disconnected')))
  })
  closed.catch(() => undefined)
  const written = (chunk: Uint8Array) =>
    new Promise<void>((resolve, reject) => outgoing.write(chunk, (error) => (error ? reject(error) : resolve())))
  try {
    for await (const chunk of chunks) await Promise.race([written(chunk), closed])
    outgoing.end()
  } catch {
    // Only a broken connection shows the client that the reply is incomplete.
    outgoing.destroy()
  }
}

/** For in-process requests of tests, which have no Node.js response and keep the chunks. */
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

/** A 204 reply. */
export const empty = (c: Context, headers: Record<string, string>): Response =>
  new Response(null, {
    status: 204,
    headers: { ...dataHeaders, ...c.get('cors'), ...headers, 'X-Request-Id': c.get('requestId') },
  })

export const text = (c: Context, type: string, body: string): Response =>
  new Response(body, { headers: { ...dataHeaders, 'X-Request-Id': c.get('requestId'), 'Content-Type': type } })

export const plain = (c: Context, status: 200 | 503, body: unknown): Response => json(c, status, body)

/** An error reply. Only server errors include the request id, so that equal errors are otherwise byte-identical. */
export function failure(c: Context, error: ApiError): Response {
  const { status } = errorTable[error.code]
  const request_id = status >= 500 ? c.get('requestId') : undefined
  const body = {
    success: false,
    error: { code: error.code, message: error.message, details: error.details, request_id },
  }
  return json(c, status, body, { ...(status === 401 && { 'WWW-Authenticate': 'Bearer' }), ...error.headers })
}
