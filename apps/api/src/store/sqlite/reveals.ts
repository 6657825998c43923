/** The atomic step of spec/protocol.md section 9: check, spend, record; or refuse and record nothing. */
import { timingSafeEqual } from 'node:crypto'
import { and, eq, gt, isNull, lt, notExists, or, sql } from 'drizzle-orm'
import type { Denial, Facts } from '../../policies/policy.ts'
import { gone } from '../../policies/policy.ts'
import type { Caller, Content } from '../../secrets/secret.ts'
import type { AckOutcome, RevealCommand, RevealOutcome } from '../store.ts'
import type { Counters } from './counters.ts'
import type { Drizzle } from './database.ts'
import type { Endings } from './endings.ts'
import type { SecretRow } from './rows.ts'
import { toContent } from './rows.ts'
import { reveals, secrets, vault } from './schema.ts'
import type { Secrets } from './secrets.ts'

type Proof = Facts['proof']

const placeholder = sql.placeholder

/** Constant in time where there is something to guess. */
function checkProof(row: SecretRow, content: Content | null, { proofVerifier }: RevealCommand): Proof {
  if (!row.hasPassword) return 'right'
  if (!proofVerifier) return 'missing'
  const matches = content?.passwordVerifier && timingSafeEqual(content.passwordVerifier, proofVerifier)
  return matches ? 'right' : 'wrong'
}

export function openReveals(db: Drizzle, counters: Counters, { record }: Secrets, endings: Endings) {
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
      graceUntil: placeholder('graceUntil'),
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
    })
    .where(
      and(
        eq(secrets.id, placeholder('secretId')),
        eq(secrets.state, 'active'),
        gt(secrets.expiresAt, placeholder('now')),
        or(isNull(secrets.maximumViews), lt(secrets.views, secrets.maximumViews)),
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

  /** Counts a wrong password, and locks out at the limit; null: locked or ended already, and nothing counted. */
  const countWrong = (id: number, { now, caller }: RevealCommand): number | null => {
    const [counted] = countFailure.all({ id, now })
    if (!counted) return null
    counters.moved(counted, 'active', counted.state)
    if (counted.state === 'locked' && counted.onLockout === 'burn') endings.lockOut(counted, now, caller)
    return counted.maxAttempts - counted.failedAttempts
  }

  const deny = (denial: Denial, command: RevealCommand): RevealOutcome => {
    record(command.secretId, 'denied', command.now, command.caller, denial.code)
    return { kind: 'denied', denial }
  }

  const refuse = (denial: Denial, command: RevealCommand): RevealOutcome => {
    if (denial.code !== 'PASSWORD_WRONG') return deny(denial, command)
    const attemptsLeft = countWrong(command.secretId, command)
    return attemptsLeft === null
      ? deny({ code: 'LOCKED' }, command)
      : deny({ ...denial, details: { attempts_left: attemptsLeft } }, command)
  }

  /**
   * A recorded id never spends: until its ack or the end of its grace time the same reply, after that 410. Only the
   * password is asked again, with a limit of its own, so that somebody else's failures can't take the reply away.
   */
  const repeat = (
    row: SecretRow,
    recorded: typeof reveals.$inferSelect,
    content: Content | null,
    proof: Proof,
    denial: Denial | null,
    command: RevealCommand,
  ): RevealOutcome => {
    if (!content || recorded.ackedAt !== null || recorded.graceUntil <= command.now) {
      const over = gone('viewed', recorded.ackedAt ?? recorded.graceUntil)
      return deny(denial?.code === 'GONE' ? denial : over, command)
    }
    const attemptsLeft = row.maxAttempts - recorded.failedAttempts
    if (attemptsLeft <= 0) return deny({ code: 'LOCKED' }, command)
    if (proof === 'right') return { kind: 'revealed', content }
    if (proof === 'missing')
      return deny({ code: 'PASSWORD_REQUIRED', details: { attempts_left: attemptsLeft } }, command)
    db.update(reveals)
      .set({ failedAttempts: recorded.failedAttempts + 1 })
      .where(and(eq(reveals.secretId, row.id), eq(reveals.revealId, recorded.revealId)))
      .run()
    countWrong(row.id, command)
    return deny({ code: 'PASSWORD_WRONG', details: { attempts_left: attemptsLeft - 1 } }, command)
  }

  return {
    reveal(command: RevealCommand): RevealOutcome {
      const { secretId, revealId, now } = command
      const row = endings.find(secretId)
      if (!row) return { kind: 'denied', denial: { code: 'NOT_FOUND' } }
      const stored = readVault.get({ id: secretId })
      const content = stored ? toContent(stored) : null
      const proof = checkProof(row, content, command)
      const denial = command.decide(row, proof)
      if (!denial && content) {
        const graceUntil = now + command.graceMs
        const [spent] = spendView.all({ secretId, revealId, now, graceUntil })
        if (spent) {
          insertReveal.run({ secretId, revealId, graceUntil })
          record(secretId, 'opened', now, command.caller)
          counters.viewed(spent, now)
          counters.moved(spent, 'active', spent.state)
          return { kind: 'revealed', content }
        }
      }
      const recorded = findReveal.get({ secretId, revealId })
      if (recorded) return repeat(row, recorded, content, proof, denial, command)
      if (!denial) throw new Error('a view that every policy allows could not be spent')
      return refuse(denial, command)
    },

    ack(secretId: number, revealId: Buffer, now: number, caller: Caller): AckOutcome {
      const recorded = findReveal.get({ secretId, revealId })
      if (!recorded) return 'unknown'
      if (recorded.ackedAt !== null) return 'acked'
      db.update(reveals)
        .set({ ackedAt: now })
        .where(and(eq(reveals.secretId, secretId), eq(reveals.revealId, revealId)))
        .run()
      record(secretId, 'acked', now, caller)
      if (endings.find(secretId)?.destroyAt) endings.destroyOrWait(secretId, now)
      return 'acked'
    },
  }
}
