/** The atomic step of spec/protocol.md section 9: check, spend, record; or refuse and record nothing. */
import { timingSafeEqual } from 'node:crypto'
import { and, count, desc, eq, gt, isNull, lt, notExists, or, sql } from 'drizzle-orm'
import type { Denial, Evidence } from '../../domain/policies/policy.ts'
import { gone } from '../../domain/policies/policy.ts'
import type { Caller, Content } from '../../domain/secrets/secret.ts'
import type { AckOutcome, CodeCommand, CodeOutcome, RevealCommand, RevealOutcome } from '../store.ts'
import type { Audit } from './audit.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import type { Endings } from './endings.ts'
import type { Outbox } from './outbox.ts'
import type { SecretRow } from './rows.ts'
import { toContent } from './rows.ts'
import { captchas, codes, reveals, secrets, vault } from './schema.ts'

type Denied = Extract<RevealOutcome, { kind: 'denied' }>
type Attempt = Pick<RevealCommand, 'now' | 'caller'>

const placeholder = sql.placeholder

/** Constant in time where there is something to guess. */
function checkProof(row: SecretRow, content: Content | null, proofVerifier: Buffer | null): Evidence {
  if (!row.hasPassword) return 'right'
  if (!proofVerifier) return 'missing'
  const matches = content?.passwordVerifier && timingSafeEqual(content.passwordVerifier, proofVerifier)
  return matches ? 'right' : 'wrong'
}

