/** The parameters of a call, in whatever encoding they come: query string, form, multipart form or JSON. */
import type { Context } from 'hono'
import { secretTooLong } from './errors.ts'
import { maximumBytes } from './limits.ts'

export type Params = Record<string, unknown>

/** The body doesn't parse: status 400, and nothing said. */
export class Malformed extends Error {}

/** A secret of the most bytes, every byte of it escaped, fits many times. */
const MAX_BODY_BYTES = 2 ** 20

/**
 * Query and body together; the body wins.
 *
 * @throws Malformed; Refusal for a body of more than 1 MiB.
 */
export async function readParams(c: Context): Promise<Params> {
  const query = fromPairs(new URL(c.req.url).searchParams)
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
  if (type === 'multipart/form-data') return parseMultipart(bytes, contentType)
  const text = new TextDecoder().decode(bytes)
  if (type === 'application/json') return parseJson(text)
  if (type === 'application/x-www-form-urlencoded') return fromPairs(new URLSearchParams(text))
  if (/^\s*[{[]/.test(text)) return parseJson(text)
  return /^[^\s=&]+=/.test(text) ? fromPairs(new URLSearchParams(text)) : {}
}

function parseJson(text: string): Params {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : {}
  } catch {
    throw new Malformed()
  }
}

async function parseMultipart(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Params> {
  const form = await new Response(bytes, { headers: { 'Content-Type': contentType } }).formData().catch(() => {
    throw new Malformed()
  })
  const pairs: [string, string][] = []
  for (const [name, value] of form) pairs.push([name, typeof value === 'string' ? value : await value.text()])
  return fromPairs(pairs)
}

/** `name[]` makes a list and `name[member]` an object, one level deep; of a plain name given twice the last counts. */
function fromPairs(pairs: Iterable<[string, string]>): Params {
  const params = new Map<string, unknown>()
  for (const [name, value] of pairs) {
    const [, base, member] = /^([^[\]]+)\[([^[\]]*)\]$/.exec(name) ?? []
    if (base === undefined || member === undefined) {
      params.set(name, value)
      continue
    }
    const before = params.get(base)
    if (member === '') params.set(base, [...(Array.isArray(before) ? (before as string[]) : []), value])
    else params.set(base, { ...(typeof before === 'object' && !Array.isArray(before) && before), [member]: value })
  }
  return Object.fromEntries(params)
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

/** The leading digits of a number or text, so `90.9` is 90; what has none is 0. */
export function integerOf(value: unknown): number {
  const [, sign, digits] = /^\s*([+-]?)(\d+)/.exec(textOf(value)) ?? []
  const amount = Math.min(Number(digits ?? 0), Number.MAX_SAFE_INTEGER)
  return sign === '-' ? -amount : amount
}
