/**
 * Applies what the rules of a secret's life answer, one statement or few a step. Whatever can race is also in the
 * `WHERE`: a step whose facts no longer hold throws, and with it its transaction is rolled back.
 */
import { and, eq, getTableColumns, gt, isNotNull, isNull, notExists, sql } from 'drizzle-orm'
import type { Change } from '../../domain/secrets/decision.ts'
import type { Secret } from '../../domain/secrets/secret.ts'
import type { Answers } from './answers.ts'
import type { Attachments } from './attachments.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import type { Outbox } from './outbox.ts'
import { toVaultRow, utf8 } from './rows.ts'
import { captchas, codes, metas, reveals, secrets, vault } from './schema.ts'
import type { Scrubber } from './scrubber.ts'
import { hold, placeholders, prepare } from './statements.ts'

const placeholder = sql.placeholder
/** In a `SET`, whose types know no placeholder. */
const given = (name: string) => sql`${placeholder(name)}`

const destroyed = {
  sealedKeyA: null,
  salt: null,
  iv: null,
  commitment: null,
  ciphertext: null,
  note: null,
  passwordVerifier: null,
  sealedOtp: null,
  sealedNotify: null,
  sealedKeyB: null,
}

/** What is set by default, or later. */
const setLater = [
  'id',
  'views',
  'failedAttempts',
  'otpLastStep',
  'cause',
  'endedAt',
  'destroyAt',
  'destroyFilesAt',
] as const

/** The secret that changes are of. */
export type Subject = Pick<Secret, 'id' | 'slug' | 'workspaceId' | 'tokenId' | 'requestId'>

export interface ChangeParts {
  counters: Counters
  audit: Audit
  outbox: Outbox
  scrubber: Scrubber
  attachments: Pick<Attachments, 'add' | 'destroy'>
  answers: Pick<Answers, 'add' | 'tell' | 'remove'>
}