export function openReveals(
  db: Drizzle,
  counters: Counters,
  { record }: Pick<Audit, 'record'>,
  endings: Endings,
  outbox: Outbox,
) {
  const readVault = db
    .select()
    .from(vault)
    .where(eq(vault.id, placeholder('id')))
    .prepare()
  const findReveal = db
    .select()
    .from(reveals)
    .where(and(eq(reveals.secretId, placeholder('secretId')), eq(reveals.revealId, placeholder('revealId'))))
    .prepare()
  const insertReveal = db
    .insert(reveals)
    .values({
      secretId: placeholder('secretId'),
      revealId: placeholder('revealId'),
      openedAt: placeholder('now'),
      graceUntil: placeholder('graceUntil'),
      filesUntil: placeholder('graceUntil'),
    })
    .prepare()

  const isLast = sql`${secrets.maximumViews} IS NOT NULL AND ${secrets.views} + 1 >= ${secrets.maximumViews}`
  const spendView = db
    .update(secrets)
    .set({
      views: sql`${secrets.views} + 1`,
      updatedAt: sql`${placeholder('now')}`,
      state: sql`CASE WHEN ${isLast} THEN 'viewed' ELSE ${secrets.state} END`,
      cause: sql`CASE WHEN ${isLast} THEN 'viewed' END`,
      endedAt: sql`CASE WHEN ${isLast} THEN ${placeholder('now')} END`,
      destroyAt: sql`CASE WHEN ${isLast} THEN ${placeholder('graceUntil')} END`,
      destroyFilesAt: sql`CASE WHEN ${isLast} AND ${secrets.attachmentsCount} > 0 THEN ${placeholder('graceUntil')} END`,
      otpLastStep: sql`coalesce(${placeholder('totpStep')}, ${secrets.otpLastStep})`,
    })
    .where(
      and(
        eq(secrets.id, placeholder('secretId')),
        eq(secrets.state, 'active'),
        gt(secrets.expiresAt, placeholder('now')),
        or(isNull(secrets.maximumViews), lt(secrets.views, secrets.maximumViews)),
        sql`coalesce(${secrets.otpLastStep} < ${placeholder('totpStep')}, TRUE)`,
        notExists(
          db
            .select({ one: sql`1` })
            .from(reveals)
            .where(and(eq(reveals.secretId, secrets.id), eq(reveals.revealId, placeholder('revealId')))),
        ),
      ),
    )
    .returning({ state: secrets.state, workspaceId: secrets.workspaceId, tokenId: secrets.tokenId })
    .prepare()

  /** An attempt is counted, or refused, in the statement that would lock the secret. */
  const countFailure = db
    .update(secrets)
    .set({
      failedAttempts: sql`${secrets.failedAttempts} + 1`,
      updatedAt: sql`${placeholder('now')}`,
      state: sql`CASE WHEN ${secrets.failedAttempts} + 1 >= ${secrets.maxAttempts} THEN 'locked' ELSE ${secrets.state} END`,
    })
    .where(
      and(
        eq(secrets.id, placeholder('id')),
        eq(secrets.state, 'active'),
        gt(secrets.expiresAt, placeholder('now')),
        lt(secrets.failedAttempts, secrets.maxAttempts),
      ),
    )
    .returning()
    .prepare()

  const newestCode = db
    .select()
    .from(codes)
    .where(eq(codes.secretId, placeholder('id')))
    .orderBy(desc(codes.id))
    .limit(1)
    .prepare()
  const useCaptcha = db
    .insert(captchas)
    .values({ id: placeholder('id'), expiresAt: placeholder('expiresAt') })
    .onConflictDoNothing()
    .prepare()
  const findCaptcha = db
    .select({ id: captchas.id })
    .from(captchas)
    .where(eq(captchas.id, placeholder('id')))
    .prepare()

  /** Counts a wrong password or code, and locks out at the limit; null: locked or ended already, nothing counted. */
  const countWrong = ({ id }: SecretRow, { now, caller }: Attempt): number | null => {
    const [counted] = countFailure.all({ id, now })
    if (!counted) return null
    counters.moved(counted, 'active', counted.state)
    if (counted.state === 'locked') outbox.tell(counted, 'secret.locked', now, now)
    if (counted.state === 'locked' && counted.onLockout === 'burn') endings.lockOut(counted, now, caller)
    return counted.maxAttempts - counted.failedAttempts
  }

  const deny = (row: SecretRow, denial: Denial, { now, caller }: Attempt): Denied => {
    record(row, 'denied', now, caller, denial.code)
    return { kind: 'denied', denial }
  }

  const refuse = (row: SecretRow, denial: Denial, attempt: Attempt): Denied => {
    if (denial.code !== 'PASSWORD_WRONG' && denial.code !== 'OTP_WRONG') return deny(row, denial, attempt)
    const attemptsLeft = countWrong(row, attempt)
    return attemptsLeft === null
      ? deny(row, { code: 'LOCKED' }, attempt)
      : deny(row, { ...denial, details: { attempts_left: attemptsLeft } }, attempt)
  }

  /**
   * A recorded id never spends: until its ack or the end of its grace time the same reply, after that 410. Only the
   * password is asked again, with a limit of its own, so that somebody else's failures can't take the reply away.
   */
  const repeat = (
    row: SecretRow,
    recorded: typeof reveals.$inferSelect,
    content: Content | null,
    proof: Evidence,
    denial: Denial | null,
    command: RevealCommand,
  ): RevealOutcome => {
    if (!content || recorded.ackedAt !== null || recorded.graceUntil <= command.now) {
      const over = gone('viewed', recorded.ackedAt ?? recorded.graceUntil)
      return deny(row, denial?.code === 'GONE' ? denial : over, command)
    }
    const attemptsLeft = row.maxAttempts - recorded.failedAttempts
    if (attemptsLeft <= 0) return deny(row, { code: 'LOCKED' }, command)
    if (proof === 'right') return { kind: 'revealed', content }
    if (proof === 'missing')
      return deny(row, { code: 'PASSWORD_REQUIRED', details: { attempts_left: attemptsLeft } }, command)
    db.update(reveals)
      .set({ failedAttempts: recorded.failedAttempts + 1 })
      .where(and(eq(reveals.secretId, row.id), eq(reveals.revealId, recorded.revealId)))
      .run()
    countWrong(row, command)
    return deny(row, { code: 'PASSWORD_WRONG', details: { attempts_left: attemptsLeft - 1 } }, command)
  }

  /** The sent code against what the secret asks for; with the time step of a right TOTP code. */
  const checkCode = (row: SecretRow, content: Content | null, command: RevealCommand): [Evidence, number | null] => {
    if (row.otpType === null) return ['right', null]
    if (!command.codeVerifier) return ['missing', null]
    if (row.otpType === 'totp') {
      const step = content?.sealedOtp ? command.matchTotp(content.sealedOtp, row.otpLastStep) : null
      return [step === null ? 'wrong' : 'right', step]
    }
    const newest = newestCode.get({ id: row.id })
    const matches = newest && newest.expiresAt > command.now && timingSafeEqual(newest.verifier, command.codeVerifier)
    return [matches ? 'right' : 'wrong', null]
  }

  const checkCaptcha = (row: SecretRow, { captcha }: Pick<RevealCommand, 'captcha'>): Evidence => {
    if (!row.captcha) return 'right'
    if (typeof captcha === 'string') return captcha
    return findCaptcha.get({ id: captcha.id }) ? 'wrong' : 'right'
  }

  /** A captcha is used up by the guess that it let through, right or wrong. */
  const spendCaptcha = (row: SecretRow, denial: Denial | null, { captcha }: Pick<RevealCommand, 'captcha'>): void => {
    const reached = !denial || /^(PASSWORD|OTP)_/.test(denial.code)
    if (row.captcha && reached && typeof captcha !== 'string') useCaptcha.run(captcha)
  }

  return {
    reveal(command: RevealCommand): RevealOutcome {
      const { secretId, revealId, now } = command
      const row = endings.find(secretId)
      if (!row || row.state === 'uploading') return { kind: 'denied', denial: { code: 'NOT_FOUND' } }
      const stored = readVault.get({ id: secretId })
      const content = stored ? toContent(stored) : null
      const proof = checkProof(row, content, command.proofVerifier)
      const recorded = findReveal.get({ secretId, revealId })
      if (recorded) {
        const denial = command.decide(row, { proof, otp: 'missing', captcha: 'missing' })
        return repeat(row, recorded, content, proof, denial, command)
      }

      const [otp, totpStep] = checkCode(row, content, command)
      const denial = command.decide(row, { proof, otp, captcha: checkCaptcha(row, command) })
      spendCaptcha(row, denial, command)
      if (denial) return refuse(row, denial, command)

      const graceUntil = now + command.graceMs
      const [spent] = spendView.all({ secretId, revealId, now, graceUntil, totpStep })
      if (!spent || !content) throw new Error('a view that every policy allows could not be spent')
      insertReveal.run({ secretId, revealId, now, graceUntil })
      if (row.otpType !== null) db.delete(codes).where(eq(codes.secretId, secretId)).run()
      record(row, 'opened', now, command.caller)
      if (row.views === 0) outbox.tell(row, 'secret.opened', now, now)
      counters.viewed(spent, now)
      counters.moved(spent, 'active', spent.state)
      return { kind: 'revealed', content }
    },

    recordCode(command: CodeCommand): CodeOutcome {
      const { secretId, verifier, expiresAt } = command
      const row = endings.find(secretId)
      const stored = readVault.get({ id: secretId })
      const content = stored ? toContent(stored) : null
      if (!row || row.state === 'uploading') return { kind: 'denied', denial: { code: 'NOT_FOUND' } }
      const proof = checkProof(row, content, command.proofVerifier)
      const denial = command.decide(row, { proof, captcha: checkCaptcha(row, command) })
      spendCaptcha(row, denial, command)
      if (denial) return refuse(row, denial, command)
      const unused = db.select({ unused: count() }).from(codes).where(eq(codes.secretId, secretId)).get()?.unused ?? 0
      if (unused >= command.limit || !content?.sealedOtp)
        return deny(row, { code: 'RATE_LIMITED', details: { limit: 'codes', maximum: command.limit } }, command)
      db.insert(codes).values({ secretId, verifier, expiresAt }).run()
      return { kind: 'recorded', sealedOtp: content.sealedOtp }
    },

    ack(secretId: number, revealId: Buffer, now: number, caller: Caller): AckOutcome {
      const recorded = findReveal.get({ secretId, revealId })
      if (!recorded) return 'unknown'
      if (recorded.ackedAt !== null) return 'acked'
      db.update(reveals)
        .set({ ackedAt: now })
        .where(and(eq(reveals.secretId, secretId), eq(reveals.revealId, revealId)))
        .run()
      const row = endings.find(secretId)
      if (row) record(row, 'acked', now, caller)
      if (row) endings.acked(row, now)
      return 'acked'
    },
  }
}
