/** Downloads pages and assets as a browser would. */
import { randomInt } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { HalfkeyError } from '@halfkey/sdk'
import { certificateProblem, proxyVariable } from '@halfkey/sdk/parts'
import type { Dispatcher } from 'undici'

export interface Served {
  status: number
  headers: http.IncomingHttpHeaders
  /** Decoded. */
  body: Buffer
  /** Why `body` isn't the complete, decoded file. */
  problem?: string
}

/** More than the largest file of a release. */
const maxBytes = 16 * 2 ** 20

const decoders: Record<string, (bytes: Buffer) => Promise<Buffer>> = {
  identity: (bytes) => Promise.resolve(bytes),
  gzip: (bytes) => promisify(gunzip)(bytes, { maxOutputLength: maxBytes }),
  deflate: (bytes) => promisify(inflate)(bytes, { maxOutputLength: maxBytes }),
  br: (bytes) => promisify(brotliDecompress)(bytes, { maxOutputLength: maxBytes }),
}

/** Doesn't use `fetch`, which sets some request headers itself, decodes silently and hides redirects. */
export class PageServer {
  readonly #base: string
  readonly #timeout: number
  readonly #signal: AbortSignal | undefined
  readonly #client: typeof http | typeof https
  readonly #agent: http.Agent
  #proxy: Dispatcher | undefined

  /** `base`: http(s), without a trailing slash; `timeout`: milliseconds for one request. */
  constructor(base: string, timeout: number, signal: AbortSignal | undefined) {
    this.#base = base
    this.#timeout = timeout
    this.#signal = signal
    this.#client = base.startsWith('https:') ? https : http
    this.#agent = new this.#client.Agent({ keepAlive: true })
  }

  /** @throws HalfkeyError NETWORK, TIMEOUT, ABORTED */
  async get(path: string, acceptEncoding: string): Promise<Served> {
    const late = AbortSignal.timeout(this.#timeout)
    const signal = AbortSignal.any([late, ...(this.#signal ? [this.#signal] : [])])
    try {
      const headers = headersFor(path, acceptEncoding)
      return await (proxyVariable(this.#base) === undefined
        ? this.#get(path, headers, signal)
        : this.#getByProxy(path, headers, signal))
    } catch (error) {
      if (this.#signal?.aborted) throw new HalfkeyError('ABORTED', 'The request was aborted.')
      if (late.aborted) throw new HalfkeyError('TIMEOUT', `${this.#base} didn't reply in time.`)
      const { code = 'unknown' } = error as NodeJS.ErrnoException
      throw new HalfkeyError('NETWORK', certificateProblem(code) ?? `No reply from ${this.#base} (${code}).`)
    }
  }

  async #get(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Served> {
    const reply = await new Promise<http.IncomingMessage>((resolve, reject) => {
      this.#client.get(this.#base + path, { agent: this.#agent, headers, signal }, resolve).on('error', reject)
    })
    return read(reply.statusCode, reply.headers, reply)
  }

  async #getByProxy(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Served> {
    const { EnvHttpProxyAgent, request } = await import('undici')
    this.#proxy ??= new EnvHttpProxyAgent({ proxyTunnel: false })
    const reply = await request(this.#base + path, { dispatcher: this.#proxy, headers, signal })
    return read(reply.statusCode, reply.headers, reply.body)
  }

  close(): void {
    this.#agent.destroy()
    void this.#proxy?.close()
  }
}

async function read(status = 0, headers: http.IncomingHttpHeaders, content: AsyncIterable<unknown>): Promise<Served> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of content as AsyncIterable<Buffer>) {
    length += chunk.length
    // Leaving the loop closes the connection.
    if (length > maxBytes)
      return { status, headers, body: Buffer.alloc(0), problem: `it is larger than ${maxBytes} bytes` }
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  const decode = decoders[headers['content-encoding'] ?? 'identity']
  if (!decode) return { status, headers, body: bytes, problem: 'its content encoding was not requested' }
  return decode(bytes).then(
    (body) => ({ status, headers, body }),
    () => ({ status, headers, body: bytes, problem: "it can't be decoded" }),
  )
}

const languages = ['en-GB,en;q=0.9', 'de-DE,de;q=0.9,en;q=0.8', 'fr-FR,fr;q=0.9', 'zh-CN,zh;q=0.9', 'ar,en;q=0.5']

/** The headers that a browser sends for a page and for its assets (W3C, Fetch Metadata). */
function headersFor(path: string, acceptEncoding: string): Record<string, string> {
  const isScript = /\.\w+$/.test(path)
  return {
    Accept: isScript ? '*/*' : 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'Accept-Encoding': acceptEncoding,
    'Accept-Language': languages[randomInt(languages.length)] ?? '',
    'Sec-Fetch-Dest': isScript ? 'script' : 'document',
    'Sec-Fetch-Mode': isScript ? 'cors' : 'navigate',
    'Sec-Fetch-Site': isScript ? 'same-origin' : 'none',
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  }
}
