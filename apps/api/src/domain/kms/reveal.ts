/** Giving out a version: the policies decide, and every call is logged, refused ones and those for handlers that there aren't too. */
import type { KmsDecision, KmsName } from './decision.ts'
import { log } from './decision.ts'
import type { KmsActor, KmsContent, KmsEntry, KmsRefusal, KmsVersion } from './entry.ts'

export interface KmsReveal extends KmsName, KmsActor {
  /** null: the newest. */
  version: number | null
  /** The policies' verdict. */
  decide: (entry: KmsEntry | null, version: KmsVersion | null) => KmsRefusal | null
  now: number
}

export interface KmsRevealFacts {
  /** Deleted ones too; null: there never was one. */
  entry: KmsEntry | null
  /** The one that is asked for; null: there is none. */
  version: KmsVersion | null
  /** null: destroyed. */
  content: KmsContent | null
}

export type KmsRevealOutcome =
  { kind: 'revealed'; version: number; content: KmsContent } | { kind: 'refused'; reason: KmsRefusal }

export function reveal({ entry, version, content }: KmsRevealFacts, command: KmsReveal): KmsDecision<KmsRevealOutcome> {
  const { now } = command
  const number = version?.version ?? command.version
  const reason = command.decide(entry?.deletedAt === null ? entry : null, version)
  if (reason !== null)
    return { outcome: { kind: 'refused', reason }, changes: [log('kms.denied', now, number, command, reason)] }
  if (!content || number === null) throw new Error('a version whose content is destroyed was allowed to be revealed')
  return {
    outcome: { kind: 'revealed', version: number, content },
    changes: [log('kms.revealed', now, number, command)],
  }
}
