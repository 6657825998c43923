/** What src/store/store.ts promises, as one suite that runs on every database. */
import { describe } from 'vitest'
import { describeAccounts } from './contract/accounts.ts'
import { describeEndings } from './contract/endings.ts'
import type { OpenStore } from './contract/fixture.ts'
import { describeRecords } from './contract/records.ts'
import { describeReveals } from './contract/reveals.ts'

export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    describe('records', () => describeRecords(open))
    describe('reveals', () => describeReveals(open))
    describe('endings', () => describeEndings(open))
    describe('accounts', () => describeAccounts(open))
  })
}
