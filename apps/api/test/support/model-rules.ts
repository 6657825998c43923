/** One secret that only the rules of domain/secrets govern: their changes are applied in memory. */
import assert from 'node:assert/strict'
import type { History } from '../../src/domain/audit/records.ts'
import { readHistory } from '../../src/domain/audit/records.ts'
import { firstDenial, revealPolicies, statusPolicies } from '../../src/domain/policies/reveal.ts'
import { ack } from '../../src/domain/secrets/ack.ts'
import { denyLate } from '../../src/domain/secrets/attempt.ts'
import { create } from '../../src/domain/secrets/create.ts'
import type { Change } from '../../src/domain/secrets/decision.ts'
import type { GrantFacts } from '../../src/domain/secrets/download.ts'
import { checkGrant, extendGrant } from '../../src/domain/secrets/download.ts'
import type { EndingFacts, HeldUntil } from '../../src/domain/secrets/endings.ts'
import { burn, purge, sweepDue } from '../../src/domain/secrets/endings.ts'
import { patch } from '../../src/domain/secrets/patch.ts'
import { reveal } from '../../src/domain/secrets/reveal.ts'
import type { Caller, Content, NewSecret, Secret } from '../../src/domain/secrets/secret.ts'
import { hasEnded } from '../../src/domain/secrets/secret.ts'
import { adopt, complete } from '../../src/domain/secrets/upload.ts'
import { unlimited } from '../../src/domain/secrets/usage.ts'
import type { Action, Expected, PatchFields, Plan } from './model.ts'
import { fileSize, graceMs } from './model.ts'

interface Reveal {
  openedAt: number
  graceUntil: number
  filesUntil: number
  ackedAt: number | null
  failedAttempts: number
}

type Entry = Extract<Change, { kind: 'log' }>

interface Kept {
  secret: Secret & { createDigest: Buffer }
  content: Content | null
  meta: string | null
  reveals: Map<string, Reveal>
  /** The file, until it is destroyed. */
  file: { fileId: Buffer; stored: boolean } | null
  destroyAt: number | null
  destroyFilesAt: number | null
  log: Entry[]
  told: string[]
}

const caller: Caller = { ip: '192.0.2.7', userAgent: null, country: null }
const proofs = { right: Buffer.alloc(32, 1), wrong: Buffer.alloc(32, 2), missing: null }
const digests = { same: Buffer.alloc(32, 3), other: Buffer.alloc(32, 4) }
const notified = Buffer.from('the sealed address')

const nothing = { activeSecrets: 0, storedBytes: 0 }

const iso = (at: number): string => new Date(at).toISOString()
const ok = (data: unknown, status = 200): Expected => ({ status, data })
const statuses: Record<string, number> = { NOT_FOUND: 404, GONE: 410, LOCKED: 423 }
const refused = ({ code, details }: { code: string; details?: unknown }): Expected => ({
  status: statuses[code] ?? 403,
  code,
  ...(details !== undefined && { details }),
})
const notFound = refused({ code: 'NOT_FOUND' })

export class Rules {
  readonly #plan: Plan
  /** null: never created, or purged. */
  kept: Kept | null = null

  constructor(plan: Plan) {
    this.#plan = plan
  }

  /** The reply to an action, as the API makes it of what the rules answer. */
  act(action: Action, now: number): Expected {
    if (action.kind === 'create') return this.#create(action, now)
    const { kept } = this
    if (!kept) return notFound
    const { secret } = kept
    if ('access' in action && (action.access === 'wrong' || secret.state === 'uploading')) {
      this.#apply(denyLate(secret, { reason: 'NOT_FOUND', at: now, caller }))
      return notFound
    }
    switch (action.kind) {
      case 'status':
        return this.#status(kept, now)
      case 'reveal':
        return this.#reveal(kept, action, now)
      case 'ack':
        return this.#ack(kept, action.id, now)
      case 'file':
        return this.#file(kept, action.id, now)
      case 'part':
        return this.#part(kept, now)
      case 'complete':
        return this.#complete(kept, now)
      case 'details':
        return this.#details(kept)
      case 'events':
        return ok(this.events())
      case 'patch':
        return this.#patch(kept, action.fields, now)
      case 'burn':
        this.#apply(burn(this.#endingFacts(kept, now), { now, caller, reason: null }))
        return ok(null)
      case 'purge':
        this.#apply(burn(this.#endingFacts(kept, now), { now, caller, reason: null }))
        this.#purge(kept, now, null)
        return ok(null)
    }
  }

