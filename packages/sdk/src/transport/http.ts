import { concat, fromJson, isObject, type Bytes } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { certificateProblem, nodeFetch } from './node-fetch.ts'
import { malformedReply } from './read.ts'
import type { PlatformAbortSignal, PlatformFetch } from '../platform.ts'
import { isNode } from '../provider.ts'
import { VERSION } from '../version.ts'
import { wireCodes, type WireErrorCode } from '../wire-codes.ts'

/** Defined by the browser bundles, where what follows for Node would be dead weight. */
declare const __HALFKEY_BROWSER__: true | undefined

/** How calls reach the server. */
export interface TransportOptions {
  /**
   * Used instead of the runtime's own, which in Node goes through the proxy of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. It must
   * respect `signal` and `redirect`.
   */
  fetch?: PlatformFetch | undefined
  /** Milliseconds that one attempt may take, its reply's body included. Default 30,000. */
  timeout?: number | undefined
  /** Attempts after the first. Default 3. Files are retried for two minutes without progress, unless it is 0. */
  retries?: number | undefined
}

export interface Call {
  url: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  headers: Record<string, string>
  /** Sent as it is by every attempt: a retried create must be the same bytes. */
  body?: string | undefined
  signal?: PlatformAbortSignal | undefined
}

export interface Reply {
  data: unknown
  pagination: unknown
}

/** Finds out why a call got no reply. What it returns is thrown; after undefined the call is tried again. */
export type Diagnose = (call: Call) => Promise<HalfkeyError | undefined>

export interface Failure {
  error: HalfkeyError
  /** Another attempt may succeed. */
  transient?: boolean
  /** Milliseconds to wait before it. */
  retryAfter?: number | undefined
}

export const DEFAULT_TIMEOUT_MS = 30_000
/** A full page of the largest notes and metadata is 17 MiB. */
const MAX_REPLY_BYTES = 32 * 2 ** 20
const USER_AGENT = `halfkey-sdk-js/${VERSION}`
const MAX_WAIT_MS = 60_000
const MIN_BACKOFF_MS = 250
const MAX_BACKOFF_MS = 10_000
/** Long enough for a server to be restarted or moved. */
const MAX_OUTAGE_MS = 120_000

/**
 * Calls the storage API. Network errors, time-outs, 429 and 502 to 504 are tried again after the reply's Retry-After
 * (RFC 9110 section 10.2.3), else after an exponential back-off: every call of the protocol is safe to repeat.
 *
 * @throws HalfkeyError with the server's code, or NETWORK, TIMEOUT, ABORTED, MALFORMED. What `fetch` itself throws is
 *   not kept as `cause`, because it may hold the request with its headers.
 */
export async function request(
  call: Call,
  options: TransportOptions & { persist?: boolean; diagnose?: Diagnose | undefined },
): Promise<Reply> {
  const beforeRetry = retryPolicy(options, call.signal)
  for (;;) {
    const outcome = await send(call, options)
    if ('data' in outcome) return outcome
    const known = outcome.error.code === 'NETWORK' ? await options.diagnose?.(call) : undefined
    await beforeRetry(known ? { error: known } : outcome)
  }
}

/**
 * For one series of failures: waits before the next attempt, or throws the failure if there is to be none.
 * Once the signal is aborted, it throws ABORTED instead.
 *
 * @param options  `persist`: beyond `retries`, attempts go on until two minutes after the first failure
 */
export function retryPolicy(
  { retries = 3, persist = false }: TransportOptions & { persist?: boolean },
  signal: AbortSignal | undefined,
): (failure: Failure) => Promise<void> {
  let failures = 0
  let firstAt: number | undefined
  return async ({ error, transient, retryAfter }) => {
    if (signal?.aborted) throw aborted(signal)
    firstAt ??= Date.now()
    // Half of it jitter, so that clients which failed together don't come back together.
    const backoff = Math.min(MIN_BACKOFF_MS * 2 ** failures++, MAX_BACKOFF_MS) * (0.5 + Math.random() / 2)
    const wait = retryAfter ?? backoff
    const persists = persist && retries > 0 && Date.now() + wait - firstAt < MAX_OUTAGE_MS
    if (!transient || wait > MAX_WAIT_MS || (failures > retries && !persists)) throw error
    await sleep(wait, signal)
  }
}

