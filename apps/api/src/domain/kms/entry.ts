/** A named secret as the server knows it (spec/protocol.md section 8). Times are milliseconds since the epoch. */
import type { WireEnvelope, WireKmsEventType, WireKmsRefusal } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import type { ServerKey } from '../server-key.ts'
import type { Caller } from '../secrets/secret.ts'
import type { Token } from '../tokens/token.ts'

export type KmsEventType = WireKmsEventType
export type KmsRefusal = WireKmsRefusal

/** One a handler and workspace, for good: a deleted one keeps its newest number. */
export interface KmsEntry {
  id: number
  publicId: string
  workspaceId: number
  handler: string
  /** The number of the newest version, which never goes down. */
  newest: number
  /** How many versions aren't destroyed. */
  versions: number
  /** CIDR blocks; null: from anywhere. */
  whitelist: string[] | null
  createdAt: number
  updatedAt: number
  /** Milliseconds after `rotateFrom` when a newer version is due; null: never. */
  rotateAfter: number | null
  /** When the newest value was first put. */
  rotateFrom: number
  /** null: it is there. */
  deletedAt: number | null
}

export interface KmsVersion {
  version: number
  createdAt: number
  /** The token's name. */
  creator: string
  /** null: never. */
  expiresAt: number | null
  destroyedAt: number | null
}

/** What is destroyed with a version. `sealedKeyA` is `keyA` under the server key. */
export interface KmsContent {
  sealedKeyA: Buffer
  envelope: WireEnvelope
}

/** An entry with what its list shows of the newest version, and the owner's metadata. */
export interface KmsRecord extends KmsEntry {
  meta: string | null
  expiresAt: number | null
  destroyedAt: number | null
}

/** Who acts, as the access log keeps it. */
export interface KmsActor {
  token: Pick<Token, 'id' | 'name'>
  caller: Caller
}

export interface KmsEvent extends Caller {
  id: number
  type: KmsEventType
  reason: KmsRefusal | null
  at: number
  version: number | null
  tokenId: string | null
  /** The token's name. */
  token: string | null
}

/** What to say of a handler that isn't one. */
export const handlerProblem = 'Must be segments of a-z, 0-9, ".", "_" and "-" joined by "/", at most 128 characters.'

export const isHandler = (text: string): boolean =>
  text.length <= 128 && /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/.test(text)

export const newEntryId = (): string => randomBytes(12).toString('hex')

const keyPurpose = (workspaceId: number, handler: string, version: number): string =>
  `kms ${workspaceId} ${handler} ${version}`

/** `keyA` under the server key, bound to the version that it belongs to: the database can't swap two. */
export const sealVersionKey = (
  key: ServerKey,
  { workspaceId, handler, version }: { workspaceId: number; handler: string; version: number },
  keyA: Buffer,
): Buffer => key.sealBox(keyPurpose(workspaceId, handler, version), keyA)

/** Throws if it was sealed for another version, handler or workspace. */
export const openVersionKey = (
  key: ServerKey,
  { workspaceId, handler, version }: { workspaceId: number; handler: string; version: number },
  sealed: Buffer,
): Buffer => key.unsealBox(keyPurpose(workspaceId, handler, version), sealed)
