import { expect, test } from 'vitest'
import { otp } from '../src/domain/policies/otp.ts'
import { codePolicies, revealPolicies, statusPolicies } from '../src/domain/policies/reveal.ts'

test.each([
  ['a status', statusPolicies],
  ['a code', codePolicies],
])('policies are asked for %s in the order in which a reveal asks them', (_, some) => {
  expect(revealPolicies.filter((policy) => some.includes(policy))).toEqual(
    some.filter((policy) => revealPolicies.includes(policy)),
  )
})

test('a code is asked for through all that a reveal asks for before it', () => {
  expect(revealPolicies.filter((policy) => !codePolicies.includes(policy))).toEqual([otp])
})
