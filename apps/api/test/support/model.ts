/**
 * What spec/protocol.md section 9 says of one secret, without database and batches: predicts the reply to each call.
 * Whether the sweeper has been there shows only in the owner's note and in counts.
 */
import type { Sealed } from './sender.ts'

/** What the sender chose. */
export interface Plan {
  sealed: Sealed
  /** Made with a token, and so counted in the workspace. */
  owned: boolean
  maximumViews: number | null
  password: boolean
  maxAttempts: number
  onLockout: 'lock' | 'burn'
  /** Milliseconds. */
  lifetime: number
  note: string
  meta: string
  /** The id of its one file; null: it has none. */
  fileId: string | null
}

export interface ModelReveal {
  openedAt: number
  filesUntil: number
  graceUntil: number
  ackedAt: number | null
  failures: number
}

interface End {
  cause: 'viewed' | 'expired' | 'burned' | 'locked_out'
  at: number
}

/** What happened since. */
export interface ModelRecord {
  createdAt: number
  expiresAt: number
  maximumViews: number | null
  views: number
  failures: number
  locked: boolean
  /** As recorded: what is merely due gets it from the sweeper, or from whoever burns it. */
  ended: End | null
  destroyed: boolean
  /** Waiting for its file and its completion. */
  uploading: boolean
  /** The file's one part is there. */
  stored: boolean
  meta: string
  reveals: Record<string, ModelReveal>
  /** As `type` or `type:reason`. */
  events: string[]
}

export interface ModelSecret {
  plan: Plan
  /** null: never created, or purged. */
  record: ModelRecord | null
}

export type Proof = 'right' | 'wrong' | 'missing'

export interface PatchFields {
  expires_in?: number
  maximum_views?: number
  unlock?: true
  meta?: string
}

export type Action =
  | { kind: 'create'; bytes: 'same' | 'other'; owner: 'same' | 'other' }
  | { kind: 'status'; access: 'right' | 'wrong' }
  | { kind: 'reveal'; access: 'right' | 'wrong'; id: string; proof: Proof }
  | { kind: 'ack'; access: 'right' | 'wrong'; id: string }
  | { kind: 'file'; access: 'right' | 'wrong'; id: string }
  | { kind: 'details' | 'events' | 'burn' | 'purge' | 'part' | 'complete' }
  | { kind: 'patch'; fields: PatchFields }

/**
 * What a reply must hold; of `data` only the members that are determined. For a 422 `details` is the fields named.
 * Events are sorted by name: of two calls at once, the replies may not tell which came first.
 */
export interface Expected {
  status: number
  code?: string
  details?: unknown
  data?: unknown
}

export const graceMs = 600_000
const longestGrantMs = 86_400_000
/** Encrypted bytes of a model's file. */
export const fileSize = 28
/** By how much a repeated `expires_in`, which counts from its arrival, may be late: it changes nothing then. */
const repeatedWithinMs = 120_000

const iso = (at: number): string => new Date(at).toISOString()
const ok = (data: unknown, status = 200): Expected => ({ status, data })
const notFound: Expected = { status: 404, code: 'NOT_FOUND' }
const gone = ({ cause, at }: End): Expected => ({ status: 410, code: 'GONE', details: { cause, at: iso(at) } })
const lockedOut: Expected = { status: 423, code: 'LOCKED' }
const wrongFields = (details: string[]): Expected => ({ status: 422, code: 'VALIDATION_ERROR', details })

const isOpen = (reveal: ModelReveal, now: number): boolean => reveal.ackedAt === null && reveal.graceUntil > now

export const hasOpenReveal = (record: ModelRecord, now: number): boolean =>
  !record.destroyed && Object.values(record.reveals).some((reveal) => isOpen(reveal, now))

export const hasOpenGrant = (record: ModelRecord, now: number): boolean =>
  record.stored && Object.values(record.reveals).some((reveal) => reveal.ackedAt === null && reveal.filesUntil > now)

/** The end that a caller is told of: what is due has expired, swept or not. */
const endOf = (record: ModelRecord, now: number): End | null =>
  record.ended ?? (record.expiresAt <= now ? { cause: 'expired', at: record.expiresAt } : null)

export function statusOf(record: ModelRecord, now: number): string {
  const over = endOf(record, now)
  if (over) return over.cause === 'locked_out' ? 'burned' : over.cause
  if (record.uploading) return 'uploading'
  return record.locked ? 'locked' : 'active'
}

function destroyAll(record: ModelRecord): void {
  record.destroyed = true
  record.stored = false
}

