/**
 * What this package takes and gives of the platform's own types, in declarations that compile wherever it runs: with
 * the DOM library, with a worker's, with the types of Node alone, or with none of them. Each is the type that the
 * consumer's compiler knows under that name, else the part of it that this package uses.
 */

type Global<Name extends string, Else> = typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : Else

/** `CryptoKey` (Web Cryptography API). */
export type PlatformCryptoKey = Global<
  'CryptoKey',
  { readonly algorithm: { readonly name: string }; readonly extractable: boolean; readonly usages: readonly string[] }
>

/** `AbortSignal` (DOM Standard). */
export type PlatformAbortSignal = Global<
  'AbortSignal',
  {
    readonly aborted: boolean
    addEventListener: (type: 'abort', listener: () => void) => void
    removeEventListener: (type: 'abort', listener: () => void) => void
  }
>

/** `AbortController` (DOM Standard). */
export type PlatformAbortController = Global<'AbortController', { abort: () => void }>

/** `URL` (URL Standard). */
export type PlatformURL = Global<'URL', { readonly href: string; readonly protocol: string }>

/** The part of a `ReadableStream<Uint8Array>` that reads. */
export interface ReadableBytes {
  /** As of a `ReadableStream` (Streams Standard): its `read` gives the next bytes, its `cancel` ends the stream. */
  getReader: () => {
    read: () => Promise<{ done: boolean; value?: Uint8Array | undefined }>
    cancel: (reason?: unknown) => Promise<void>
  }
}

/** `Blob` (File API). */
export type PlatformBlob = Global<
  'Blob',
  {
    readonly size: number
    readonly type: string
    slice: (start?: number, end?: number) => { arrayBuffer: () => Promise<ArrayBuffer> }
    arrayBuffer: () => Promise<ArrayBuffer>
    stream: () => ReadableBytes
  }
>

/** `ReadableStream<Uint8Array>`: a type's name can't be looked up with its parameter, but every Blob gives one. */
export type PlatformByteStream = ReturnType<PlatformBlob['stream']>

/** `fetch` (Fetch Standard). */
export type PlatformFetch = typeof globalThis extends { fetch: infer Fetch }
  ? Fetch
  : (url: string, init?: object) => Promise<{ readonly ok: boolean; readonly status: number }>
