/** The parameters of a call, in whatever encoding they come: query string, form, multipart form or JSON. */
import type { Context } from 'hono'
import { notUtf8, secretTooLong } from './errors.ts'
import { maximumBytes } from './limits.ts'

export type Params = Record<string, unknown>

/** The body doesn't parse: status 400, and nothing said. */
export class Malformed extends Error {}

/** A secret of the most bytes, every byte of it escaped, fits many times. */
const MAX_BODY_BYTES = 2 ** 20

/**
 * Query and body together; the body wins.
 *
 * @throws Malformed; Refusal for a body of more than 1 MiB, and for text that isn't UTF-8: replacing what it can't read
 *   would lose it.
 */
export async function readParams(c: Context): Promise<Params> {
  const query = parseForm(new URL(c.req.url).search)
  const bytes = c.req.method === 'POST' ? await readBytes(c) : new Uint8Array()
  if (bytes.length === 0) return query
  return { ...query, ...(await parseBody(bytes, c.req.header('Content-Type') ?? '')) }
}

async function readBytes(c: Context): Promise<Uint8Array<ArrayBuffer>> {
  const length = c.req.header('Content-Length')
  if (length !== undefined) {
    if (Number(length) > MAX_BODY_BYTES) throw secretTooLong(maximumBytes)
    return new Uint8Array(await c.req.arrayBuffer())
  }
  const body = c.req.raw.body
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    if ((total += chunk.length) > MAX_BODY_BYTES) throw secretTooLong(maximumBytes)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** By its type; what has none, or one that no program means, is taken for what it looks like. */
async function parseBody(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Params> {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  const text = decode(bytes)
  if (type === 'multipart/form-data') return parseMultipart(bytes, contentType)
  if (type === 'application/json') return parseJson(text)
  if (type === 'application/x-www-form-urlencoded') return parseForm(text)
  if (/^\s*[{[]/.test(text)) return parseJson(text)
  return /^[^\s=&]+=/.test(text) ? parseForm(text) : {}
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw notUtf8()
  }
}

/** Percent-encoded bytes must be UTF-8; a `%` that encodes nothing stands for itself. */
function parseForm(text: string): Params {
  for (const [encoded] of text.matchAll(/(?:%[\da-f]{2})+/gi)) {
    try {
      decodeURIComponent(encoded)
    } catch {
      throw notUtf8()
    }
  }
  return fromPairs(new URLSearchParams(text))
}

function parseJson(text: string): Params {
  if (text.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Malformed()
  }
  // An escape can stand for half a surrogate pair, which UTF-8 can't express.
  if (/\\u[df]/i.test(text) && !isWellFormed(value)) throw notUtf8()
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : {}
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Surrogate}/u.test(value)
  return typeof value !== 'object' || value === null || Object.values(value).every(isWellFormed)
}

async function parseMultipart(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Params> {
  const form = await new Response(bytes, { headers: { 'Content-Type': contentType } }).formData().catch(() => {
    throw new Malformed()
  })
  const pairs: [string, string][] = []
  for (const [name, value] of form) pairs.push([name, typeof value === 'string' ? value : await textOfFile(value)])
  return fromPairs(pairs)
}

/** `file.text()` would drop a byte order mark, which is part of a secret. */
const textOfFile = async (file: File): Promise<string> => Buffer.from(await file.arrayBuffer()).toString()

/** `name[]` makes a list and `name[member]` an object, one level deep; of a plain name given twice the last counts. */
export function fromPairs(pairs: Iterable<[string, string]>): Params {
  const params = new Map<string, string | string[] | Map<string, string>>()
  for (const [name, value] of pairs) {
    const [, base, member] = /^([^[\]]+)\[([^[\]]*)\]$/.exec(name) ?? []
    if (base === undefined || member === undefined) {
      params.set(name, value)
      continue
    }
    const before = params.get(base)
    if (member === '' && Array.isArray(before)) before.push(value)
    else if (member === '') params.set(base, [value])
    else if (before instanceof Map) before.set(member, value)
    else params.set(base, new Map([[member, value]]))
  }
  return Object.fromEntries(
    [...params].map(([name, value]) => [name, value instanceof Map ? Object.fromEntries(value) : value] as const),
  )
}

/** What programs send for «not set» is the empty text. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** A list, or a text with commas; empty items don't count. */
export function textsOf(value: unknown): string[] {
  const items = Array.isArray(value) ? (value as unknown[]) : [value]
  const texts = items.flatMap((item) => textOf(item).split(','))
  return texts.map((text) => text.trim()).filter((text) => text !== '')
}

/** The number that a text begins with, so `3600s` is 3600 and `1e9` a billion; 0 if it begins with none. */
export function numberOf(value: unknown): number {
  const [digits = '0'] = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e\+?\d+)?/i.exec(textOf(value).trim()) ?? []
  return Number(digits)
}
