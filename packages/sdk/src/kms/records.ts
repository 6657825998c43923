/** What the server tells of named secrets, and what the workspace key opens of it. */
import { fromUtf8, type Bytes } from '../protocol/encoding.ts'
import { covers, type KmsKey } from '../protocol/kms-keys.ts'
import { openMetaWithAnyKey } from './keys.ts'
import { boolean, date, integer, list, nullable, record, string, type Reader } from '../transport/read.ts'
import type { WireKmsEventType, WireKmsRefusal } from '../wire.ts'

/** A named secret without its value. */
export interface KmsEntry {
  handler: string
  id: string
  /** Networks that may reveal it; empty: any. */
  whitelist: string[]
  /** The newest. */
  version: number
  /** How many aren't destroyed. */
  versions: number
  createdAt: Date
  updatedAt: Date
  /** Of the newest version, as the next; null: never. */
  expiresAt: Date | null
  destroyedAt: Date | null
  /** Seconds after which a newer version is due; null: never. */
  rotateAfter: number | null
  rotationDueAt: Date | null
  rotationDue: boolean
  /** This and the next are known only with the key that sealed them. */
  name: string | undefined
  properties: Record<string, unknown> | undefined
  /** In lists: a key that covers it didn't open name and properties. Wrong key, or tampered. */
  metaError?: true
}

export interface KmsVersion {
  version: number
  createdAt: Date
  /** The token's name. */
  creator: string
  expiresAt: Date | null
  destroyedAt: Date | null
}

export interface KmsEvent {
  id: number
  type: WireKmsEventType
  /** Why a call was refused, which its caller doesn't learn. */
  reason: WireKmsRefusal | null
  at: Date
  /** An address, or the CIDR block that the server keeps of it. */
  ip: string | null
  userAgent: string | null
  country: string | null
  version: number | null
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

/** A revealed value: what prints it, logs it or turns it into JSON shows its name and version alone. */
export class KmsRevealed {
  readonly handler: string
  readonly version: number
  readonly #bytes: Bytes

  constructor(handler: string, version: number, bytes: Bytes) {
    this.handler = handler
    this.version = version
    this.#bytes = bytes
  }

  get bytes(): Bytes {
    return this.#bytes
  }

  /** @throws HalfkeyError MALFORMED if the value isn't UTF-8. */
  get text(): string {
    return fromUtf8(this.#bytes)
  }

  toString(): string {
    return `${this.handler} ${this.version}`
  }

  toJSON(): { handler: string; version: number } {
    return { handler: this.handler, version: this.version }
  }

  [inspect](): string {
    return `KmsRevealed ${this.toString()}`
  }
}
