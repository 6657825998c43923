import type { WireLimits } from '@halfkey/sdk'
import type { Draft } from './draft.ts'
import type { FieldName } from './problems.ts'

/** What every part of the form works on. */
export interface Form {
  draft: Draft
  change: (patch: Partial<Draft>) => void
  /** What is wrong with a control, in the sender's words. */
  errorOf: (field: FieldName) => string | undefined
  /** undefined: not known. */
  limits: WireLimits | undefined
}
