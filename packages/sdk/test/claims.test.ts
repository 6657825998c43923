import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { openContent, sealContent, sealNote } from '../src/protocol/content.ts'
import { b64, concat, unb64, utf8, type Bytes } from '../src/protocol/encoding.ts'
import { HalfkeyError } from '../src/errors.ts'
import { contentIkm, deriveContentKeys, hkdf, stretchPassword, verifierOf } from '../src/protocol/keys.ts'
import { sealKmsMeta, sealVersion } from '../src/protocol/kms.ts'
import { deriveLink } from '../src/protocol/link.ts'
import { sealMeta } from '../src/protocol/owner.ts'
import { sealRequestNote } from '../src/protocol/request.ts'
import { random, webcrypto } from '../src/provider.ts'

describe("C4: without the link the server can't test password guesses", () => {
  const password = 'correct horse'

  /** All that a server ever holds of a secret, its password proof included. */
  async function share() {
    const keyB = await random(32)
    const { slug, access, accessVerifier } = await deriveLink(keyB)
    const { proof, key } = await stretchPassword(password, keyB, slug)
    const { keyA, envelope } = await sealContent({ keyB, slug, passwordKey: key, payload: { text: 'x' } })
    const server = { slug, access, accessVerifier, keyA, envelope, proof, passwordVerifier: await verifierOf(proof) }
    return { keyB, server }
  }

  /** One guess, by section 4 word for word but for the salt. */
  async function guess(salt: Bytes, slug: string) {
    const { subtle } = await webcrypto()
    const base = await subtle.importKey('raw', utf8(password), 'PBKDF2', false, ['deriveBits'])
    const pbkdf2 = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 600_000 }
    const derive = await hkdf(new Uint8Array(await subtle.deriveBits(pbkdf2, base, 256)))
    const proof = await derive(slug, 'halfkey/v1 password proof')
    return { verifier: b64(await verifierOf(proof)), key: await derive(slug, 'halfkey/v1 password key') }
  }

  const saltFrom = async (ikm: Bytes, slug: string) => (await hkdf(ikm))(slug, 'halfkey/v1 password salt')

  test('the right guess, salted with or from anything the server holds, matches nothing it holds', async () => {
    const { server } = await share()
    const { slug, envelope, keyA, passwordVerifier } = server
    const known = {
      nothing: new Uint8Array(32),
      keyA,
      access: server.access,
      accessVerifier: server.accessVerifier,
      salt: unb64(envelope.salt),
      commitment: unb64(envelope.commitment),
      passwordProof: server.proof,
      passwordVerifier,
    }
    for (const [name, value] of Object.entries(known)) {
      for (const salt of [value, utf8(b64(value)), await saltFrom(value, slug)]) {
        const { verifier, key } = await guess(salt, slug)
        expect(verifier, name).not.toBe(b64(passwordVerifier))
        const { commitment } = await deriveContentKeys(contentIkm(keyA, value, key), unb64(envelope.salt))
        expect(b64(commitment), name).not.toBe(envelope.commitment)
      }
    }
    expect((await guess(utf8(slug), slug)).verifier).not.toBe(b64(passwordVerifier))
  })

  test('with the link the same guess succeeds, so the test above tests something', async () => {
    const { keyB, server } = await share()
    const { verifier, key } = await guess(await saltFrom(keyB, server.slug), server.slug)
    expect(verifier).toBe(b64(server.passwordVerifier))
    const ikm = contentIkm(server.keyA, keyB, key)
    expect(b64((await deriveContentKeys(ikm, unb64(server.envelope.salt))).commitment)).toBe(server.envelope.commitment)
  })

  test('the same password under two links has unrelated proofs and keys, even for one slug', async () => {
    const [one, two] = await Promise.all(
      [await random(32), await random(32)].map((keyB) => stretchPassword(password, keyB, '1UodmWdHUF4xa')),
    )
    const values = [one, two].flatMap((stretched) => (stretched ? [b64(stretched.proof), b64(stretched.key)] : []))
    expect(new Set(values).size).toBe(4)
  })

  test('a server that says there is no password gets WRONG_KEY out of the reader, and so nothing to test', async () => {
    const { keyB, server } = await share()
    const opening = openContent({ keyA: server.keyA, keyB, slug: server.slug, envelope: server.envelope })
    await expect(opening).rejects.toMatchObject({ code: 'WRONG_KEY' })
  })
})

