/** What a reveal and a request for a code have in common: proofs are compared, and wrong ones are counted. */
import { timingSafeEqual } from 'node:crypto'
import type { Denial, Evidence, Facts } from '../policies/policy.ts'
import type { Change, Decision } from './decision.ts'
import { log } from './decision.ts'
import { lockOut, notify } from './endings.ts'
import type { Caller, Content, Secret } from './secret.ts'

export interface Attempt {
  now: number
  caller: Caller
}

export type Evidences = Pick<Facts, 'proof' | 'otp' | 'captcha'>

/** A captcha solution that verified, by its id and expiry: used up by the attempt at a password or code. */
export type CaptchaShown = { id: Buffer; expiresAt: number } | 'missing' | 'wrong'

/** Compares in constant time, because this is what can be guessed. */
export function checkProof(secret: Secret, content: Content | null, proofVerifier: Buffer | null): Evidence {
  if (!secret.hasPassword) return 'right'
  if (!proofVerifier) return 'missing'
  const matches = content?.passwordVerifier && timingSafeEqual(content.passwordVerifier, proofVerifier)
  return matches ? 'right' : 'wrong'
}

interface CodeFacts {
  content: Content | null
  newestCode: { verifier: Buffer; expiresAt: number } | null
}

interface CodeShown {
  codeVerifier: Buffer | null
  matchTotp: (sealedOtp: Buffer, lastStep: number | null) => number | null
  now: number
}

/** The sent code against what the secret asks for; with the time step of a right TOTP code. */
export function checkCode(
  { otpType, otpLastStep }: Secret,
  { content, newestCode }: CodeFacts,
  { codeVerifier, matchTotp, now }: CodeShown,
): [Evidence, number | null] {
  if (otpType === null) return ['right', null]
  if (!codeVerifier) return ['missing', null]
  if (otpType === 'totp') {
    const step = content?.sealedOtp ? matchTotp(content.sealedOtp, otpLastStep) : null
    return [step === null ? 'wrong' : 'right', step]
  }
  const matches = newestCode && newestCode.expiresAt > now && timingSafeEqual(newestCode.verifier, codeVerifier)
  return [matches ? 'right' : 'wrong', null]
}

export function checkCaptcha({ captcha }: Secret, isUsed: boolean, shown: CaptchaShown): Evidence {
  if (!captcha) return 'right'
  if (typeof shown === 'string') return shown
  return isUsed ? 'wrong' : 'right'
}

/** A captcha is used up by the attempt that it let through, right or wrong. */
export function spendCaptcha({ captcha }: Secret, denial: Denial | null, shown: CaptchaShown): Change[] {
  const reached = !denial || /^(PASSWORD|OTP)_/.test(denial.code)
  return captcha && reached && typeof shown !== 'string' ? [{ kind: 'use captcha', ...shown }] : []
}

interface Denied {
  kind: 'denied'
  denial: Denial
}

/** Refuses, and logs the refusal after what `changes` does. */
export const deny = (denial: Denial, { now, caller }: Attempt, changes: Change[] = []): Decision<Denied> => ({
  outcome: { kind: 'denied', denial },
  changes: [...changes, log('denied', now, caller, denial.code)],
})

/** Refuses because of a policy: a wrong password or code is counted first. */
export function refuse(
  secret: Secret,
  content: Content | null,
  denial: Denial,
  attempt: Attempt,
  changes: Change[],
): Decision<Denied> {
  if (denial.code !== 'PASSWORD_WRONG' && denial.code !== 'OTP_WRONG') return deny(denial, attempt, changes)
  const counted = countWrong(secret, content, attempt)
  if (!counted) return deny({ code: 'LOCKED' }, attempt, changes)
  const details = { attempts_left: counted.attemptsLeft }
  return deny({ ...denial, details }, attempt, [...changes, ...counted.changes])
}

interface Counted {
  attemptsLeft: number
  changes: Change[]
}

/** Counts a wrong password or code, and at the limit locks or burns; null: locked or ended already, nothing to count. */
export function countWrong(secret: Secret, content: Content | null, { now, caller }: Attempt): Counted | null {
  if (secret.state !== 'active' || secret.expiresAt <= now || secret.failedAttempts >= secret.maxAttempts) return null
  const failures = secret.failedAttempts + 1
  const attemptsLeft = secret.maxAttempts - failures
  const to = attemptsLeft > 0 ? 'active' : 'locked'
  const changes: Change[] = [{ kind: 'count failure', at: now, failures, to }]
  if (to === 'locked') {
    changes.push(...notify('secret.locked', secret, content, now, now))
    if (secret.onLockout === 'burn') changes.push(...lockOut({ ...secret, state: to }, now, caller))
  }
  return { attemptsLeft, changes }
}

/** A refusal that is recorded after its reply, by slug: whoever had the slug only later has nothing to do with it. */
export const denyLate = (
  { createdAt }: Pick<Secret, 'createdAt'>,
  { reason, at, caller }: { reason: string | null; at: number; caller: Caller },
): Change[] => (createdAt <= at ? [log('denied', at, caller, reason)] : [])