function end(record: ModelRecord, cause: End['cause'], at: number): void {
  const event = { viewed: [], expired: ['expired'], burned: ['burned'], locked_out: ['burned:locked_out'] }[cause]
  record.ended = { cause, at }
  record.events.push(...event)
  if (cause === 'burned' || cause === 'locked_out') destroyAll(record)
}

/** What the sweeper, or a burn, does to a secret that is due. */
export const expire = (record: ModelRecord): void => end(record, 'expired', record.expiresAt)

function deny(record: ModelRecord, denial: Expected): Expected {
  record.events.push(`denied:${denial.code}`)
  return denial
}

const passwordDenied = (code: 'PASSWORD_REQUIRED' | 'PASSWORD_WRONG', attempts_left: number): Expected => ({
  status: 403,
  code,
  details: { attempts_left },
})

function countFailure({ maxAttempts, onLockout }: Plan, record: ModelRecord, now: number): void {
  if (endOf(record, now) || record.locked) return
  record.failures++
  if (record.failures < maxAttempts) return
  record.locked = true
  if (onLockout === 'burn') end(record, 'locked_out', now)
}

const content = ({ sealed }: Plan): Expected => ok({ key_a: sealed.keyA, envelope: sealed.body.envelope })

function repeat(plan: Plan, record: ModelRecord, reveal: ModelReveal, proof: Proof, now: number): Expected {
  if (record.destroyed || !isOpen(reveal, now)) {
    const over = endOf(record, now) ?? { cause: 'viewed', at: reveal.ackedAt ?? reveal.graceUntil }
    return deny(record, gone(over))
  }
  const left = plan.maxAttempts - reveal.failures
  if (left <= 0) return deny(record, lockedOut)
  if (!plan.password || proof === 'right') return content(plan)
  if (proof === 'missing') return deny(record, passwordDenied('PASSWORD_REQUIRED', left))
  reveal.failures++
  countFailure(plan, record, now)
  return deny(record, passwordDenied('PASSWORD_WRONG', left - 1))
}

function reveal(plan: Plan, record: ModelRecord, id: string, proof: Proof, now: number): Expected {
  const recorded = record.reveals[id]
  if (recorded) return repeat(plan, record, recorded, proof, now)
  const over = endOf(record, now)
  if (over) return deny(record, gone(over))
  if (record.locked) return deny(record, lockedOut)
  const left = plan.maxAttempts - record.failures
  if (plan.password && proof === 'missing') return deny(record, passwordDenied('PASSWORD_REQUIRED', left))
  if (plan.password && proof === 'wrong') {
    countFailure(plan, record, now)
    return deny(record, passwordDenied('PASSWORD_WRONG', left - 1))
  }
  record.views++
  const until = now + graceMs
  record.reveals[id] = { openedAt: now, graceUntil: until, filesUntil: until, ackedAt: null, failures: 0 }
  record.events.push('opened')
  if (record.views === record.maximumViews) end(record, 'viewed', now)
  return content(plan)
}

function ack(record: ModelRecord, id: string, now: number): Expected {
  const recorded = record.reveals[id]
  if (!recorded) return wrongFields(['reveal_id'])
  if (recorded.ackedAt !== null) return ok(null)
  recorded.ackedAt = now
  record.events.push('acked')
  if (record.ended) letGo(record, now)
  return ok(null)
}

/** What no reader may still need of an ended secret is destroyed. */
export function letGo(record: ModelRecord, now: number): void {
  if (!hasOpenReveal(record, now)) record.destroyed = true
  if (!hasOpenGrant(record, now)) record.stored = false
}

function file(record: ModelRecord, id: string, now: number): Expected {
  const recorded = record.reveals[id]
  if (!recorded) return deny(record, notFound)
  const over = endOf(record, now) ?? { cause: 'viewed', at: recorded.ackedAt ?? recorded.filesUntil }
  if (!record.stored || recorded.ackedAt !== null || recorded.filesUntil <= now) return deny(record, gone(over))
  recorded.filesUntil = Math.min(Math.max(recorded.filesUntil, now + graceMs), recorded.openedAt + longestGrantMs)
  return { status: 200 }
}

function part(record: ModelRecord, now: number): Expected {
  const over = endOf(record, now)
  if (over) return gone(over)
  record.stored = true
  return ok({ part: 0, size: fileSize })
}

function complete(plan: Plan, record: ModelRecord, now: number): Expected {
  const over = endOf(record, now)
  if (over?.cause === 'expired' || over?.cause === 'burned') return gone(over)
  if (record.uploading && !record.stored)
    return { status: 409, code: 'UPLOAD_INCOMPLETE', details: { missing: { [plan.fileId ?? '']: [0] } } }
  record.uploading = false
  return details(plan, record, now)
}

