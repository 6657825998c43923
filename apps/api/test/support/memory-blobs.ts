/** Blobs in memory, with faults to be had on request. */
import type { BlobStore } from '../../src/store/blobs/blobs.ts'
import { BlobMissing } from '../../src/store/blobs/blobs.ts'
import { StoreUnavailable } from '../../src/store/store.ts'

export interface MemoryBlobs extends BlobStore {
  /** What is there, by name. */
  kept: Map<string, Buffer>
  /** Calls that fail from now on. */
  failing: Set<'put' | 'read' | 'remove' | 'ping'>
  /** Puts begun and not settled, with how much each has taken. */
  taken: Map<string, number>
}

/** `chunkSize`: bytes that a read yields at once. */
export function openMemoryBlobs(chunkSize = 262_144): MemoryBlobs {
  const kept = new Map<string, Buffer>()
  const taken = new Map<string, number>()
  const failing: MemoryBlobs['failing'] = new Set()
  const fail = (call: 'put' | 'read' | 'remove' | 'ping'): void => {
    if (failing.has(call)) throw new StoreUnavailable(`told to fail: ${call}`)
  }
  return {
    kept,
    failing,
    taken,

    async put(name, body, length) {
      const chunks: Uint8Array[] = []
      taken.set(name, 0)
      try {
        for await (const chunk of body) {
          chunks.push(chunk)
          taken.set(name, (taken.get(name) ?? 0) + chunk.length)
        }
        fail('put')
        const bytes = Buffer.concat(chunks)
        if (bytes.length !== length) throw new RangeError('a body has another length than announced')
        kept.set(name, bytes)
      } finally {
        taken.delete(name)
      }
    },

    // eslint-disable-next-line @typescript-eslint/require-await -- an AsyncIterable is what is wanted
    async *read(name, start, end) {
      fail('read')
      const bytes = kept.get(name)
      if (!bytes) throw new BlobMissing('there is no such blob')
      for (let at = start; at < end; at += chunkSize) yield bytes.subarray(at, Math.min(at + chunkSize, end))
    },

    remove: (name) =>
      new Promise((resolve) => {
        fail('remove')
        kept.delete(name)
        resolve()
      }),

    // eslint-disable-next-line @typescript-eslint/require-await -- an AsyncIterable is what is wanted
    async *list() {
      for (const [name, { length }] of kept) yield { name, size: length, modifiedAt: 0 }
    },

    ping: () =>
      new Promise((resolve) => {
        fail('ping')
        resolve()
      }),

    close: () => Promise.resolve(),
  }
}
