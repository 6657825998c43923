/** What src/store/store.ts promises, as one suite that runs on every database. */
import { describe, expect, test } from 'vitest'
import { describeAccounts } from './contract/accounts.ts'
import { describeAttachments } from './contract/attachments.ts'
import { describeCodes } from './contract/codes.ts'
import { describeEndings } from './contract/endings.ts'
import type { OpenStore } from './contract/fixture.ts'
import { tested, useStore } from './contract/fixture.ts'
import { describeKms } from './contract/kms.ts'
import { describeLog } from './contract/log.ts'
import { describeOutbox } from './contract/outbox.ts'
import { describeRecords } from './contract/records.ts'
import { describeRequests } from './contract/requests.ts'
import { describeReveals } from './contract/reveals.ts'
import { describeRivals } from './contract/rivals.ts'
import { describeUsage } from './contract/usage.ts'

export function describeStore(name: string, open: OpenStore): void {
  describe(name, () => {
    describe('records', () => describeRecords(open))
    describe('reveals', () => describeReveals(open))
    describe('codes', () => describeCodes(open))
    describe('endings', () => describeEndings(open))
    describe('log', () => describeLog(open))
    describe('attachments', () => describeAttachments(open))
    describe('outbox', () => describeOutbox(open))
    describe('accounts', () => describeAccounts(open))
    describe('usage', () => describeUsage(open))
    describe('named secrets', () => describeKms(open))
    describe('requests', () => describeRequests(open))
    describe('two writers', () => describeRivals(open))

    describe('this suite', () => {
      const { store } = useStore(open)
      test('has a case of every method', () => {
        expect(Object.keys(store()).filter((method) => !tested.has(method))).toEqual([])
      })
    })
  })
}
