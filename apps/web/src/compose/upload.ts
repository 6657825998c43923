/** Sends bodies so that their progress shows: `fetch` tells nothing of what left, XMLHttpRequest does (XHR, section 4.4). */

type Show = (done: number, total: number) => void

/**
 * @returns `fetch` for the SDK's transport; `start`, which has the next sending's progress shown, in encrypted bytes that
 *   arrived or left, which never get fewer, and gives the SDK's `onProgress`
 */
export function followProgress() {
  let [arrived, underWay, shown, total] = [0, 0, 0, 0]
  let show: Show = () => undefined
  const tell = (): void => {
    // A part that is sent again doesn't take the bar back.
    shown = Math.max(shown, Math.min(total, arrived + underWay))
    show(shown, total)
  }
  return {
    fetch: fetchWithProgress((bytes) => {
      underWay = bytes
      tell()
    }),
    start: (next: Show) => {
      ;[arrived, shown, total] = [0, 0, 0]
      show = next
      return (progress: { done: number; total: number }): void => {
        arrived = progress.done
        total = progress.total
        tell()
      }
    },
  }
}

/**
 * @param onSending  called with the bytes that left of all bodies still on their way
 * @returns `fetch`, where bodies that are Blobs go by XMLHttpRequest
 */
function fetchWithProgress(onSending: (bytes: number) => void): typeof fetch {
  const sending = new Map<XMLHttpRequest, number>()
  const tell = (): void => onSending([...sending.values()].reduce((sum, bytes) => sum + bytes, 0))

  return async (input, init = {}) => {
    if (!(init.body instanceof Blob) || typeof input !== 'string') return fetch(input, init)
    const request = new XMLHttpRequest()
    request.upload.onprogress = ({ loaded }) => {
      sending.set(request, loaded)
      tell()
    }
    try {
      return await send(request, input, init)
    } finally {
      sending.delete(request)
      tell()
    }
  }
}

/** Rejects as `fetch` does: AbortError if it was called off, TypeError if there was no reply. */
function send(request: XMLHttpRequest, url: string, { method, headers, body, signal }: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const abort = (): void => request.abort()
    request.open(method ?? 'GET', url)
    new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value))
    request.responseType = 'arraybuffer'
    request.onload = () => {
      // The caller wants no redirect followed.
      if (request.responseURL === url) resolve(responseOf(request))
      else reject(new TypeError('unexpected redirect'))
    }
    request.onerror = () => reject(new TypeError('no reply'))
    request.onabort = () => reject(new DOMException('The request was called off.', 'AbortError'))
    request.onloadend = () => signal?.removeEventListener('abort', abort)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) return reject(new DOMException('The request was called off.', 'AbortError'))
    request.send(body as Blob)
  })
}

function responseOf(request: XMLHttpRequest): Response {
  const lines = request.getAllResponseHeaders().trim().split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  return new Response(request.response as ArrayBuffer, { status: request.status, headers })
}
