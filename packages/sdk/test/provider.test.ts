import { afterEach, expect, test, vi } from 'vitest'
import { random, webcrypto } from '../src/provider.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.doUnmock('@peculiar/webcrypto')
  vi.resetModules()
})

test('the native WebCrypto comes first', async () => {
  expect(await webcrypto()).toBe(globalThis.crypto)
})

test('without any WebCrypto the error is UNSUPPORTED and says where browsers have it', async () => {
  vi.stubGlobal('crypto', undefined)
  vi.doMock('@peculiar/webcrypto', () => {
    throw new Error('not installed')
  })
  vi.resetModules()
  const provider = await import('../src/provider.ts')
  await expect(provider.webcrypto()).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/https:\/\/ and localhost/) as string,
  })
})

test('a page outside a secure context, whose crypto has no subtle, counts as without', async () => {
  vi.stubGlobal('crypto', { getRandomValues: () => new Uint8Array() })
  vi.resetModules()
  const provider = await import('../src/provider.ts')
  expect((await provider.webcrypto()).subtle).toBeDefined()
})

test('random draws as many bytes as asked, and no two draws alike', async () => {
  const draws = await Promise.all(Array.from({ length: 100 }, () => random(32)))
  expect(draws.every((bytes) => bytes.length === 32)).toBe(true)
  expect(new Set(draws.map(String)).size).toBe(100)
  expect(await random(0)).toHaveLength(0)
})