  /** What a sweep does, and in its order. */
  sweep(now: number, retention: number): void {
    const { kept } = this
    if (!kept) return
    const due = sweepDue(this.#endingFacts(kept, now), now)
    assert.notEqual(due.outcome, 'disputed')
    this.#apply(due.changes)
    if (kept.destroyAt !== null && kept.destroyAt <= now) this.#apply([{ kind: 'destroy content' }])
    if (kept.destroyFilesAt !== null && kept.destroyFilesAt <= now) this.#apply([{ kind: 'destroy files', at: now }])
    const isOld = kept.secret.endedAt !== null && kept.secret.endedAt <= now - retention
    if (isOld && kept.destroyAt === null && kept.destroyFilesAt === null) this.#purge(kept, now, retention)
  }

  /** As the model has them: `type` or `type:reason`, sorted. */
  events = (): string[] =>
    (this.kept?.log ?? []).map(({ type, reason }) => (reason === null ? type : `${type}:${reason}`)).sort()

  #create({ bytes, owner }: Extract<Action, { kind: 'create' }>, now: number): Expected {
    const { lifetime, owned, sealed } = this.#plan
    const secret: NewSecret = { ...this.#newSecret(now), createDigest: digests[bytes] }
    if (owned !== (owner === 'same')) Object.assign(secret, { workspaceId: null, tokenId: null })
    else Object.assign(secret, { workspaceId: 1, tokenId: 'token' })
    const { outcome, changes } = create(
      { known: this.kept?.secret ?? null, usage: nothing },
      { secret, caller, quota: unlimited },
    )
    this.#apply(changes)
    assert(outcome.kind !== 'exceeded')
    if (outcome.kind === 'conflict') return { status: 409, code: 'CONFLICT', details: { slug: sealed.slug } }
    const { createdAt } = outcome
    return ok({ created_at: iso(createdAt), expiration: iso(createdAt + lifetime) }, 201)
  }

  #newSecret(now: number): NewSecret {
    const { sealed, maximumViews, password, maxAttempts, onLockout, lifetime, note, meta, fileId } = this.#plan
    const attachments = fileId === null ? [] : [{ fileId: Buffer.from(fileId, 'base64url'), size: fileSize }]
    return {
      slug: sealed.slug,
      requestId: null,
      workspaceId: null,
      tokenId: null,
      creator: 'anonymous',
      accessVerifier: digests.same,
      manageVerifier: digests.same,
      createDigest: digests.same,
      maximumViews,
      hasPassword: password,
      maxAttempts,
      onLockout,
      ipWhitelist: null,
      geolocation: null,
      captcha: false,
      otpType: null,
      attachmentsCount: attachments.length,
      attachments,
      createdAt: now,
      updatedAt: now,
      expiresAt: now + lifetime,
      meta,
      content: {
        sealedKeyA: Buffer.from(sealed.keyA),
        envelope: sealed.body.envelope as unknown as Content['envelope'],
        note,
        passwordVerifier: password ? proofs.right : null,
        sealedOtp: null,
        sealedNotify: notified,
        sealedKeyB: null,
      },
    }
  }

