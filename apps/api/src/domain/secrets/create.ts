/** spec/protocol.md section 9, create: the first to bring a slug owns it, and the same bytes again change nothing. */
import type { Decision } from './decision.ts'
import { log, unchanged } from './decision.ts'
import type { Caller, NewSecret, Secret } from './secret.ts'
import type { Exceeded, Usage } from './usage.ts'
import { exceeded, unlimited } from './usage.ts'

export interface CreateFacts {
  /** The secret that has the slug already. */
  known: { requestId: number | null; workspaceId: number | null; createDigest: Buffer; createdAt: number } | null
  /** What the secret's workspace uses, or all secrets made without a token. */
  usage: Usage
}

export interface CreateCommand {
  secret: NewSecret
  caller: Caller
  /** The most that may be used afterwards; undefined: no limit. */
  quota: Usage | undefined
}

export type CreateOutcome =
  | { kind: 'created'; createdAt: number }
  /** The same owner sent the same bytes before, at `createdAt`. */
  | { kind: 'repeated'; createdAt: number }
  | { kind: 'conflict' }
  /** Nothing was created. */
  | Exceeded

export function create({ known, usage }: CreateFacts, command: CreateCommand): Decision<CreateOutcome> {
  const { secret, caller, quota = unlimited } = command
  if (known) {
    const isSame =
      known.requestId === secret.requestId &&
      known.workspaceId === secret.workspaceId &&
      known.createDigest.equals(secret.createDigest)
    return unchanged(isSame ? { kind: 'repeated', createdAt: known.createdAt } : { kind: 'conflict' })
  }
  const bytes = storedBytes(secret)
  const refusal = exceeded(usage, { activeSecrets: 1, storedBytes: bytes }, quota)
  if (refusal) return unchanged(refusal)
  const state = secret.attachments.length > 0 ? 'uploading' : 'active'
  return {
    outcome: { kind: 'created', createdAt: secret.createdAt },
    changes: [
      { kind: 'insert', secret, state, bytes, quota },
      log('created', secret.createdAt, caller, null, limitsOf(secret)),
    ],
  }
}

/** What counts against a quota: the ciphertext's bytes, the texts of note and metadata, and the files as announced. */
export function storedBytes({
  content: { envelope, note },
  meta,
  attachments,
}: Pick<NewSecret, 'content' | 'meta' | 'attachments'>): number {
  const files = attachments.reduce((sum, { size }) => sum + size, 0)
  return Math.floor((envelope.ciphertext.length * 3) / 4) + (note?.length ?? 0) + (meta?.length ?? 0) + files
}

/** What a secret's expiry and purge will rest on, as the access log keeps it. */
export const limitsOf = ({ expiresAt, maximumViews }: Pick<Secret, 'expiresAt' | 'maximumViews'>) => ({
  expires_at: new Date(expiresAt).toISOString(),
  maximum_views: maximumViews,
})
