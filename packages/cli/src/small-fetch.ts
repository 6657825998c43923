/**
 * `fetch` for what is small: text out, a reply in memory. Node's own loads an HTTP client that takes longer to start than
 * the rest of a command does. It keeps to the part of the Fetch standard that the SDK uses: a reply has `ok`, `status`,
 * `headers.get` and `body.getReader`; a redirect is an error.
 */
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as requestPlainly } from 'node:http'

declare const HALFKEY_VERSION: string

export const smallFetch: typeof fetch = async (input, init = {}) => {
  const url = new URL(input as string | URL)
  const request = url.protocol === 'https:' ? (await import('node:https')).request : requestPlainly
  const options: RequestOptions = {
    method: init.method ?? 'GET',
    headers: { 'User-Agent': `halfkey/${HALFKEY_VERSION}`, ...(init.headers as Record<string, string>) },
    ...(init.signal && { signal: init.signal }),
  }
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(new TypeError('fetch failed', { cause }))
    const outgoing = request(url, options, (incoming) => {
      const { statusCode: status = 0 } = incoming
      if (status < 300 || status >= 400) return resolve(replyOf(incoming, status))
      incoming.destroy()
      fail(new Error('unexpected redirect'))
    })
    outgoing.on('error', fail)
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