  #status(kept: Kept, now: number): Expected {
    const { secret } = kept
    const nothing = { proof: 'missing', captcha: 'missing', otp: 'missing' } as const
    const denial = firstDenial(statusPolicies, { ...nothing, secret, ip: caller.ip, country: null, now })
    if (denial) {
      this.#apply(denyLate(secret, { reason: denial.code, at: now, caller }))
      return refused(denial)
    }
    return ok({
      password: secret.hasPassword,
      note: kept.content?.note ?? null,
      expiration: iso(secret.expiresAt),
      views_left: secret.maximumViews === null ? null : secret.maximumViews - secret.views,
      attempts_left: secret.maxAttempts - secret.failedAttempts,
    })
  }

  #reveal(kept: Kept, { id, proof }: Extract<Action, { kind: 'reveal' }>, now: number): Expected {
    const { secret, content, reveals } = kept
    const { outcome, changes } = reveal(
      { secret, content, recorded: reveals.get(id) ?? null, newestCode: null, captchaIsUsed: false },
      {
        secretId: secret.id,
        revealId: Buffer.from(id, 'base64url'),
        proofVerifier: proofs[proof],
        codeVerifier: null,
        matchTotp: () => null,
        captcha: 'missing',
        decide: (row, evidence) =>
          firstDenial(revealPolicies, { ...evidence, secret: row, ip: caller.ip, country: null, now }),
        now,
        graceMs,
        caller,
      },
    )
    this.#apply(changes)
    if (outcome.kind === 'denied') return refused(outcome.denial)
    return ok({ key_a: outcome.content.sealedKeyA.toString(), envelope: outcome.content.envelope })
  }

  #ack(kept: Kept, id: string, now: number): Expected {
    const { outcome, changes } = ack(
      {
        secret: kept.secret,
        recorded: kept.reveals.get(id) ?? null,
        isHeld: kept.destroyAt !== null || kept.destroyFilesAt !== null,
        held: this.#held(kept, now, id),
      },
      { revealId: Buffer.from(id, 'base64url'), now, caller },
    )
    this.#apply(changes)
    return outcome === 'acked' ? ok(null) : { status: 422, code: 'VALIDATION_ERROR', details: ['reveal_id'] }
  }

  #file(kept: Kept, id: string, now: number): Expected {
    const recorded = kept.reveals.get(id)
    const { cause, endedAt, expiresAt } = kept.secret
    const facts: GrantFacts | null = recorded
      ? { ...recorded, cause, endedAt, expiresAt, destroyFilesAt: kept.destroyFilesAt }
      : null
    const checked = checkGrant(facts, now)
    if (checked.kind === 'denied') {
      this.#apply(denyLate(kept.secret, { reason: checked.denial.code, at: now, caller }))
      return refused(checked.denial)
    }
    const othersUntil = this.#held(kept, now, id).files
    const { outcome, changes } = extendGrant(
      { reveal: facts, othersUntil },
      { revealId: Buffer.from(id, 'base64url'), now, graceMs },
    )
    assert.equal(outcome.kind, 'open')
    this.#apply(changes)
    return { status: 200 }
  }

  #part({ secret, file }: Kept, now: number): Expected {
    if (hasEnded(secret) || secret.expiresAt <= now) return this.#gone(secret)
    const known = file?.stored ? { digest: digests.same } : null
    const blob = { name: 'blob', digest: digests.same, attachmentId: 1, part: 0, now }
    const { changes } = adopt({ hasAttachment: file !== null, known }, blob)
    if (file && changes.some(({ kind }) => kind === 'adopt blob')) file.stored = true
    return ok({ part: 0, size: fileSize })
  }

  #complete(kept: Kept, now: number): Expected {
    const { secret, file } = kept
    const files = file ? [{ fileId: file.fileId, size: fileSize, parts: file.stored ? [0] : [] }] : []
    const { outcome, changes } = complete({ secret, files }, now)
    this.#apply(changes)
    if (outcome.kind === 'ended') return this.#gone(secret)
    if (outcome.kind === 'incomplete')
      return { status: 409, code: 'UPLOAD_INCOMPLETE', details: { missing: outcome.missing } }
    return this.#details(kept)
  }

  #patch(kept: Kept, { expires_in, maximum_views, unlock, meta }: PatchFields, now: number): Expected {
    const { outcome, changes } = patch(
      { secret: kept.secret, metaBytes: kept.meta?.length ?? 0, usage: nothing },
      {
        fields: {
          ...(expires_in !== undefined && { expiresAt: now + expires_in * 1000 }),
          ...(maximum_views !== undefined && { maximumViews: maximum_views }),
          ...(unlock && { unlock }),
          ...(meta !== undefined && { meta }),
        },
        now,
        caller,
      },
    )
    this.#apply(changes)
    assert(outcome.kind !== 'exceeded')
    if (outcome.kind === 'ended') return this.#gone(kept.secret)
    const names = { expiresAt: 'expires_in', maximumViews: 'maximum_views', unlock: 'unlock', meta: 'meta' }
    if (outcome.kind === 'loosened')
      return { status: 422, code: 'VALIDATION_ERROR', details: outcome.fields.map((field) => names[field]) }
    return this.#details(kept)
  }

  #purge(kept: Kept, now: number, retention: number | null): void {
    const history = this.#history(kept)
    const { outcome, changes } = purge({ secret: kept.secret, history, refusalsAreGenuine: true }, { now, retention })
    assert.equal(outcome, 'done')
    this.#apply(changes)
  }

  #details({ secret, meta, content }: Kept): Expected {
    return ok({
      maximum_views: secret.maximumViews,
      current_views: secret.views,
      expiration: iso(secret.expiresAt),
      has_password: secret.hasPassword,
      meta,
      created_at: iso(secret.createdAt),
      note: content?.note ?? null,
    })
  }

  #gone = ({ cause, endedAt, expiresAt }: Secret): Expected =>
    refused({ code: 'GONE', details: { cause: cause ?? 'expired', at: iso(endedAt ?? expiresAt) } })

  #held({ reveals }: Kept, now: number, but?: string): HeldUntil {
    const open = [...reveals].filter(([id, { ackedAt }]) => ackedAt === null && id !== but).map(([, one]) => one)
    const last = (name: 'graceUntil' | 'filesUntil'): number | null =>
      open.reduce<number | null>((max, one) => (one[name] > Math.max(now, max ?? 0) ? one[name] : max), null)
    return { content: last('graceUntil'), files: last('filesUntil') }
  }

  #history = ({ log }: Kept): History | null => readHistory(log.filter(({ type }) => type !== 'denied'))

  #endingFacts = (kept: Kept, now: number): EndingFacts => ({
    secret: kept.secret,
    sealedNotify: kept.content?.sealedNotify ?? null,
    held: this.#held(kept, now),
    history: this.#history(kept),
  })

  #apply(changes: readonly Change[]): void {
    for (const change of changes) this.#applyOne(change)
  }

  /** As a store does: what a change rests on must be so, as every rule was asked with fresh facts. */
  #applyOne(change: Change): void {
    if (change.kind === 'insert') return this.#insert(change)
    const { kept } = this
    assert(kept)
    const { secret, reveals } = kept
    const revealOf = ({ revealId }: { revealId: Buffer }): Reveal => {
      const found = reveals.get(revealId.toString('base64url'))
      assert(found)
      return found
    }
    switch (change.kind) {
      case 'spend view': {
        const { at, revealId, graceUntil, views, to, contentAt, filesAt } = change
        const id = revealId.toString('base64url')
        assert(secret.state === 'active' && secret.expiresAt > at && !reveals.has(id) && kept.content)
        assert(secret.views === views - 1 && (secret.maximumViews === null || views <= secret.maximumViews))
        const ended = to === 'viewed' ? { cause: 'viewed' as const, endedAt: at } : {}
        Object.assign(secret, { views, state: to, updatedAt: at, ...ended })
        Object.assign(kept, { destroyAt: contentAt, destroyFilesAt: filesAt })
        reveals.set(id, { openedAt: at, graceUntil, filesUntil: graceUntil, ackedAt: null, failedAttempts: 0 })
        return
      }
      case 'count failure':
        assert(secret.state === 'active' && secret.expiresAt > change.at)
        assert(secret.failedAttempts === change.failures - 1 && change.failures <= secret.maxAttempts)
        return void Object.assign(secret, { failedAttempts: change.failures, state: change.to })
      case 'count repeat failure':
        assert.equal(revealOf(change).failedAttempts, change.failures - 1)
        return void (revealOf(change).failedAttempts = change.failures)
      case 'ack':
        assert.equal(revealOf(change).ackedAt, null)
        return void (revealOf(change).ackedAt = change.at)
      case 'end':
        assert(secret.endedAt === null && secret.state === change.from)
        return void Object.assign(secret, { state: change.to, cause: change.cause, endedAt: change.at })
      case 'tighten': {
        const { expiresAt, maximumViews, clearFailures, from, to } = change
        assert(secret.state === from && secret.endedAt === null && expiresAt <= secret.expiresAt)
        assert(
          maximumViews === null || (maximumViews > secret.views && maximumViews <= (secret.maximumViews ?? Infinity)),
        )
        return void Object.assign(
          secret,
          { expiresAt, maximumViews, state: to },
          clearFailures && { failedAttempts: 0 },
        )
      }
      case 'replace meta':
        return void (kept.meta = change.meta)
      case 'complete upload':
        assert(secret.state === 'uploading' && kept.file?.stored)
        return void (secret.state = 'active')
      case 'destroy content':
        assert(hasEnded(secret))
        return void Object.assign(kept, { content: null, destroyAt: null })
      case 'destroy files':
        assert(hasEnded(secret))
        return void Object.assign(kept, { file: null, destroyFilesAt: null })
      case 'destroy later':
        assert(hasEnded(secret))
        return void Object.assign(kept, { destroyAt: change.contentAt, destroyFilesAt: change.filesAt })
      case 'destroy files later':
        assert(kept.destroyFilesAt !== null)
        return void (kept.destroyFilesAt = change.at)
      case 'extend grant':
        return void (revealOf(change).filesUntil = change.until)
      case 'log':
        return void kept.log.push(change)
      case 'notify':
        assert(kept.content && change.sealedTo === notified, 'the address is still there')
        return void kept.told.push(change.notice.type)
      case 'purge':
        assert(hasEnded(secret) && kept.content === null && kept.file === null)
        return void (this.kept = null)
      case 'record code':
      case 'forget codes':
      case 'use captcha':
        return
    }
  }

  #insert({ secret: { content, meta, attachments, ...fields }, state }: Extract<Change, { kind: 'insert' }>): void {
    assert(!this.kept)
    const untouched = { views: 0, failedAttempts: 0, otpLastStep: null, cause: null, endedAt: null }
    const [file] = attachments
    this.kept = {
      secret: { ...fields, ...untouched, id: 1, state },
      content,
      meta,
      reveals: new Map(),
      file: file ? { fileId: file.fileId, stored: false } : null,
      destroyAt: null,
      destroyFilesAt: null,
      log: [],
      told: [],
    }
  }
}
