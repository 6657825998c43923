/** What an owner changes: nothing is loosened, and of an ended secret only the metadata is replaced. */
import { limitsOf } from './create.ts'
import type { Change, Decision } from './decision.ts'
import { log, unchanged } from './decision.ts'
import type { Caller, Secret } from './secret.ts'
import { hasEnded } from './secret.ts'
import type { Exceeded, Usage } from './usage.ts'
import { exceeded, unlimited } from './usage.ts'

export interface Patch {
  expiresAt?: number
  maximumViews?: number
  unlock?: true
  meta?: string
}

export interface PatchFacts {
  /** null: there is none. */
  secret: Secret | null
  /** Of the metadata that there is, in bytes. */
  metaBytes: number
  /** What the secret's workspace uses, or all secrets made without a token. */
  usage: Usage
}

export interface PatchCommand {
  fields: Patch
  now: number
  caller: Caller
  /** The most that may be used afterwards; none: no limit. */
  quota?: Usage
}

export type PatchOutcome =
  | { kind: 'patched' }
  | { kind: 'ended' }
  | { kind: 'loosened'; fields: (keyof Patch)[] }
  /** Larger metadata doesn't fit into the quota; nothing was changed. */
  | Exceeded

/** `expires_in` counts from when it arrives: a repeat of a lost reply asks for a little later, and changes nothing. */
const repeatedWithinMs = 120_000

function loosened(secret: Secret, { expiresAt, maximumViews }: Patch): (keyof Patch)[] {
  const fields: (keyof Patch)[] = []
  if (expiresAt !== undefined && expiresAt > secret.expiresAt + repeatedWithinMs) fields.push('expiresAt')
  if (maximumViews !== undefined && (maximumViews > (secret.maximumViews ?? Infinity) || maximumViews <= secret.views))
    fields.push('maximumViews')
  return fields
}

export function patch({ secret, metaBytes, usage }: PatchFacts, command: PatchCommand): Decision<PatchOutcome> {
  if (!secret) return unchanged({ kind: 'ended' })
  const { fields, now, caller, quota = unlimited } = command
  const { meta, unlock = false } = fields
  const growth = meta === undefined ? 0 : meta.length - metaBytes
  const refusal = growth > 0 ? exceeded(usage, { activeSecrets: 0, storedBytes: growth }, quota) : null
  const replaced: Change[] = meta === undefined ? [] : [{ kind: 'replace meta', meta, growth, quota }]
  if (hasEnded(secret) || secret.expiresAt <= now) {
    // The owner's metadata stays with the record, and so must be able to follow a new workspace key.
    const isMetaAlone = meta !== undefined && Object.keys(fields).length === 1
    if (isMetaAlone && refusal) return unchanged(refusal)
    return isMetaAlone ? { outcome: { kind: 'patched' }, changes: replaced } : unchanged({ kind: 'ended' })
  }
  const wrong = loosened(secret, fields)
  if (wrong.length > 0) return unchanged({ kind: 'loosened', fields: wrong })
  if (refusal) return unchanged(refusal)
  const expiresAt = Math.min(fields.expiresAt ?? Infinity, secret.expiresAt)
  const maximumViews = fields.maximumViews ?? secret.maximumViews
  const isUnlocked = unlock && secret.state === 'locked'
  const to = isUnlocked ? 'active' : secret.state
  const isChanged = expiresAt !== secret.expiresAt || maximumViews !== secret.maximumViews || unlock
  return {
    outcome: { kind: 'patched' },
    changes: [
      { kind: 'tighten', at: now, expiresAt, maximumViews, clearFailures: unlock, from: secret.state, to },
      ...(unlock ? [{ kind: 'forget codes' } as const] : []),
      ...replaced,
      ...(isChanged
        ? [log('changed', now, caller, isUnlocked ? 'unlocked' : null, limitsOf({ expiresAt, maximumViews }))]
        : []),
    ],
  }
}