describe('randomness', () => {
  test('no key and iv ever meet twice, identical inputs included', async () => {
    const { subtle } = await webcrypto()
    const rawKeys = new Map<CryptoKey, Bytes>()
    const used: string[] = []
    const importKey = subtle.importKey.bind(subtle)
    const encrypt = subtle.encrypt.bind(subtle)
    vi.spyOn(subtle, 'importKey').mockImplementation(async (...args: unknown[]) => {
      const key = await importKey(...(args as Parameters<typeof importKey>))
      rawKeys.set(key, args[1] as Bytes)
      return key
    })
    vi.spyOn(subtle, 'encrypt').mockImplementation((algorithm, key, data) => {
      used.push(b64(concat([rawKeys.get(key) ?? new Uint8Array(), (algorithm as AesGcmParams).iv as Bytes])))
      return encrypt(algorithm, key, data)
    })

    const keyB = new Uint8Array(32)
    const slug = '3o96QakHVUfuD'
    const entry = { entryKey: keyB, handler: 'a', version: 1, content: new Uint8Array() }
    for (let i = 0; i < 200; i++) {
      await Promise.all([
        sealContent({ keyB, slug, payload: {} }),
        sealContent({ keyB, slug, payload: { text: '' } }),
        sealNote(keyB, slug, ''),
        sealMeta(keyB, slug, {}),
        sealVersion(entry),
        sealKmsMeta(keyB, 'a', {}),
        sealRequestNote(keyB, slug, ''),
      ])
    }
    vi.restoreAllMocks()

    expect(used).toHaveLength(1400)
    expect(used.every((pair) => unb64(pair).length === 32 + 12)).toBe(true)
    expect(new Set(used).size).toBe(used.length)
    expect(new Set(used.map((pair) => b64(unb64(pair).subarray(32)))).size).toBe(used.length)
  })

  test('two seals of the same share no keyA, salt, iv, commitment or ciphertext', async () => {
    const parts = { keyB: new Uint8Array(32), slug: '3o96QakHVUfuD', payload: { text: 'same' } }
    const [one, two] = await Promise.all([sealContent(parts), sealContent(parts)])
    const values = [one, two].flatMap(({ keyA, envelope: { salt, iv, commitment, ciphertext } }) => [
      b64(keyA),
      salt,
      iv,
      commitment,
      ciphertext,
    ])
    expect(new Set(values).size).toBe(10)
  })

  test('is drawn in provider.ts alone', () => {
    const folder = new URL('../src/', import.meta.url)
    /** Without the lines of docstrings, whose examples draw for the caller. */
    const codeOf = (name: string) => readFileSync(new URL(name, folder), 'utf8').replace(/^ +\* .*$/gm, '')
    const drawing = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && /getRandomValues|randomBytes|randomUUID/.test(codeOf(name)),
    )
    expect(drawing).toEqual(['provider.ts'])
  })
})

describe('passwords', () => {
  const keyB = new Uint8Array(32)
  const slug = '3o96QakHVUfuD'
  const proofAndKey = async (password: string) => {
    const { proof, key } = await stretchPassword(password, keyB, slug)
    return [b64(proof), b64(key)]
  }

  test('any two of the same length differ in proof and key, in all planes of Unicode', async () => {
    const planes = Array.from({ length: 17 }, (_, plane) => String.fromCodePoint(plane * 0x10000 + 0x4e00))
    const sameLowByte = ['пароль', '?0@>;L'] // U+043F and U+003F, U+0430 and U+0030, …
    const others = ['a', 'A', ' ', 'ａ', 'ﬁ', 'a ', ' a']
    const passwords = [...planes, ...sameLowByte, ...others]
    const values = (await Promise.all(passwords.map(proofAndKey))).flat()
    expect(new Set(values).size).toBe(passwords.length * 2)
  })

  test('one is the same however its accents are composed', async () => {
    expect(await proofAndKey('Ame\u0301lie \u1112\u1161\u11ab')).toEqual(await proofAndKey('Am\u00e9lie \ud55c'))
  })

  test.each([
    ['empty', ''],
    ['1025 bytes', 'x'.repeat(1025)],
    ['1025 bytes, though fewer characters', 'é'.repeat(512) + 'x'],
    ['over 1024 bytes after NFC, though 1024 before', '\u0958'.repeat(171).padEnd(682, 'x')],
    ['U+0000', 'a\0'],
    ['a line end', 'secret\n'],
    ['U+007F', '\u007f'],
    ['U+0085', '\u0085'],
    ['a lone surrogate', '\ud83d'],
    ['two problems', '\ud83d\t'],
  ])('%s is refused, with all that one must be', async (_, password) => {
    const error: unknown = await stretchPassword(password, keyB, slug).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(HalfkeyError)
    expect(error).toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { password: ['must be 1 to 1024 bytes of well-formed Unicode text without control characters'] },
    })
  })

  test('1 and 1024 bytes after NFC are taken, white space and all', async () => {
    const passwords = [' ', 'x'.repeat(1024), 'e\u0301'.repeat(512), '\u200d\u00ad']
    expect(new Set((await Promise.all(passwords.map(proofAndKey))).flat()).size).toBe(passwords.length * 2)
  })
})