async function send(call: Call, options: TransportOptions): Promise<Reply | Failure> {
  const {
    fetch = typeof __HALFKEY_BROWSER__ === 'undefined' ? nodeFetch : globalThis.fetch,
    timeout = DEFAULT_TIMEOUT_MS,
  } = options
  const { signal } = call
  if (signal?.aborted) throw aborted(signal)

  const attempt = new AbortController()
  const abort = () => attempt.abort()
  const timer = setTimeout(abort, timeout)
  signal?.addEventListener('abort', abort)
  try {
    const response = await fetch(call.url, requestOf(call, attempt.signal))
    return readReply(response, await readJson(response))
  } catch (error) {
    if (signal?.aborted) throw aborted(signal)
    if (attempt.signal.aborted) {
      return { error: new HalfkeyError('TIMEOUT', `The server didn't reply within ${timeout} ms.`), transient: true }
    }
    return unreachable(error)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

function requestOf({ method, headers, body }: Call, signal: AbortSignal | undefined): RequestInit {
  return {
    method,
    headers: {
      // Pages may not set it.
      ...(typeof __HALFKEY_BROWSER__ === 'undefined' && isNode() && { 'User-Agent': USER_AGENT }),
      ...headers,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    body: body ?? null,
    signal: signal ?? null,
    // Not 'error', which Cloudflare's workers refuse: see `failureOf`.
    redirect: 'manual',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
  }
}

/**
 * Requests a file, once. Its body is handed on as a stream, without a time-out.
 *
 * @throws HalfkeyError ABORTED
 */
export async function download(
  call: Call,
  { fetch = typeof __HALFKEY_BROWSER__ === 'undefined' ? nodeFetch : globalThis.fetch }: TransportOptions,
): Promise<Response | Failure> {
  try {
    const response = await fetch(call.url, requestOf(call, call.signal))
    return response.ok ? response : failureOf(response, await readJson(response))
  } catch (error) {
    if (call.signal?.aborted) throw aborted(call.signal)
    return unreachable(error)
  }
}

/** Includes the system's name for the failure, such as ECONNREFUSED, where the runtime gives it. */
function unreachable(error: unknown): Failure {
  const { code, proxy } = isObject(error) && isObject(error['cause']) ? error['cause'] : {}
  const reason = typeof code === 'string' && /^[A-Z_]{3,50}$/.test(code) ? ` (${code})` : ''
  if (typeof __HALFKEY_BROWSER__ === 'undefined') {
    const problem = certificateProblem(reason && String(code))
    if (problem !== undefined)
      return { error: new HalfkeyError('NETWORK', problem, { details: { certificate: String(code) } }) }
    if (typeof proxy === 'string') {
      const sentence = `No reply from the server, or from the proxy that ${proxy} names${typeof code === 'string' ? ` (${code})` : ''}.`
      return { error: new HalfkeyError('NETWORK', sentence, { details: { proxy } }), transient: true }
    }
  }
  return { error: new HalfkeyError('NETWORK', `No reply from the server${reason}.`), transient: true }
}

/** The body's JSON object; null for anything else, too long included. */
async function readJson(response: Response): Promise<Record<string, unknown> | null> {
  const bytes = await readBytes(response)
  try {
    return bytes && fromJson(bytes)
  } catch {
    return null
  }
}

async function readBytes(response: Response): Promise<Bytes | null> {
  const chunks: Bytes[] = []
  let length = 0
  const reader = response.body?.getReader()
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    chunks.push(next.value)
    length += next.value.length
    if (length > MAX_REPLY_BYTES) {
      await reader?.cancel()
      return null
    }
  }
  return concat(chunks)
}

function readReply(response: Response, json: Record<string, unknown> | null): Reply | Failure {
  const { ok, status } = response
  if (!ok) return failureOf(response, json)
  if (json?.['success'] === true && 'data' in json) return { data: json['data'], pagination: json['pagination'] }
  return { error: malformedReply({ status }) }
}

function failureOf({ status, type, headers }: Response, json: Record<string, unknown> | null): Failure {
  // Following it could send the call to anyone. Of a redirect, browsers show no more than this type.
  if (type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return { error: new HalfkeyError('NETWORK', 'The server redirects to another address. Use that address instead.') }
  }
  return {
    error: readError(status, json, headers.get('X-Request-Id')),
    transient: status === 429 || (status >= 502 && status <= 504),
    retryAfter: retryAfter(headers.get('Retry-After')),
  }
}

function readError(status: number, json: Record<string, unknown> | null, requestIdHeader: string | null): HalfkeyError {
  const { code, message, details, request_id } = isObject(json?.['error']) ? json['error'] : {}
  const requestId = request_id ?? requestIdHeader
  const context = { status, ...(typeof requestId === 'string' && { requestId }) }
  if (isWireCode(code) && typeof message === 'string') {
    return new HalfkeyError(code, message, isObject(details) ? { ...context, details } : context)
  }
  const fallback = status === 429 ? 'RATE_LIMITED' : status >= 500 ? 'SERVER_ERROR' : 'NETWORK'
  return new HalfkeyError(
    fallback,
    `The reply (status ${status}) isn't from a Halfkey server. Check the address, and any proxy on the way.`,
    context,
  )
}

/** Milliseconds from delay-seconds or an HTTP-date (RFC 9110 section 10.2.3). */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(aborted(signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Its `cause` is the signal's reason, which tells a time-out of the caller's own from a person's cancelling. */
export function aborted(signal?: AbortSignal): HalfkeyError {
  return new HalfkeyError('ABORTED', 'The call was aborted.', { cause: signal?.reason as unknown })
}

function isWireCode(code: unknown): code is WireErrorCode {
  return wireCodes.includes(code as WireErrorCode)
}