export function openChanges(db: Drizzle, parts: ChangeParts) {
  const { counters, audit, outbox, scrubber, attachments, answers } = parts
  const byId = eq(secrets.id, placeholder('id'))
  const ofSecret = eq(reveals.secretId, placeholder('id'))
  const thisReveal = and(ofSecret, eq(reveals.revealId, placeholder('revealId')))

  const insertSecret = prepare(db, db.insert(secrets).values(placeholders(getTableColumns(secrets), setLater)))
  const insertVault = prepare(db, db.insert(vault).values(placeholders(getTableColumns(vault))))
  const insertMeta = prepare(db, db.insert(metas).values({ secretId: placeholder('id'), meta: placeholder('meta') }))
  const nullMetas = prepare(
    db,
    db
      .update(metas)
      .set({ meta: null })
      .where(eq(metas.secretId, placeholder('id'))),
  )

  const spendView = prepare(
    db,
    db
      .update(secrets)
      .set({
        views: sql`${secrets.views} + 1`,
        updatedAt: given('at'),
        state: given('to'),
        cause: given('cause'),
        endedAt: given('endedAt'),
        destroyAt: given('contentAt'),
        destroyFilesAt: given('filesAt'),
        otpLastStep: sql`coalesce(${placeholder('totpStep')}, ${secrets.otpLastStep})`,
      })
      .where(
        and(
          byId,
          eq(secrets.state, 'active'),
          gt(secrets.expiresAt, placeholder('at')),
          eq(secrets.views, sql`${placeholder('views')} - 1`),
          sql`${secrets.maximumViews} IS ${placeholder('maximumViews')}`,
          sql`coalesce(${secrets.otpLastStep} < ${placeholder('totpStep')}, TRUE)`,
          notExists(
            db
              .select({ one: sql`1` })
              .from(reveals)
              .where(thisReveal),
          ),
        ),
      ),
  )
  const insertReveal = prepare(
    db,
    db.insert(reveals).values({
      secretId: placeholder('id'),
      revealId: placeholder('revealId'),
      openedAt: placeholder('at'),
      graceUntil: placeholder('graceUntil'),
      filesUntil: placeholder('graceUntil'),
    }),
  )

  const countFailure = prepare(
    db,
    db
      .update(secrets)
      .set({ failedAttempts: given('failures'), updatedAt: given('at'), state: given('to') })
      .where(
        and(
          byId,
          eq(secrets.state, 'active'),
          gt(secrets.expiresAt, placeholder('at')),
          eq(secrets.failedAttempts, sql`${placeholder('failures')} - 1`),
        ),
      ),
  )
  const countRepeatFailure = prepare(
    db,
    db
      .update(reveals)
      .set({ failedAttempts: given('failures') })
      .where(and(thisReveal, eq(reveals.failedAttempts, sql`${placeholder('failures')} - 1`))),
  )
  const ackReveal = prepare(
    db,
    db
      .update(reveals)
      .set({ ackedAt: given('at') })
      .where(and(thisReveal, isNull(reveals.ackedAt))),
  )
  const end = prepare(
    db,
    db
      .update(secrets)
      .set({ state: given('to'), cause: given('cause'), endedAt: given('at'), updatedAt: given('at') })
      .where(
        and(
          byId,
          eq(secrets.state, placeholder('from')),
          isNull(secrets.endedAt),
          sql`(${secrets.views} = 0 OR NOT ${placeholder('unread')})`,
        ),
      ),
  )
  const tighten = prepare(
    db,
    db
      .update(secrets)
      .set({
        updatedAt: given('at'),
        expiresAt: given('expiresAt'),
        maximumViews: given('maximumViews'),
        state: given('to'),
        failedAttempts: sql`iif(${placeholder('clearFailures')}, 0, ${secrets.failedAttempts})`,
      })
      .where(
        and(
          byId,
          eq(secrets.state, placeholder('from')),
          gt(secrets.expiresAt, placeholder('at')),
          sql`${secrets.expiresAt} >= ${placeholder('expiresAt')}`,
          sql`coalesce(${secrets.views} < ${placeholder('maximumViews')}, TRUE)`,
        ),
      ),
  )
  const completeUpload = prepare(
    db,
    db
      .update(secrets)
      .set({ state: 'active', updatedAt: given('at') })
      .where(and(byId, eq(secrets.state, 'uploading'))),
  )

  const nullVault = prepare(
    db,
    db
      .update(vault)
      .set(destroyed)
      .where(eq(vault.id, placeholder('id'))),
  )
  const clearDestroyAt = prepare(
    db,
    db
      .update(secrets)
      .set({ destroyAt: null })
      .where(and(byId, isNotNull(secrets.destroyAt))),
  )
  const destroyLater = prepare(
    db,
    db
      .update(secrets)
      .set({ destroyAt: given('contentAt'), destroyFilesAt: given('filesAt') })
      .where(and(byId, isNotNull(secrets.endedAt))),
  )
  const destroyFilesLater = prepare(
    db,
    db
      .update(secrets)
      .set({ destroyFilesAt: given('at') })
      .where(and(byId, isNotNull(secrets.destroyFilesAt))),
  )
  const extendGrant = prepare(
    db,
    db
      .update(reveals)
      .set({ filesUntil: given('until') })
      .where(and(thisReveal, isNull(reveals.ackedAt))),
  )

  const insertCode = prepare(
    db,
    db
      .insert(codes)
      .values({ secretId: placeholder('id'), verifier: placeholder('verifier'), expiresAt: placeholder('expiresAt') }),
  )
  const deleteCodes = prepare(db, db.delete(codes).where(eq(codes.secretId, placeholder('id'))))
  const insertCaptcha = prepare(
    db,
    db
      .insert(captchas)
      .values({ id: placeholder('captcha'), expiresAt: placeholder('expiresAt') })
      .onConflictDoNothing(),
  )
  const deleteReveals = prepare(db, db.delete(reveals).where(ofSecret))
  const deleteSecret = prepare(db, db.delete(secrets).where(and(byId, isNotNull(secrets.endedAt))))

  function insert({ secret, state, bytes, quota, kind }: Extract<Change, { kind: 'insert' }>): Subject {
    const { content, meta, attachments: files, ...fields } = secret
    const id = insertSecret.insert({ ...fields, state })
    hold(counters.reserve(secret, bytes, quota), kind)
    insertVault.run({ ...toVaultRow(id, content) })
    attachments.add(id, files)
    answers.add(id, secret)
    if (meta !== null) insertMeta.run({ id, meta: utf8(meta) })
    counters.created(secret, state, secret.createdAt)
    return { ...fields, id }
  }

  function applyOne(subject: Subject, change: Exclude<Change, { kind: 'insert' }>): void {
    const { id } = subject
    switch (change.kind) {
      case 'spend view': {
        const { to, at } = change
        const [cause, endedAt] = to === 'viewed' ? (['viewed', at] as const) : [null, null]
        hold(spendView.run({ ...change, id, cause, endedAt }), change.kind)
        insertReveal.run({ ...change, id })
        counters.viewed(subject, at)
        return counters.moved(subject, 'active', to)
      }
      case 'count failure':
        hold(countFailure.run({ ...change, id }), change.kind)
        return counters.moved(subject, 'active', change.to)
      case 'count repeat failure':
        return hold(countRepeatFailure.run({ ...change, id }), change.kind)
      case 'ack':
        return hold(ackReveal.run({ ...change, id }), change.kind)
      case 'end':
        hold(end.run({ ...change, unread: change.unread ? 1 : 0, id }), change.kind)
        return counters.moved(subject, change.from, change.to)
      case 'tighten':
        hold(tighten.run({ ...change, clearFailures: change.clearFailures ? 1 : 0, id }), change.kind)
        return counters.moved(subject, change.from, change.to)
      case 'replace meta':
        hold(counters.resizeMeta(subject, change.growth, change.quota), change.kind)
        nullMetas.run({ id })
        scrubber.overwritten()
        return void insertMeta.run({ id, meta: utf8(change.meta) })
      case 'complete upload':
        hold(completeUpload.run({ ...change, id }), change.kind)
        return counters.moved(subject, 'uploading', 'active')
      case 'destroy content':
        // Nulls in place: secure_delete overwrites the bytes, and no row moves.
        counters.destroying(id)
        nullVault.run({ id })
        deleteCodes.run({ id })
        outbox.withdraw(id)
        clearDestroyAt.run({ id })
        return scrubber.overwritten()
      case 'destroy files':
        return attachments.destroy(id, change.at)
      case 'destroy later':
        return hold(destroyLater.run({ ...change, id }), change.kind)
      case 'destroy files later':
        return hold(destroyFilesLater.run({ ...change, id }), change.kind)
      case 'extend grant':
        return hold(extendGrant.run({ ...change, id }), change.kind)
      case 'record code':
        return void insertCode.run({ ...change, id })
      case 'forget codes':
        return void deleteCodes.run({ id })
      case 'use captcha':
        return hold(insertCaptcha.run({ captcha: change.id, expiresAt: change.expiresAt }), change.kind)
      case 'log':
        return audit.record(subject, change.type, change.at, change.caller, change.reason, change.basis)
      case 'notify':
        return outbox.notify(subject, change.notice, change.sealedTo, change.at)
      case 'tell request':
        return answers.tell(subject, change)
      case 'purge':
        audit.purge(subject, change)
        deleteReveals.run({ id })
        counters.destroyingMeta(id)
        nullMetas.run({ id })
        outbox.forget(id)
        answers.remove(id)
        hold(deleteSecret.run({ id }), change.kind)
        return counters.removed(subject, change.state)
    }
  }

  /** In order; `subject` null: the first change inserts it. */
  return (subject: Subject | null, changes: readonly Change[]): void => {
    let current = subject
    for (const change of changes) {
      if (change.kind === 'insert') current = insert(change)
      else if (current) applyOne(current, change)
      else throw new Error(`a change of no secret: ${change.kind}`)
    }
  }
}

export type ApplyChanges = ReturnType<typeof openChanges>
