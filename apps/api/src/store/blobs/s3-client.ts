/** Signed requests to one bucket, tried again where that may help. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpRequest } from 'node:http'
import { Agent as SecureAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import { StoreUnavailable } from '../store.ts'
import type { S3Credentials, S3Place } from './s3-url.ts'
import { readErrorCode } from './s3-xml.ts'

const explanations: Record<string, string> = {
  AccessDenied: ': these credentials may not do that there',
  AuthorizationHeaderMalformed: ': the bucket is in another region',
  ExpiredToken: ': AWS_SESSION_TOKEN has expired',
  InvalidAccessKeyId: ': AWS_ACCESS_KEY_ID is unknown there',
  NoSuchBucket: ': there is no such bucket',
  PermanentRedirect: ': the bucket is in another region',
  RequestTimeTooSkewed: ': the clock of this machine or of that server is wrong',
  SignatureDoesNotMatch: ': AWS_SECRET_ACCESS_KEY is wrong, or the region is',
  'x-amz-version-id': ': the bucket keeps old versions, so that nothing in it could be destroyed; turn versioning off',
}

/** What the server answered instead of doing it. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
  readonly status: number
  /** From the error document, such as NoSuchKey; without one `HTTP 404`; or the header that is in the way. */
  readonly code: string

  constructor(status: number, code: string) {
    super(`the S3 server answered ${status} ${code}${explanations[code] ?? ''}`)
    this.status = status
    this.code = code
  }
}

export interface S3Request {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  /** Below the bucket; empty: the bucket itself. */
  key: string
  query?: Record<string, string>
  /** Sent, but not signed. */
  headers?: Record<string, string>
  body?: Buffer
  /** SHA-256 of the body, hex. */
  bodyDigest?: string
  /** At most. */
  attempts?: number
}

export interface S3ClientOptions {
  place: S3Place
  credentials: S3Credentials
  /** How long the server may neither take nor send a byte. */
  stallMs?: number
  /** The pause before the second attempt, at most; it doubles with each further one. */
  backOffMs?: number
  lookup?: LookupFunction
}

const standardAttempts = 5
const maxErrorDocument = 65_536
const emptyDigest = createHash('sha256').digest('hex')

export class S3Client {
  readonly #options: S3ClientOptions
  readonly #signingKeys = new Map<string, ArrayBuffer>()
  readonly #agent: Agent
  readonly #stallMs: number
  readonly #backOffMs: number

  constructor(options: S3ClientOptions) {
    this.#options = options
    this.#stallMs = options.stallMs ?? 15_000
    this.#backOffMs = options.backOffMs ?? 200
    const agentOptions = { keepAlive: true, ...(options.lookup && { lookup: options.lookup }) }
    this.#agent = options.place.bucketUrl.startsWith('https:') ? new SecureAgent(agentOptions) : new Agent(agentOptions)
  }

  /**
   * The reply once the server has said yes (2xx); the caller reads or destroys its body. Throws S3Error for a no, and
   * StoreUnavailable if no attempt had an answer, or none better than «later».
   */
  send(request: S3Request): Promise<IncomingMessage> {
    return this.#retry(request, (response) => Promise.resolve(response))
  }

  /** As `send`, with the body as text, of at most `most` bytes. */
  text(request: S3Request, most: number): Promise<string> {
    return this.#retry(request, (response) => readText(response, most))
  }

  /** Exponential back-off, with jitter, so that a crowd doesn't come back at once. */
  pause(attempt: number): Promise<void> {
    return delay(this.#backOffMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2))
  }

  close(): void {
    this.#agent.destroy()
  }

  async #retry<T>(request: S3Request, read: (response: IncomingMessage) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.#exchange(request)
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) return await read(response)
        throw new S3Error(status, readErrorCode(await readText(response, maxErrorDocument)) ?? `HTTP ${status}`)
      } catch (error) {
        if (error instanceof S3Error && !isTransient(error)) throw error
        if (attempt === (request.attempts ?? standardAttempts)) throw asUnavailable(error)
      }
      await this.pause(attempt)
    }
  }

  async #exchange(request: S3Request): Promise<IncomingMessage> {
    const { method, body, headers = {} } = request
    const signed = await this.#sign(request)
    return new Promise((resolve, reject) => {
      const send = signed.url.protocol === 'https:' ? httpsRequest : httpRequest
      const sent = send(signed.url, {
        method,
        agent: this.#agent,
        timeout: this.#stallMs,
        headers: { ...Object.fromEntries(signed.headers), ...headers, ...(body && { 'Content-Length': body.length }) },
      })
      sent.on('timeout', () => sent.destroy(Object.assign(new Error('stalled'), { code: 'ETIMEDOUT' })))
      sent.on('error', reject)
      sent.on('response', (response) => {
        // A server that answers early doesn't want the rest.
        response.once('end', () => sent.writableFinished || sent.destroy())
        resolve(response)
      })
      sent.end(body)
    })
  }

  /** AWS Signature Version 4 over method, URL, and the body's digest, which keep the body from being changed under way. */
  #sign({ method, key, query = {}, bodyDigest = emptyDigest }: S3Request) {
    const { place, credentials } = this.#options
    const url = new URL(place.bucketUrl + key)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return new AwsV4Signer({
      ...credentials,
      method,
      url: url.href,
      headers: { 'X-Amz-Content-Sha256': bodyDigest },
      service: 's3',
      region: place.region,
      cache: this.#signingKeys,
    }).sign()
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const isTransient = ({ status, code }: S3Error): boolean =>
  status >= 500 || status === 429 || code === 'RequestTimeout' || code === 'OperationAborted'

/** Its message says what the server answered or what became of the connection, never what was sent. */
export function asUnavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error
  if (error instanceof S3Error) return new StoreUnavailable(error.message, { cause: error })
  const { code, message } = error as { code?: unknown; message?: unknown }
  const what = typeof code === 'string' ? `no answer from the S3 server: ${code}` : String(message)
  return new StoreUnavailable(what, { cause: error })
}

/** Throws RangeError, and closes the connection, past `most` bytes. */
async function readText(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > most) throw new RangeError(`the S3 server answered more than ${most} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
