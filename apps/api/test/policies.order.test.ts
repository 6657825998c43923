import { expect, test } from 'vitest'
import { codePolicies, revealPolicies, statusPolicies } from '../src/domain/policies/reveal.ts'

test.each([
  ['a status', statusPolicies],
  ['a code', codePolicies],
])('policies are asked for %s in the order in which a reveal asks them', (_, some) => {
  expect(revealPolicies.filter((policy) => some.includes(policy))).toEqual(some)
})
