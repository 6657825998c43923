/** Until every part of every file is there, and its sender says so, a secret can't be opened. */
import { partCount } from './attachment.ts'
import type { Decision } from './decision.ts'
import { unchanged } from './decision.ts'
import { tellRequest } from './endings.ts'
import type { Secret } from './secret.ts'

export interface AdoptFacts {
  /** Whether there is the attachment: it goes with its secret's end. */
  hasAttachment: boolean
  /** The part as it is there already; null: it isn't. */
  known: { digest: Buffer } | null
}

/** An announced blob that was put. */
export interface AdoptCommand {
  /** Of the blob. */
  name: string
  /** SHA-256 of the part, 32 bytes. */
  digest: Buffer
  attachmentId: number
  part: number
  now: number
}

/** `repeated`, `other`: the part was there before, with the same digest or another. `ended`: so has its secret. */
export type AdoptOutcome = 'adopted' | 'repeated' | 'other' | 'ended'

export type BlobChange =
  | { kind: 'adopt blob'; name: string; attachmentId: number; part: number; digest: Buffer }
  /** No attachment needs it: it is to be removed from `at` on. */
  | { kind: 'release blob'; name: string; at: number }

/** Makes an announced blob a part, unless that is there already. */
export function adopt({ hasAttachment, known }: AdoptFacts, command: AdoptCommand): Decision<AdoptOutcome, BlobChange> {
  const { now, ...blob } = command
  if (hasAttachment && !known) return { outcome: 'adopted', changes: [{ kind: 'adopt blob', ...blob }] }
  const outcome = !hasAttachment || !known ? 'ended' : known.digest.equals(blob.digest) ? 'repeated' : 'other'
  return { outcome, changes: [{ kind: 'release blob', name: blob.name, at: now }] }
}

/** Takes a part whose blob is lost back from its upload, to be sent again; once that is complete it stays. */
export const dropPart = ({ isUploading }: { isUploading: boolean }, name: string, now: number): BlobChange[] =>
  isUploading ? [{ kind: 'release blob', name, at: now }] : []

/** File id (b64) → numbers of the parts that haven't arrived, the first 100 of each. */
type MissingParts = Record<string, number[]>

export interface UploadedFile {
  fileId: Buffer
  /** Encrypted bytes. */
  size: number
  /** Numbers of the parts that are there. */
  parts: readonly number[]
}

export interface CompleteFacts {
  /** null: there is none. */
  secret: Secret | null
  files: readonly UploadedFile[]
}

export type CompleteOutcome = { kind: 'complete' } | { kind: 'incomplete'; missing: MissingParts } | { kind: 'ended' }

/** Of missing parts that are named, for each file. */
const maxNamed = 100

function missingOf({ size, parts }: UploadedFile): number[] {
  const total = partCount(size)
  if (parts.length === total) return []
  const there = new Set(parts)
  const missing: number[] = []
  for (let part = 0; part < total && missing.length < maxNamed; part++) if (!there.has(part)) missing.push(part)
  return missing
}

/** Opens an uploaded secret to its recipients once every part is there. */
export function complete({ secret, files }: CompleteFacts, now: number): Decision<CompleteOutcome> {
  if (!secret) return unchanged({ kind: 'ended' })
  const cause = secret.cause ?? (secret.expiresAt <= now ? 'expired' : null)
  // What was viewed or locked out had been completed.
  if (cause === 'expired' || cause === 'burned') return unchanged({ kind: 'ended' })
  if (secret.state !== 'uploading') return unchanged({ kind: 'complete' })
  const missing = files.map((file) => [file.fileId.toString('base64url'), missingOf(file)] as const)
  const incomplete = missing.filter(([, parts]) => parts.length > 0)
  if (incomplete.length > 0) return unchanged({ kind: 'incomplete', missing: Object.fromEntries(incomplete) })
  return {
    outcome: { kind: 'complete' },
    changes: [{ kind: 'complete upload', at: now }, ...tellRequest(secret, 'completed', now)],
  }
}
