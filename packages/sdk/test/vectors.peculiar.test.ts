import { Crypto } from '@peculiar/webcrypto'
import { expect, test } from 'vitest'
import { webcrypto } from '../src/provider.ts'

test('without native WebCrypto the provider is @peculiar/webcrypto', async () => {
  expect('crypto' in globalThis).toBe(false)
  expect(await webcrypto()).toBeInstanceOf(Crypto)
})
