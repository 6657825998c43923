/** What the owner of a request changes: nothing is loosened, and of an ended one only the metadata is replaced. */
import { unchanged } from '../secrets/decision.ts'
import type { Caller } from '../secrets/secret.ts'
import type { Exceeded, Usage } from '../secrets/usage.ts'
import { exceeded, unlimited } from '../secrets/usage.ts'
import type { RequestChange, RequestDecision } from './decision.ts'
import { limitsOf, log } from './decision.ts'
import type { RequestRecord } from './request.ts'
import { contentUntil, stateAt } from './request.ts'

export interface RequestPatch {
  expiresAt?: number
  maximumAnswers?: number
  meta?: string
}

export type RequestPatchOutcome =
  | { kind: 'patched' }
  | { kind: 'ended' }
  | { kind: 'loosened'; fields: (keyof RequestPatch)[] }
  /** Larger metadata doesn't fit into the quota; nothing was changed. */
  | Exceeded

export interface RequestPatchFacts {
  /** null: there is none. */
  request: RequestRecord | null
  /** Of the metadata that there is, in bytes. */
  metaBytes: number
  /** What the request's workspace uses, or everybody without a token. */
  usage: Usage
}

export interface RequestPatchCommand {
  fields: RequestPatch
  now: number
  caller: Caller
  /** The most that may be used afterwards; none: no limit. */
  quota?: Usage
}

/** `expires_in` counts from when it arrives: a repeat of a lost reply asks for a little later, and changes nothing. */
const repeatedWithinMs = 120_000

function loosened(request: RequestRecord, { expiresAt, maximumAnswers }: RequestPatch): (keyof RequestPatch)[] {
  const fields: (keyof RequestPatch)[] = []
  if (expiresAt !== undefined && expiresAt > request.expiresAt + repeatedWithinMs) fields.push('expiresAt')
  if (maximumAnswers !== undefined && (maximumAnswers > request.maximumAnswers || maximumAnswers < request.answers))
    fields.push('maximumAnswers')
  return fields
}

export function patch(
  { request, metaBytes, usage }: RequestPatchFacts,
  command: RequestPatchCommand,
): RequestDecision<RequestPatchOutcome> {
  if (!request) return unchanged({ kind: 'ended' })
  const { fields, now, caller, quota = unlimited } = command
  const { meta } = fields
  const growth = meta === undefined ? 0 : meta.length - metaBytes
  const refusal = growth > 0 ? exceeded(usage, { activeSecrets: 0, storedBytes: growth }, quota) : null
  const replaced: RequestChange[] = meta === undefined ? [] : [{ kind: 'replace meta', meta, growth, quota, at: now }]
  if (stateAt(request, now) !== 'open') {
    // The owner's metadata stays with the record, and so must be able to follow a new workspace key.
    const isMetaAlone = meta !== undefined && Object.keys(fields).length === 1
    if (isMetaAlone && refusal) return unchanged(refusal)
    return isMetaAlone ? { outcome: { kind: 'patched' }, changes: replaced } : unchanged({ kind: 'ended' })
  }
  const wrong = loosened(request, fields)
  if (wrong.length > 0) return unchanged({ kind: 'loosened', fields: wrong })
  if (refusal) return unchanged(refusal)
  const expiresAt = Math.min(fields.expiresAt ?? Infinity, request.expiresAt)
  const maximumAnswers = fields.maximumAnswers ?? request.maximumAnswers
  const isChanged = expiresAt !== request.expiresAt || maximumAnswers !== request.maximumAnswers
  if (!isChanged) return { outcome: { kind: 'patched' }, changes: replaced }
  const to = request.answers >= maximumAnswers ? 'answered' : 'open'
  return {
    outcome: { kind: 'patched' },
    changes: [
      { kind: 'tighten', at: now, expiresAt, maximumAnswers, to, contentUntil: contentUntil(to, { expiresAt }, now) },
      ...replaced,
      log('request.changed', now, caller, null, limitsOf({ expiresAt, maximumAnswers })),
    ],
  }
}
