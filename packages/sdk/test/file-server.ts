/**
 * A server of secrets with attachments in memory, over real HTTP, that can be told to misbehave: what the real one does
 * is tested with the API.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { PART_LENGTH, encryptedSize } from '../src/protocol/chunks.ts'
import type { WireCreateRequest } from '../src/wire.ts'

const SEALED_PART_LENGTH = encryptedSize(PART_LENGTH)

export interface Stored {
  request: WireCreateRequest
  complete: boolean
  acked: boolean
  /** File id → sealed parts by number. */
  files: Map<string, Buffer[]>
}

export interface Seen {
  method: string
  path: string
  headers: IncomingMessage['headers']
}

export interface Faults {
  /** Answers instead of the server; true: done. */
  intercept?: (request: IncomingMessage, response: ServerResponse, seen: Seen[]) => boolean | Promise<boolean>
  /** Bytes after which the n-th request for a file is cut, counted from 0; undefined: none. */
  cutAfter?: (n: number) => number | undefined
  /** What is served instead of the sealed file. */
  tamper?: (sealed: Buffer, id: string, files: Map<string, Buffer[]>) => Buffer
  /** Leaves out what would tell the length. */
  chunked?: boolean
}

export interface FileServer {
  url: string
  secrets: Map<string, Stored>
  seen: Seen[]
  /** Ranges asked for, in order. */
  ranges: (string | undefined)[]
}

/** Stops when the test that started it has finished. */
export async function startFileServer(faults: Faults = {}): Promise<FileServer> {
  const secrets = new Map<string, Stored>()
  const seen: Seen[] = []
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    const answer = async () => {
      const { method = '', url = '', headers } = request
      seen.push({ method, path: url, headers })
      if (await faults.intercept?.(request, response, seen)) return
      await serve(request, response)
    }
    answer().catch(() => response.destroy())
  })

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request
    const [, slug = '', id = '', part = ''] =
      /^\/api\/v1\/(?:secrets|links)\/(\w+)(?:\/files\/([\w-]+))?(?:\/parts\/(\d+))?/.exec(url) ?? []
    const stored = secrets.get(slug)
    if (method === 'POST' && url.endsWith('/secrets')) {
      const created = JSON.parse((await buffer(request)).toString()) as WireCreateRequest
      const files = new Map((created.attachments ?? []).map(({ id }) => [id, [] as Buffer[]]))
      secrets.set(created.slug, { request: created, complete: files.size === 0, acked: false, files })
      return reply(response, details(created, headers.host ?? ''))
    }
    if (!stored) return fail(response, 404, 'NOT_FOUND')
    if (method === 'DELETE') {
      secrets.delete(slug)
      return reply(response, null)
    }
    if (method === 'PUT') return put(stored, id, Number(part), await buffer(request), headers, response)
    if (url.endsWith('/complete')) {
      stored.complete = true
      return reply(response, details(stored.request, headers.host ?? ''))
    }
    if (!stored.complete) return fail(response, 404, 'NOT_FOUND')
    if (method === 'GET') return get(stored, id, headers.range, response)
    if (url.endsWith('/status')) return reply(response, status(stored.request))
    if (url.endsWith('/reveal')) {
      const { key_a, envelope } = stored.request
      return reply(response, { key_a, envelope, grant: 'the-grant' })
    }
    stored.acked = true
    return reply(response, null)
  }

  const put = (
    { request, files }: Stored,
    id: string,
    number: number,
    body: Buffer,
    headers: IncomingMessage['headers'],
    response: ServerResponse,
  ) => {
    const size = request.attachments?.find((file) => file.id === id)?.size ?? 0
    const expected = Math.min(SEALED_PART_LENGTH, size - number * SEALED_PART_LENGTH)
    const whole = headers['content-type'] === 'application/octet-stream' && body.length === expected
    if (!whole || Number(headers['content-length'] ?? body.length) !== expected) {
      return fail(response, 422, 'VALIDATION_ERROR')
    }
    const parts = files.get(id) as Buffer[]
    if (parts[number] && !parts[number].equals(body)) return fail(response, 409, 'CONFLICT')
    parts[number] = body
    return reply(response, { part: number, size: body.length })
  }

  const get = ({ files }: Stored, id: string, range: string | undefined, response: ServerResponse) => {
    const cut = faults.cutAfter?.(ranges.push(range) - 1)
    const honest = Buffer.concat(files.get(id) ?? [])
    const sealed = faults.tamper?.(honest, id, files) ?? honest
    const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0)
    if (start >= sealed.length) return fail(response, 416, 'VALIDATION_ERROR')
    const body = sealed.subarray(start)
    const length = faults.chunked ? {} : { 'Content-Length': body.length }
    const position = range && { 'Content-Range': `bytes ${start}-${sealed.length - 1}/${sealed.length}` }
    response.writeHead(range ? 206 : 200, { 'Content-Type': 'application/octet-stream', ...length, ...position })
    if (cut === undefined || cut >= body.length) return response.end(body)
    return response.write(body.subarray(0, cut), () => response.destroy())
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secrets, seen, ranges }
}

const times = { expiration: '2030-01-02T03:04:05.678Z', created_at: '2030-01-01T03:04:05.678Z' }

function details({ slug, attachments = [] }: WireCreateRequest, host: string): object {
  return {
    slug,
    share_url: `http://${host}/${slug}`,
    maximum_views: 1,
    current_views: 0,
    has_password: false,
    has_attachments: attachments.length > 0,
    attachments_count: attachments.length,
    ...times,
  }
}

function status({ attachments = [], note = null }: Omit<WireCreateRequest, 'note'> & { note?: string | null }): object {
  const needs = { password: false, otp: null, captcha: false, challenge: null }
  return { ...needs, note, ...times, views_left: 1, attempts_left: 10, files: attachments }
}

function reply(response: ServerResponse, data: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ success: true, message: 'Done', data }))
}

export function fail(response: ServerResponse, code: number, name: string, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'Content-Type': 'application/json', ...headers })
  response.end(JSON.stringify({ success: false, error: { code: name, message: `It is ${name}` } }))
}