function burn(record: ModelRecord, now: number): Expected {
  if (!record.ended && record.expiresAt > now) end(record, 'burned', now)
  if (!record.ended) expire(record)
  destroyAll(record)
  return ok(null)
}

function status(plan: Plan, record: ModelRecord, now: number): Expected {
  const over = endOf(record, now)
  if (over) return deny(record, gone(over))
  if (record.locked) return deny(record, lockedOut)
  return ok({
    password: plan.password,
    note: plan.note,
    expiration: iso(record.expiresAt),
    views_left: record.maximumViews === null ? null : record.maximumViews - record.views,
    attempts_left: plan.maxAttempts - record.failures,
  })
}

function details(plan: Plan, record: ModelRecord, now: number): Expected {
  const held = !endOf(record, now) || hasOpenReveal(record, now)
  return ok({
    maximum_views: record.maximumViews,
    current_views: record.views,
    expiration: iso(record.expiresAt),
    status: statusOf(record, now),
    has_password: plan.password,
    meta: record.meta,
    created_at: iso(record.createdAt),
    ...(record.destroyed ? { note: null } : held && { note: plan.note }),
  })
}

function patch(plan: Plan, record: ModelRecord, fields: PatchFields, now: number): Expected {
  const { expires_in, maximum_views, unlock, meta } = fields
  const over = endOf(record, now)
  if (over && (meta === undefined || Object.keys(fields).length > 1)) return gone(over)
  if (over) {
    record.meta = meta ?? record.meta
    return details(plan, record, now)
  }
  const expiresAt = expires_in === undefined ? record.expiresAt : now + expires_in * 1000
  const maximumViews = maximum_views ?? record.maximumViews
  const ceiling = record.maximumViews ?? Infinity
  const loosened: string[] = []
  if (expiresAt > record.expiresAt + repeatedWithinMs) loosened.push('expires_in')
  if (maximum_views !== undefined && (maximum_views > ceiling || maximum_views <= record.views))
    loosened.push('maximum_views')
  if (loosened.length > 0) return wrongFields(loosened)
  const isChanged = unlock || expiresAt < record.expiresAt || maximumViews !== record.maximumViews
  if (isChanged) record.events.push(unlock && record.locked ? 'changed:unlocked' : 'changed')
  Object.assign(record, { expiresAt: Math.min(expiresAt, record.expiresAt), maximumViews, meta: meta ?? record.meta })
  if (unlock) Object.assign(record, { locked: false, failures: 0 })
  return details(plan, record, now)
}

const created = ({ lifetime }: Plan, { createdAt }: ModelRecord): Expected =>
  ok({ created_at: iso(createdAt), expiration: iso(createdAt + lifetime) }, 201)

function createFirst(plan: Plan, now: number): ModelRecord {
  const { lifetime, maximumViews, meta, fileId } = plan
  const untouched = { views: 0, failures: 0, locked: false, ended: null, destroyed: false, reveals: {} }
  const files = { uploading: fileId !== null, stored: false }
  return { ...untouched, ...files, createdAt: now, expiresAt: now + lifetime, maximumViews, meta, events: ['created'] }
}

/** The reply to `action`, whose effect goes into `secret`. */
export function predict(secret: ModelSecret, action: Action, now: number): Expected {
  const { plan } = secret
  if (action.kind === 'create') {
    if (secret.record && (action.bytes === 'other' || action.owner === 'other'))
      return { status: 409, code: 'CONFLICT', details: { slug: plan.sealed.slug } }
    secret.record ??= createFirst(plan, now)
    return created(plan, secret.record)
  }
  const { record } = secret
  if (!record) return notFound
  if ('access' in action && record.uploading && !record.ended) return deny(record, notFound)
  if ('access' in action && action.access === 'wrong') return deny(record, notFound)
  switch (action.kind) {
    case 'status':
      return status(plan, record, now)
    case 'reveal':
      return reveal(plan, record, action.id, action.proof, now)
    case 'ack':
      return ack(record, action.id, now)
    case 'file':
      return file(record, action.id, now)
    case 'part':
      return part(record, now)
    case 'complete':
      return complete(plan, record, now)
    case 'details':
      return details(plan, record, now)
    case 'events':
      return ok([...record.events].sort())
    case 'patch':
      return patch(plan, record, action.fields, now)
    case 'burn':
      return burn(record, now)
    case 'purge':
      secret.record = null
      return ok(null)
  }
}
