/** What an owner changes: nothing is loosened, and of an ended secret only the metadata is replaced. */
import { limitsOf } from './create.ts'
import type { Change, Decision } from './decision.ts'
import { log, unchanged } from './decision.ts'
import type { Caller, Secret } from './secret.ts'
import { hasEnded } from './secret.ts'

export interface Patch {
  expiresAt?: number
  maximumViews?: number
  unlock?: true
  meta?: string
}

export type PatchOutcome = { kind: 'patched' } | { kind: 'ended' } | { kind: 'loosened'; fields: (keyof Patch)[] }

/** `expires_in` counts from when it arrives: a repeat of a lost reply asks for a little later, and changes nothing. */
const repeatedWithinMs = 120_000

function loosened(secret: Secret, { expiresAt, maximumViews }: Patch): (keyof Patch)[] {
  const fields: (keyof Patch)[] = []
  if (expiresAt !== undefined && expiresAt > secret.expiresAt + repeatedWithinMs) fields.push('expiresAt')
  if (maximumViews !== undefined && (maximumViews > (secret.maximumViews ?? Infinity) || maximumViews <= secret.views))
    fields.push('maximumViews')
  return fields
}

/** `secret` null: there is none. */
export function patch(secret: Secret | null, fields: Patch, now: number, caller: Caller): Decision<PatchOutcome> {
  if (!secret) return unchanged({ kind: 'ended' })
  const { meta, unlock = false } = fields
  const replaced: Change[] = meta === undefined ? [] : [{ kind: 'replace meta', meta }]
  if (hasEnded(secret) || secret.expiresAt <= now) {
    // The owner's metadata stays with the record, and so must be able to follow a new workspace key.
    const isMetaAlone = meta !== undefined && Object.keys(fields).length === 1
    return isMetaAlone ? { outcome: { kind: 'patched' }, changes: replaced } : unchanged({ kind: 'ended' })
  }
  const wrong = loosened(secret, fields)
  if (wrong.length > 0) return unchanged({ kind: 'loosened', fields: wrong })
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
