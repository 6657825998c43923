/** Where the bytes of attachments come from. Each source is read once, from its start to its end. */
import type * as Fs from 'node:fs/promises'
import { lastComponent } from '../protocol/content.ts'
import { isObject, isWellFormed, type Bytes } from '../protocol/encoding.ts'
import { HalfkeyError } from '../errors.ts'
import { free } from '../protocol/chunks.ts'
import { isBytes, type Rule } from '../options.ts'
import type { PlatformBlob, PlatformURL, ReadableBytes } from '../platform.ts'

/** Defined by the browser bundle, which can't open paths. */
declare const __HALFKEY_BROWSER__: true | undefined

/** A `ReadableStream` of bytes, or any async iterable of them. */
export type ByteStream = ReadableBytes | AsyncIterable<Uint8Array>

/** A file as a stream of bytes. */
export interface StreamAttachment {
  /** What the recipient is to save it as; folders in it are dropped. */
  name: string
  /** Media type, as the recipient gets to see it. */
  type?: string | undefined
  /** Bytes that the stream gives: neither more nor fewer. */
  size: number
  /** Read once. */
  stream: ByteStream | (() => ByteStream)
}

/**
 * A `File` or `Blob`, in Node also a path or `file:` URL, a `Buffer` or `Uint8Array`, or a stream of bytes. One without a
 * name is called `file`: `new File([bytes], 'report.pdf')` gives one.
 */
export type Attachment = PlatformBlob | string | PlatformURL | Uint8Array | StreamAttachment

export interface Source {
  /** One component. */
  name: string
  type: string
  /** Bytes. */
  size: number
  open: () => Promise<SourceReader>
}

export interface SourceReader {
  /** Fills `into` from its start, or as much of it as there is left; returns how many bytes. */
  read: (into: Bytes) => Promise<number>
  close: () => Promise<void>
}

const MAX_ATTACHMENTS = 100

export const ATTACHMENTS: Rule = [
  (value) => Array.isArray(value) && value.length <= MAX_ATTACHMENTS && value.every(isAttachment),
  'must be a list of at most 100, each a File or Blob, a path, a Uint8Array or {name, type?, size, stream}',
]

function isAttachment(value: unknown): boolean {
  if (typeof value === 'string') return value !== ''
  if (value instanceof URL) return value.protocol === 'file:'
  return isBlob(value) || isBytes(value) || isStreamAttachment(value)
}

/** By its shape: a blob may come from another realm. */
function isBlob(value: unknown): value is Blob & { name?: string } {
  return isObject(value) && typeof value['arrayBuffer'] === 'function' && typeof value['slice'] === 'function'
}

function isStreamAttachment(value: unknown): boolean {
  if (!isObject(value) || !Object.keys(value).every((key) => /^(name|type|size|stream)$/.test(key))) return false
  const { name, type = '', size, stream } = value
  const isText = typeof name === 'string' && typeof type === 'string'
  const isStream = typeof stream === 'function' || (typeof stream === 'object' && stream !== null)
  return isText && isStream && Number.isSafeInteger(size) && (size as number) >= 0
}

/** @throws HalfkeyError VALIDATION_ERROR for what can't be read, with `details.attachments`. */
export async function openSource(attachment: Attachment): Promise<Source> {
  if (typeof attachment === 'string' || attachment instanceof URL) return pathSource(attachment)
  const blob = isBytes(attachment) ? new Blob([attachment]) : attachment
  const source = isBlob(blob) ? blobSource(blob) : streamSource(blob as StreamAttachment)
  return { ...source, name: wellFormed(lastComponent(source.name)), type: wellFormed(source.type) }
}

/** @throws HalfkeyError VALIDATION_ERROR */
export function refuseSource(name: string, problem: string, cause?: unknown): HalfkeyError {
  const problems = [`${name} ${problem}`]
  return new HalfkeyError('VALIDATION_ERROR', `The attachment ${name} ${problem}.`, {
    details: { attachments: problems },
    ...(cause !== undefined && { cause }),
  })
}

/** File systems give names that UTF-8 can't hold. */
function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function blobSource(blob: Blob & { name?: string }): Source {
  const { name = '', type, size } = blob
  const open = () => {
    let position = 0
    const read = async (into: Bytes) => {
      try {
        const bytes = new Uint8Array(await blob.slice(position, position + into.length).arrayBuffer())
        const { length } = bytes
        into.set(bytes)
        free(bytes)
        position += length
        return length
      } catch (error) {
        throw refuseSource(lastComponent(name), "can't be read any more", error)
      }
    }
    return Promise.resolve({ read, close: () => Promise.resolve() })
  }
  return { name, type, size, open }
}

function streamSource({ name, type = '', size, stream }: StreamAttachment): Source {
  const open = () => {
    const chunks = chunksOf(typeof stream === 'function' ? stream() : stream)
    let rest = new Uint8Array()
    const read = async (into: Bytes) => {
      let length = 0
      while (length < into.length) {
        if (rest.length === 0) {
          const next = await chunks.next().catch((error: unknown) => {
            throw refuseSource(lastComponent(name), "can't be read any more", error)
          })
          if (next.done) break
          if (!(next.value instanceof Uint8Array)) throw refuseSource(lastComponent(name), 'must give bytes')
          rest = next.value as Bytes
          continue
        }
        const piece = rest.subarray(0, into.length - length)
        into.set(piece, length)
        length += piece.length
        rest = rest.subarray(piece.length)
      }
      return length
    }
    const close = async () => {
      await chunks.return()
    }
    return Promise.resolve({ read, close })
  }
  return { name, type, size, open }
}

/** Not every browser's streams are iterable. */
async function* chunksOf(stream: ByteStream): AsyncGenerator<unknown, void> {
  if (Symbol.asyncIterator in stream) {
    yield* stream
    return
  }
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}

async function pathSource(path: string | URL): Promise<Source> {
  const fs = await node<typeof Fs>('fs/promises')
  const name = wellFormed(lastComponent(path instanceof URL ? unescaped(path.pathname) : path))
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw refuseSource(name, `can't be read (${(error as { code?: string }).code ?? 'ERROR'})`, error)
    }
  }
  const stats = await guarded(fs.stat(path))
  if (!stats.isFile()) throw refuseSource(name, 'is not a file')
  const open = async () => {
    const file = await guarded(fs.open(path))
    return { read: (into: Bytes) => guarded(fill(file, into)), close: () => file.close() }
  }
  return { name, type: '', size: stats.size, open }
}

function unescaped(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}

async function fill(file: Fs.FileHandle, into: Bytes): Promise<number> {
  for (let length = 0; ;) {
    const { bytesRead } = await file.read(into, length, into.length - length, null)
    length += bytesRead
    if (bytesRead === 0 || length === into.length) return length
  }
}

/** A module of Node. Not a literal: bundlers for pages would look for it. @throws HalfkeyError UNSUPPORTED outside Node. */
export async function node<Module>(name: 'fs/promises' | 'path'): Promise<Module> {
  if (typeof __HALFKEY_BROWSER__ === 'undefined') {
    try {
      return (await import(/* @vite-ignore */ /* webpackIgnore: true */ `node:${name}`)) as Module
    } catch {
      // Told below.
    }
  }
  throw new HalfkeyError('UNSUPPORTED', 'Paths work only in Node. Elsewhere, attach a File, a Blob or a stream.')
}
