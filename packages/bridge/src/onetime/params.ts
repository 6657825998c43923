/** Reads a call's parameters from a query string, form, multipart form or JSON. */
import type { Context } from 'hono'
import { parseJson } from '../json.ts'
import { notUtf8, secretTooLong } from './errors.ts'
import { maxBytes } from './limits.ts'

export type Params = Record<string, unknown>

/** The body can't be parsed: status 400 with an empty reply. */
export class Malformed extends Error {}

/** Many times the largest secret, even with every byte escaped. */
const MAX_BODY_BYTES = 2 ** 20

/**
 * Merges query and body; the body takes precedence.
 *
 * @throws Malformed
 * @throws Refusal for a body of more than 1 MiB, and for text that isn't UTF-8, because replacement characters would lose
 *   data
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
    if (Number(length) > MAX_BODY_BYTES) throw secretTooLong(maxBytes)
    return new Uint8Array(await c.req.arrayBuffer())
  }
  const body = c.req.raw.body
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    if ((total += chunk.length) > MAX_BODY_BYTES) throw secretTooLong(maxBytes)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** Parses the body by its type; without a usable type, by what it looks like. */
async function parseBody(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Params> {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  const text = decode(bytes)
  if (type === 'multipart/form-data') return parseMultipart(bytes, contentType)
  if (type === 'application/json') return paramsOfJson(text)
  if (type === 'application/x-www-form-urlencoded') return parseForm(text)
  if (/^\s*[{[]/.test(text)) return paramsOfJson(text)
  return /^[^\s=&]+=/.test(text) ? parseForm(text) : {}
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw notUtf8()
  }
}

/** Percent-encoded bytes must be UTF-8; a `%` that encodes nothing is kept. */
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

function paramsOfJson(text: string): Params {
  if (text.trim() === '') return {}
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    throw new Malformed()
  }
  // An escape can be half a surrogate pair, which UTF-8 can't express.
  if (/\\u[df]/i.test(text) && !isWellFormed(value)) throw notUtf8()
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : {}
}

/** Recursive: `parseJson` has bounded the depth. */
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

/** Unlike `file.text()`, keeps a byte order mark, which is part of the secret. */
const textOfFile = async (file: File): Promise<string> => Buffer.from(await file.arrayBuffer()).toString()

/** `name[]` builds a list and `name[member]` an object, one level deep. A repeated plain name overwrites the earlier value. */
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

/** A parameter as text; empty if it isn't set. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** The items of a list or of comma-separated text, without empty ones. */
export function textsOf(value: unknown): string[] {
  const items = Array.isArray(value) ? (value as unknown[]) : [value]
  const texts = items.flatMap((item) => textOf(item).split(','))
  return texts.map((text) => text.trim()).filter((text) => text !== '')
}

/** The number at the start of a text: 3600 for `3600s`, a billion for `1e9`, 0 without a number. */
export function numberOf(value: unknown): number {
  const [digits = '0'] = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e\+?\d+)?/i.exec(textOf(value).trim()) ?? []
  return Number(digits)
}
