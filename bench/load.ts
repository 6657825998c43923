/**
 * The load generator. It runs in the process of the bench, each server in one of its own. Written on sockets because
 * what it costs comes out of the same two cores: see README.md for how it compares with autocannon.
 */
import { connect, type Socket } from 'node:net'

export interface LoadResult {
  /** Requests a second. */
  rate: number
  /** Milliseconds from a request's first byte written to its reply's last byte read. */
  p50: number
  p99: number
}

export interface LoadSettings {
  connections?: number
  /** How many of the first requests aren't measured. */
  warmUp?: number
  /** Called when the measured ones begin. */
  onWarm?: () => void
}

interface Head {
  status: number
  /** Of head and body, in bytes. */
  length: number
}

/** The head of the reply that `bytes` begin with, or null if it isn't whole yet. */
function readHead(bytes: Buffer): Head | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = bytes.toString('latin1', 0, end)
  const contentLength = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (contentLength === undefined) throw new Error(`a reply without Content-Length:\n${head}`)
  return { status: Number(head.slice(9, 12)), length: end + 4 + Number(contentLength) }
}

/** Sends one request after another over one connection, as `next` hands them out, until there are none. */
function converse(socket: Socket, next: () => Buffer | undefined, onReply: (ms: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0)
    let sentAt = 0
    const send = (): void => {
      const request = next()
      if (!request) return void socket.end(resolve)
      sentAt = performance.now()
      socket.write(request)
    }
    const read = (chunk: Buffer): void => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const head = readHead(received)
      if (!head || received.length < head.length) return
      if (head.status < 200 || head.status > 299) throw new Error(`a reply that failed:\n${received.toString('utf8')}`)
      received = received.subarray(head.length)
      onReply(performance.now() - sentAt)
      send()
    }
    socket.on('data', (chunk: Buffer) => {
      try {
        read(chunk)
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed a connection')))
    socket.on('connect', send)
  })
}

/**
 * Sends every request once, over `connections` keep-alive connections. The first `warmUp` ones aren't measured.
 *
 * @throws Error for any reply but a 2xx, and for a connection that broke.
 */
export async function load(
  address: string,
  requests: readonly Buffer[],
  { connections = 32, warmUp = 0, onWarm }: LoadSettings = {},
): Promise<LoadResult> {
  const { hostname, port } = new URL(address)
  let sent = 0
  let startedAt = 0
  const latencies: number[] = []
  const next = (): Buffer | undefined => requests[sent++]
  const onReply = (ms: number): void => {
    if (sent <= warmUp) return
    if (startedAt !== 0) return void latencies.push(ms)
    startedAt = performance.now()
    onWarm?.()
  }
  const converseOnce = (): Promise<void> =>
    converse(connect({ host: hostname, port: Number(port), noDelay: true }), next, onReply)
  await Promise.all(Array.from({ length: Math.min(connections, requests.length) }, converseOnce))
  const seconds = (performance.now() - startedAt) / 1000
  latencies.sort((a, b) => a - b)
  const quantile = (q: number): number => latencies[Math.ceil(q * latencies.length) - 1] ?? NaN
  return { rate: latencies.length / seconds, p50: quantile(0.5), p99: quantile(0.99) }
}
