/**
 * A minimal `fetch` for small requests. Node's own loads an HTTP client that takes longer to start than the rest of a
 * command. It implements only the part of the Fetch standard that the SDK uses: a reply has `ok`, `status`, `headers.get`
 * and `body.getReader`; redirects aren't followed.
 */
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as requestPlainly } from 'node:http'

declare const HALFKEY_VERSION: string

export const smallFetch: typeof fetch = async (input, init = {}) => {
  const url = new URL(input as string | URL)
  const request = url.protocol === 'https:' ? (await import('node:https')).request : requestPlainly
  const headers = (init.headers ?? {}) as Record<string, string>
  const options: RequestOptions = {
    method: init.method ?? 'GET',
    headers: { ...headers, 'User-Agent': `halfkey/${HALFKEY_VERSION} ${headers['User-Agent'] ?? ''}` },
    ...(init.signal && { signal: init.signal }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options, (incoming) => {
      resolve(replyOf(incoming, incoming.statusCode ?? 0))
    })
    outgoing.on('error', (cause) => reject(new TypeError('fetch failed', { cause })))
    outgoing.end(init.body as string | null)
  })
}

function replyOf(incoming: IncomingMessage, status: number): Response {
  const chunks = incoming.iterator() as AsyncIterableIterator<Buffer>
  const reply = {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name: string) => incoming.headers[name.toLowerCase()] ?? null },
    body: {
      getReader: () => ({
        read: () => chunks.next(),
        cancel: () => Promise.resolve(void incoming.destroy()),
      }),
    },
  }
  return reply as unknown as Response
}
