/** What the server tells of named secrets, and what the workspace key opens of it. */
import { fromUtf8, type Bytes } from '../protocol/encoding.ts'
import { covers, type KmsKey } from '../protocol/kms-keys.ts'
import { openMetaWithAnyKey } from './keys.ts'
import { boolean, date, integer, list, nullable, record, string, type Reader } from '../transport/read.ts'
import type { WireKmsEventType, WireKmsRefusal } from '../wire.ts'

/** A named secret without its value. */
export interface KmsEntry {
  /** Its name for programs. */
  handler: string
  /** The same for all its versions. */
  id: string
  /** Networks that may reveal it; empty: any. */
  whitelist: string[]
  /** The newest. */
  version: number
  /** How many aren't destroyed. */
  versions: number
  /** When its first version was put. */
  createdAt: Date
  /** When it last changed. */
  updatedAt: Date
  /** Of the newest version, as the next; null: never. */
  expiresAt: Date | null
  /** Of the newest version; null: it isn't destroyed. */
  destroyedAt: Date | null
  /** Seconds after which a newer version is due; null: never. */
  rotateAfter: number | null
  /** null: never. */
  rotationDueAt: Date | null
  /** Whether a newer version is due. */
  rotationDue: boolean
  /** This and the next are known only with the key that sealed them. */
  name: string | undefined
  /** As given to `put` or `update`. */
  properties: Record<string, unknown> | undefined
  /** In lists: a key that covers it didn't open name and properties. Wrong key, or tampered. */
  metaError?: true
}

/** One version of a named secret, without its value. */
export interface KmsVersion {
  /** From 1. */
  version: number
  /** When it was put. */
  createdAt: Date
  /** The token's name. */
  creator: string
  /** null: never. */
  expiresAt: Date | null
  /** null: it isn't destroyed. */
  destroyedAt: Date | null
}

/** Who did what to a named secret. */
export interface KmsEvent {
  /** Rises with time; has gaps. */
  id: number
  /** What happened. */
  type: WireKmsEventType
  /** Why a call was refused, which its caller doesn't learn. */
  reason: WireKmsRefusal | null
  /** When. */
  at: Date
  /** An address, or the CIDR block that the server keeps of it. */
  ip: string | null
  /** The caller's `User-Agent`; null: not kept, or none. */
  userAgent: string | null
  /** ISO 3166-1 alpha-2, of the address; null: unknown. */
  country: string | null
  /** null: it concerns no one version, or the newest of a handler that there isn't. */
  version: number | null
  /** null: no one called, as at an expiry. */
  tokenId: string | null
  /** The token's name. */
  token: string | null
}

export type KmsRecord = ReturnType<typeof readEntry>

export const readEntry = record({
  handler: string,
  id: string,
  meta: nullable(string),
  whitelist: list(string),
  version: integer,
  versions: integer,
  createdAt: date,
  updatedAt: date,
  expiresAt: nullable(date),
  destroyedAt: nullable(date),
  rotateAfter: nullable(integer),
  rotationDueAt: nullable(date),
  rotationDue: boolean,
})

export const readEntries = list(readEntry)

export const readVersions: Reader<KmsVersion[]> = list(
  record({
    version: integer,
    createdAt: date,
    creator: string,
    expiresAt: nullable(date),
    destroyedAt: nullable(date),
  }),
)

export const readEvents: Reader<{ events: KmsEvent[]; next: number | null }> = record({
  events: list(
    record({
      id: integer,
      type: string as Reader<WireKmsEventType>,
      reason: nullable(string) as Reader<WireKmsRefusal | null>,
      at: date,
      ip: nullable(string),
      userAgent: nullable(string),
      country: nullable(string),
      version: nullable(integer),
      tokenId: nullable(string),
      token: nullable(string),
    }),
  ),
  next: nullable(integer),
})

/** With keys that don't cover it, as without any. @throws HalfkeyError WRONG_KEY if those that do don't open it. */
export async function openEntry({ meta, ...known }: KmsRecord, keys: readonly KmsKey[]): Promise<KmsEntry> {
  const covering = keys.filter((key) => covers(key, known.handler))
  const { name, properties } = await openMetaWithAnyKey(covering, known.handler, covering.length > 0 ? meta : null)
  return { ...known, name, properties }
}

/** `openEntry` for lists, where one that doesn't open must not hide the others. */
export async function openListedEntry(entry: KmsRecord, keys: readonly KmsKey[]): Promise<KmsEntry> {
  try {
    return await openEntry(entry, keys)
  } catch {
    return { ...(await openEntry(entry, [])), metaError: true }
  }
}

const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** A revealed value. `console.log`, `String` and `JSON.stringify` show only its name and version. */
export class KmsRevealed {
  /** Its name for programs. */
  readonly handler: string
  /** Which version it is. */
  readonly version: number
  readonly #bytes: Bytes

  /** Made by `kms.reveal`. */
  constructor(handler: string, version: number, bytes: Bytes) {
    this.handler = handler
    this.version = version
    this.#bytes = bytes
  }

  /** The value, to the byte. */
  get bytes(): Bytes {
    return this.#bytes
  }

  /** The value as text. @throws HalfkeyError MALFORMED if it isn't UTF-8. */
  get text(): string {
    return fromUtf8(this.#bytes)
  }

  /** Its name and version. */
  toString(): string {
    return `${this.handler} ${this.version}`
  }

  /** Its name and version. */
  toJSON(): { handler: string; version: number } {
    return { handler: this.handler, version: this.version }
  }

  [inspect](): string {
    return `KmsRevealed ${this.toString()}`
  }
}
