/** How a secret ends, and what is destroyed then: at once, or when the last reveal that needs it lets go. */
import type { History } from '../audit/records.ts'
import { agrees, retainedFrom } from '../audit/records.ts'
import type { OwnerNotice } from '../notices/notice.ts'
import { ownerNotice } from '../notices/notice.ts'
import { uploadLifeMs } from './attachment.ts'
import type { Change, Decision } from './decision.ts'
import { log, nobody, unchanged } from './decision.ts'
import type { Caller, Content, Secret } from './secret.ts'
import { hasEnded } from './secret.ts'

/** When the last reveal that isn't acked lets go of the content, and of the files; null: none holds it. */
export interface HeldUntil {
  content: number | null
  files: number | null
}

export interface EndingFacts {
  secret: Secret
  /** Who is told by mail (sealed); null: nobody, or destroyed. */
  sealedNotify: Buffer | null
  held: HeldUntil
  /** What the genuine entries of the access log tell of it; null: they aren't all genuine, or don't begin with it. */
  history: History | null
}

/**
 * Tells whoever asked to be told: the webhooks of its workspace, and the address that its sender left; of an answer to a
 * request nobody, because whoever asked for it opens it. Comes before the
 * content is destroyed, and with it the address.
 */
export const notify = (
  type: OwnerNotice['type'],
  secret: Secret,
  content: Pick<Content, 'sealedNotify'> | null,
  happenedAt: number,
  now: number,
): Change[] => {
  if (secret.requestId !== null) return []
  const sealedTo = content?.sealedNotify ?? null
  if (secret.workspaceId === null && sealedTo === null) return []
  return [{ kind: 'notify', notice: ownerNotice(type, secret, happenedAt), sealedTo, at: now }]
}

/** For an answer: tells its request; for other secrets nothing. */
export const tellRequest = (
  { requestId }: Pick<Secret, 'requestId'>,
  what: Extract<Change, { kind: 'tell request' }>['what'],
  at: number,
  caller: Caller = nobody,
): Change[] => (requestId === null ? [] : [{ kind: 'tell request', what, at, caller }])

function destroyAll({ attachmentsCount }: Secret, now: number): Change[] {
  const content: Change = { kind: 'destroy content' }
  return attachmentsCount > 0 ? [content, { kind: 'destroy files', at: now }] : [content]
}

/** The content of an ended secret goes with the grace of its last reveal, its files with the last grant. */
export function letGo({ attachmentsCount }: Secret, held: HeldUntil, now: number): Change[] {
  const changes: Change[] = []
  const [contentAt, filesAt] = [held.content, attachmentsCount > 0 ? held.files : null]
  if (contentAt === null) changes.push({ kind: 'destroy content' })
  if (attachmentsCount > 0 && filesAt === null) changes.push({ kind: 'destroy files', at: now })
  if (contentAt !== null || filesAt !== null) changes.push({ kind: 'destroy later', contentAt, filesAt })
  return changes
}

/** Too many failed attempts, where the sender chose that they burn. */
export const lockOut = (secret: Secret, now: number, caller: Caller): Change[] => [
  { kind: 'end', from: secret.state, to: 'burned', cause: 'locked_out', at: now },
  log('burned', now, caller, 'locked_out'),
  ...destroyAll(secret, now),
]

/** An upload that was never completed has nobody who could have read it. */
function expire(facts: EndingFacts, at: number, now: number): Change[] {
  const { secret, held } = facts
  const isUnread = secret.views === 0 && secret.state !== 'uploading'
  return [
    { kind: 'end', from: secret.state, to: 'expired', cause: 'expired', at },
    log('expired', at, nobody),
    ...(isUnread ? notify('secret.expired_unread', secret, facts, at, now) : []),
    ...(secret.state === 'uploading' ? tellRequest(secret, 'abandoned', now) : []),
    ...letGo(secret, held, now),
  ]
}

export interface BurnCommand {
  now: number
  caller: Caller
  /** `operator`: a command of the server's; null: the owner. */
  reason: 'operator' | null
}

/** Destroys at once, whatever reveals are open. What is due already has expired rather than been burned. */
export function burn(facts: EndingFacts, { now, caller, reason }: BurnCommand): Change[] {
  const { secret, history } = facts
  if (hasEnded(secret)) return destroyAll(secret, now)
  if (secret.expiresAt <= now && isTrue(secret, history))
    return [...expire(facts, secret.expiresAt, now), ...destroyAll(secret, now)]
  return [
    { kind: 'end', from: secret.state, to: 'burned', cause: 'burned', at: now },
    log('burned', now, caller, reason),
    ...destroyAll(secret, now),
  ]
}

/** Whether the record is as its log has it. */
export const isTrue = (secret: Secret, history: History | null): history is History =>
  history !== null && agrees(secret, history)

/** `disputed`: the record isn't as its log has it. `early`: its log isn't to be purged yet. Both leave it alone. */
export type SweepOutcome = 'done' | 'disputed' | 'early'

/** Ends what is due: what expired, and uploads that were abandoned. */
export function sweepDue(facts: EndingFacts, now: number): Decision<SweepOutcome> {
  const { secret, history } = facts
  const abandonedAt = secret.state === 'uploading' ? secret.createdAt + uploadLifeMs : Infinity
  const at = secret.expiresAt <= now ? secret.expiresAt : abandonedAt
  if (hasEnded(secret) || at > now) return unchanged('early')
  if (!isTrue(secret, history)) return unchanged('disputed')
  return { outcome: 'done', changes: expire(facts, at, now) }
}

export interface PurgeFacts {
  secret: Secret
  /** What the access log tells of it; null: an entry other than a refusal isn't genuine. */
  history: History | null
  /** Whether the entries of refused attempts, too, are genuine. */
  refusalsAreGenuine: boolean
}

export interface PurgeCommand {
  now: number
  /** Milliseconds that the record is kept after its end; null: the owner asks for it. */
  retention: number | null
}

/** Removes the record of an ended secret and what its log says of it, if the log agrees that it ended then. */
export function purge(facts: PurgeFacts, { now, retention }: PurgeCommand): Decision<SweepOutcome> {
  const { secret, history, refusalsAreGenuine } = facts
  if (secret.endedAt === null || !isTrue(secret, history)) return unchanged('disputed')
  const since = retention === null ? secret.endedAt : retainedFrom(history, secret.endedAt)
  if (retention !== null && since + retention > now) return unchanged('early')
  if (!refusalsAreGenuine) return unchanged('disputed')
  return {
    outcome: 'done',
    changes: [...destroyAll(secret, now), { kind: 'purge', since, retention, at: now, state: secret.state }],
  }
}
