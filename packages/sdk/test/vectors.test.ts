import { describe, expect, test } from 'vitest'
import { conformance } from './conformance.ts'
import { readVectors } from './vectors.ts'

describe(`Node ${process.versions.node}: the protocol's vectors reproduce`, () => {
  for (const { name, run } of conformance(readVectors())) {
    test(name, async () => {
      await expect(run()).resolves.toBeUndefined()
    })
  }
})
