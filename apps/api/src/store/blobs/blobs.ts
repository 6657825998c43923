/** Where attachments' ciphertext lies. Files and S3 keep this contract; one suite tests it on each. */

export interface StoredBlob {
  name: string
  /** Bytes. */
  size: number
  /** Milliseconds since the epoch. */
  modifiedAt: number
}

/**
 * Immutable blobs, each one part of an attachment (at most 8,389,504 bytes) under a random name of the database's
 * choosing, so that what lies here tells neither slug, nor file, nor order. A name is 32 hex digits; anything else is a
 * TypeError. Storage that is full, read-only, broken or away throws `StoreUnavailable`.
 */
export interface BlobStore {
  /**
   * Durable when it settles; whole or not there at all. `body` yields exactly `length` bytes: if it throws, its error is
   * passed on and nothing is left.
   */
  put(name: string, body: AsyncIterable<Uint8Array>, length: number): Promise<void>
  /**
   * Bytes `start` to `end`, without `end`, never fewer. Throws `BlobMissing` for an unknown name, before the first bytes;
   * a reader that has begun may go on after the blob's removal, or get the same error. A chunk's memory is used again once
   * the next is asked for.
   */
  read(name: string, start: number, end: number): AsyncIterable<Uint8Array>
  /** Frees the space at once; durable when it settles. Unknown names are a success. */
  remove(name: string): Promise<void>
  /** Everything there, in any order, leftovers of interrupted puts included if they can't be told apart. */
  list(): AsyncIterable<StoredBlob>
  /** Throws `StoreUnavailable` if nothing can be put. */
  ping(): Promise<void>
  close(): Promise<void>
}

export class BlobMissing extends Error {
  override readonly name = 'BlobMissing'
}
