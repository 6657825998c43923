/** spec/protocol.md section 9, step 2: a one-time code is sent once every policy before it has passed. */
import type { Denial, Facts } from '../policies/policy.ts'
import type { Attempt, CaptchaShown } from './attempt.ts'
import { checkCaptcha, checkProof, deny, refuse, spendCaptcha } from './attempt.ts'
import type { Decision } from './decision.ts'
import { unchanged } from './decision.ts'
import type { Content, Secret } from './secret.ts'

export interface CodeFacts {
  /** null: there is none. */
  secret: Secret | null
  /** null: destroyed. */
  content: Content | null
  /** Codes that were sent and not used. */
  unusedCodes: number
  captchaIsUsed: boolean
}

/** A one-time code that is about to be sent. */
export interface CodeCommand extends Attempt {
  secretId: number
  /** HMAC of the code under the server key, 32 bytes. */
  verifier: Buffer
  expiresAt: number
  /** SHA-256 of the password proof that was sent, or null. */
  proofVerifier: Buffer | null
  captcha: CaptchaShown
  /** The policies' verdict. */
  decide: (secret: Secret, evidence: Pick<Facts, 'proof' | 'captcha'>) => Denial | null
  /** Unused codes that a secret may have. */
  limit: number
}

export type CodeOutcome = { kind: 'recorded'; sealedOtp: Buffer } | { kind: 'denied'; denial: Denial }

export function recordCode(facts: CodeFacts, command: CodeCommand): Decision<CodeOutcome> {
  const { secret, content, unusedCodes, captchaIsUsed } = facts
  const { verifier, expiresAt, limit } = command
  if (!secret || secret.state === 'uploading') return unchanged({ kind: 'denied', denial: { code: 'NOT_FOUND' } })
  const proof = checkProof(secret, content, command.proofVerifier)
  const captcha = checkCaptcha(secret, captchaIsUsed, command.captcha)
  const denial = command.decide(secret, { proof, captcha })
  const changes = spendCaptcha(secret, denial, command.captcha)
  if (denial) return refuse(secret, content, denial, command, changes)
  if (unusedCodes >= limit || !content?.sealedOtp)
    return deny({ code: 'RATE_LIMITED', details: { limit: 'codes', maximum: limit } }, command, changes)
  changes.push({ kind: 'record code', verifier, expiresAt })
  return { outcome: { kind: 'recorded', sealedOtp: content.sealedOtp }, changes }
}
