/** What recipients do to a secret: domain/secrets/{reveal,code,ack}.ts decide. */
import { ack } from '../../domain/secrets/ack.ts'
import { recordCode } from '../../domain/secrets/code.ts'
import { reveal } from '../../domain/secrets/reveal.ts'
import type { Caller } from '../../domain/secrets/secret.ts'
import type { AckOutcome, CodeCommand, CodeOutcome, RevealCommand, RevealOutcome } from '../store.ts'
import type { ApplyChanges } from './changes.ts'
import type { FactsOf } from './facts.ts'

export function openReveals(facts: FactsOf, apply: ApplyChanges) {
  return {
    reveal(command: RevealCommand): RevealOutcome {
      const known = facts.ofReveal(command.secretId, command.revealId, command.captcha)
      const { outcome, changes } = reveal(known, command)
      apply(known.secret, changes)
      return outcome
    },

    recordCode(command: CodeCommand): CodeOutcome {
      const known = facts.ofCode(command.secretId, command.captcha)
      const { outcome, changes } = recordCode(known, command)
      apply(known.secret, changes)
      return outcome
    },

    ack(id: number, revealId: Buffer, now: number, caller: Caller): AckOutcome {
      const secret = facts.find(id)
      if (!secret) return 'unknown'
      const isHeld = secret.destroyAt !== null || secret.destroyFilesAt !== null
      const held = isHeld ? facts.held(id, now, revealId) : { content: null, files: null }
      const recorded = facts.recorded(id, revealId)
      const { outcome, changes } = ack({ secret, recorded, isHeld, held }, { revealId, now, caller })
      apply(secret, changes)
      return outcome
    },
  }
}
