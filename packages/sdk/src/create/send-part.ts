/** How a part of a file gets out of this process. */
import type { Bytes } from '../protocol/encoding.ts'
import type { TransportOptions } from '../transport/http.ts'
import { nodeFetch } from '../transport/node-fetch.ts'
import { isNode } from '../provider.ts'

/** Defined by the browser bundles, where what follows for Node would be dead weight. */
declare const __HALFKEY_BROWSER__: true | undefined

/** Bytes a second: the slowest connection that is waited for where the platform doesn't show that bytes leave. */
const MIN_SPEED = 8192
const PIECE_LENGTH = 2 ** 18

/** Browsers stream over HTTP/2 alone: there it is a Blob, which they keep outside the page's memory. */
export type PartBody = Bytes | Blob

export const bodyOf = (part: Bytes): PartBody => (isNode() ? part : new Blob([part]))

/**
 * A `fetch` whose requests carry this part, and the time-out to call it with.
 *
 * In Node the body is a stream, so that the time-out counts from the last bytes that left, and no copy is made. That of a
 * Blob grows with it.
 *
 * @param onSent  bytes that left so far, of this attempt
 */
export function sendPart(
  part: PartBody,
  {
    fetch = typeof __HALFKEY_BROWSER__ === 'undefined' ? nodeFetch : globalThis.fetch,
    timeout = 30_000,
  }: TransportOptions,
  onSent: (bytes: number) => void,
): { fetch: typeof fetch; timeout: number } {
  const length = part instanceof Blob ? part.size : part.length
  const send: typeof fetch = async (url, init = {}) => {
    const headers = { ...(init.headers as Record<string, string>), 'Content-Type': 'application/octet-stream' }
    if (part instanceof Blob) return fetch(url, { ...init, headers, body: part })

    const stalled = new AbortController()
    const stop = () => stalled.abort()
    let timer = setTimeout(stop, timeout)
    let ended = false
    init.signal?.addEventListener('abort', stop)
    const body = streamOf(part, (bytes) => {
      // A cut connection may still ask its body for more: a timer begun then would keep the process alive.
      if (ended) return
      clearTimeout(timer)
      timer = setTimeout(stop, timeout)
      onSent(bytes)
    })
    const sized = { ...headers, 'Content-Length': String(part.length) }
    try {
      return await fetch(url, { ...init, headers: sized, body, duplex: 'half', signal: stalled.signal } as RequestInit)
    } finally {
      ended = true
      clearTimeout(timer)
      init.signal?.removeEventListener('abort', stop)
    }
  }
  return { fetch: send, timeout: timeout + Math.ceil((length / MIN_SPEED) * 1000) }
}

function streamOf(bytes: Bytes, onSent: (bytes: number) => void): ReadableStream<Uint8Array> {
  let sent = 0
  return new ReadableStream(
    {
      pull(controller) {
        onSent(sent)
        if (sent === bytes.length) return controller.close()
        const piece = bytes.subarray(sent, sent + PIECE_LENGTH)
        controller.enqueue(piece)
        sent += piece.length
      },
    },
    { highWaterMark: 0 },
  )
}
