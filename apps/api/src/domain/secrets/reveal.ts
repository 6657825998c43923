/** spec/protocol.md section 9, step 3: check, spend, record; or refuse and record nothing but the attempt. */
import type { Denial } from '../policies/policy.ts'
import { gone } from '../policies/policy.ts'
import type { Attempt, CaptchaShown, Evidences } from './attempt.ts'
import { checkCaptcha, checkCode, checkProof, countWrong, deny, refuse, spendCaptcha } from './attempt.ts'
import type { Change, Decision } from './decision.ts'
import { log, unchanged } from './decision.ts'
import { notify, tellRequest } from './endings.ts'
import type { Content, Secret } from './secret.ts'

/** A reveal that an earlier call recorded. */
export interface RecordedReveal {
  graceUntil: number
  ackedAt: number | null
  /** Wrong passwords sent with its id. */
  failedAttempts: number
}

export interface RevealFacts {
  /** null: there is none. */
  secret: Secret | null
  /** null: destroyed. */
  content: Content | null
  /** What is recorded under the command's id; null: nothing. */
  recorded: RecordedReveal | null
  /** The newest one-time code that was sent and not used. */
  newestCode: { verifier: Buffer; expiresAt: number } | null
  /** Whether the captcha's solution was used before. */
  captchaIsUsed: boolean
}

export interface RevealCommand extends Attempt {
  secretId: number
  /** 16 bytes. */
  revealId: Buffer
  /** SHA-256 of the password proof that was sent, or null. */
  proofVerifier: Buffer | null
  /** HMAC of the code that was sent, or null; compared with the newest code. */
  codeVerifier: Buffer | null
  /** For a TOTP secret: the time step that the sent code belongs to, if it is newer than `otpLastStep`. */
  matchTotp: (sealedOtp: Buffer, lastStep: number | null) => number | null
  captcha: CaptchaShown
  /** The policies' verdict. */
  decide: (secret: Secret, evidence: Evidences) => Denial | null
  graceMs: number
}

export type RevealOutcome = { kind: 'revealed'; content: Content } | { kind: 'denied'; denial: Denial }

export function reveal(facts: RevealFacts, command: RevealCommand): Decision<RevealOutcome> {
  const { secret, recorded } = facts
  if (!secret || secret.state === 'uploading') return unchanged({ kind: 'denied', denial: { code: 'NOT_FOUND' } })
  return recorded ? repeat(secret, recorded, facts, command) : open(secret, facts, command)
}

/** Asks every policy, and spends a view if all of them agree. */
function open(secret: Secret, facts: RevealFacts, command: RevealCommand): Decision<RevealOutcome> {
  const { content } = facts
  const { revealId, now, caller } = command
  const proof = checkProof(secret, content, command.proofVerifier)
  const [otp, totpStep] = checkCode(secret, facts, command)
  const captcha = checkCaptcha(secret, facts.captchaIsUsed, command.captcha)
  const denial = command.decide(secret, { proof, otp, captcha })
  const changes = spendCaptcha(secret, denial, command.captcha)
  if (denial) return refuse(secret, content, denial, command, changes)
  if (!content) throw new Error('a secret whose content is destroyed was allowed to be revealed')

  const views = secret.views + 1
  const isLast = secret.maximumViews !== null && views >= secret.maximumViews
  const graceUntil = now + command.graceMs
  changes.push({
    kind: 'spend view',
    revealId,
    at: now,
    graceUntil,
    totpStep,
    views,
    maximumViews: secret.maximumViews,
    to: isLast ? 'viewed' : 'active',
    contentAt: isLast ? graceUntil : null,
    filesAt: isLast && secret.attachmentsCount > 0 ? graceUntil : null,
  })
  if (secret.otpType !== null) changes.push({ kind: 'forget codes' })
  changes.push(log('opened', now, caller))
  if (secret.views === 0)
    changes.push(
      ...notify('secret.opened', secret, content, now, now),
      ...tellRequest(secret, 'collected', now, caller),
    )
  return { outcome: { kind: 'revealed', content }, changes }
}

/**
 * A recorded id never spends: until its ack or the end of its grace time it gets the same reply, after that 410. Only the
 * password is asked again, with a limit of its own, so that somebody else's failures can't take the reply away.
 */
function repeat(
  secret: Secret,
  recorded: RecordedReveal,
  { content }: RevealFacts,
  command: RevealCommand,
): Decision<RevealOutcome> {
  const { revealId, now } = command
  const proof = checkProof(secret, content, command.proofVerifier)
  if (!content || recorded.ackedAt !== null || recorded.graceUntil <= now) {
    const denial = command.decide(secret, { proof, otp: 'missing', captcha: 'missing' })
    const over = gone('viewed', recorded.ackedAt ?? recorded.graceUntil)
    return deny(denial?.code === 'GONE' ? denial : over, command)
  }
  const attemptsLeft = secret.maxAttempts - recorded.failedAttempts
  if (attemptsLeft <= 0) return deny({ code: 'LOCKED' }, command)
  if (proof === 'right') return unchanged({ kind: 'revealed', content })
  if (proof === 'missing') return deny({ code: 'PASSWORD_REQUIRED', details: { attempts_left: attemptsLeft } }, command)
  const counted: Change = { kind: 'count repeat failure', revealId, failures: recorded.failedAttempts + 1 }
  return deny({ code: 'PASSWORD_WRONG', details: { attempts_left: attemptsLeft - 1 } }, command, [
    counted,
    ...(countWrong(secret, content, command)?.changes ?? []),
  ])
}
