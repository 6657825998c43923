import { b58, deriveLink, unb58, type Bytes } from '@halfkey/sdk/parts'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { deriveKeyB, deriveManageKey, formatMetadataKey, formatSecretKey, openMetadataKey } from '../src/keys.ts'

interface Vectors {
  cases: Record<
    | 'secretKeyBytes'
    | 'secretKey'
    | 'keyB'
    | 'slug'
    | 'fragment'
    | 'seed'
    | 'metadataKey'
    | 'manageKey'
    | 'manageVerifier',
    string
  >[]
  refused: { why: string; key: string }[]
}

const file = new URL('../../../spec/vectors/bridge.json', import.meta.url)
const { cases, refused } = JSON.parse(readFileSync(file, 'utf8')) as Vectors

const bytes = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array | null | undefined): string => Buffer.from(value ?? []).toString('hex')

describe('the vectors reproduce', () => {
  test.each(cases.map((vector, i) => [i, vector] as const))('secret key %i', async (_, vector) => {
    expect(formatSecretKey(bytes(vector.secretKeyBytes))).toBe(vector.secretKey)
    const keyB = await deriveKeyB(vector.secretKey)
    expect(hex(keyB)).toBe(vector.keyB)
    expect((await deriveLink(keyB as Bytes)).slug).toBe(vector.slug)
    expect(`1${b58(keyB as Bytes, 44)}`).toBe(vector.fragment)
  })

  test.each(cases.map((vector, i) => [i, vector] as const))('metadata key %i', async (_, vector) => {
    expect(formatMetadataKey(vector.slug, bytes(vector.seed))).toBe(vector.metadataKey)
    const opened = await openMetadataKey(vector.metadataKey)
    expect(opened?.slug).toBe(vector.slug)
    expect(hex(opened?.manageKey)).toBe(vector.manageKey)
    expect(hex(await deriveManageKey(vector.slug, bytes(vector.seed)))).toBe(vector.manageKey)
    expect(createHash('sha256').update(bytes(vector.manageKey)).digest('hex')).toBe(vector.manageVerifier)
  })

  test.each(refused.map(({ why, key }) => [why, key]))('no key: %s', async (_, key) => {
    expect(await deriveKeyB(key)).toBeNull()
    expect(await openMetadataKey(key)).toBeNull()
  })
})

describe('a key', () => {
  test('is always 31 letters and digits', () => {
    for (let i = 0; i < 500; i++) {
      const key = formatSecretKey(new Uint8Array(randomBytes(23)))
      expect(key).toMatch(/^[A-Za-z0-9]{31}$/)
    }
  })

  test('has one spelling: every other character in it makes another key or none', async () => {
    const key = formatSecretKey(new Uint8Array(randomBytes(23)))
    const keyB = hex(await deriveKeyB(key))
    for (let i = 0; i < key.length; i++) {
      const other = key.slice(0, i) + (key[i] === 'a' ? 'b' : 'a') + key.slice(i + 1)
      const derived = await deriveKeyB(other)
      if (derived) expect(hex(derived)).not.toBe(keyB)
    }
  })

  test('of a receipt gives no key of the secret, nor that one any of the receipt', async () => {
    const secretKey = formatSecretKey(new Uint8Array(randomBytes(23)))
    const keyB = (await deriveKeyB(secretKey)) as Bytes
    const { slug } = await deriveLink(keyB)
    const metadataKey = formatMetadataKey(slug, new Uint8Array(randomBytes(14)))
    expect(hex(await deriveKeyB(metadataKey))).not.toBe(hex(keyB))
    expect((await openMetadataKey(secretKey))?.slug).not.toBe(slug)
    expect(unb58(slug, 13, 9)).not.toBeNull()
  })
})
