import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openContent, openNote, sealContent, sealNote, type Payload } from '../src/protocol/content.ts'
import { b64, unb64, utf8, type Bytes } from '../src/protocol/encoding.ts'
import type { ErrorCode } from '../src/errors.ts'
import { openKmsMeta, openVersion, sealKmsMeta, sealVersion, type VersionParts } from '../src/protocol/kms.ts'
import { deriveKey, rootKey } from '../src/protocol/kms-keys.ts'
import { deriveLink } from '../src/protocol/link.ts'
import { openMeta, sealMeta } from '../src/protocol/owner.ts'
import { random } from '../src/provider.ts'
import type { WireEnvelope } from '../src/wire.ts'
import { bytes, codeOfAsync, key, loneSurrogates, unicode } from './property.arbitraries.ts'

type Field = 'salt' | 'iv' | 'commitment' | 'ciphertext'

const FIELDS: [Field, ErrorCode][] = [
  ['salt', 'WRONG_KEY'],
  ['iv', 'TAMPERED'],
  ['commitment', 'WRONG_KEY'],
  ['ciphertext', 'TAMPERED'],
]

describe('C5: any changed bit is refused before plaintext is handed out', () => {
  const sealed = async () => {
    const keyB = await random(32)
    const passwordKey = await random(32)
    const { slug } = await deriveLink(keyB)
    return { keyB, slug, passwordKey, ...(await sealContent({ keyB, slug, passwordKey, payload: { text: 'hello' } })) }
  }

  test.each(FIELDS)('of the envelope: %s is refused as %s', async (field, code) => {
    const parts = await sealed()
    await everyFlip(unb64(parts.envelope[field]), code, (flipped) =>
      openContent({ ...parts, envelope: { ...parts.envelope, [field]: b64(flipped) } }),
    )
  })

  test.each(['keyA', 'keyB', 'passwordKey'] as const)('of %s is refused as WRONG_KEY', async (name) => {
    const parts = await sealed()
    await everyFlip(parts[name], 'WRONG_KEY', (flipped) => openContent({ ...parts, [name]: flipped }))
  })

  test('another slug is TAMPERED, another version NEWER_VERSION, no version MALFORMED', async () => {
    const parts = await sealed()
    const withVersion = (v: unknown) => codeOfAsync(() => openContent({ ...parts, envelope: { ...parts.envelope, v } }))
    expect(await codeOfAsync(() => openContent({ ...parts, slug: '1111111111111' }))).toBe('TAMPERED')
    for (const v of [0, 2, 3, 5, -1, 1.5]) expect(await withVersion(v)).toBe('NEWER_VERSION')
    for (const v of [undefined, null, '1', true]) expect(await withVersion(v)).toBe('MALFORMED')
  })

  test('a field that is missing, no string, cut, or too long is MALFORMED; a cut ciphertext TAMPERED', async () => {
    const parts = await sealed()
    const withField = (field: Field, value: unknown) =>
      codeOfAsync(() => openContent({ ...parts, envelope: { ...parts.envelope, [field]: value } }))
    for (const [field] of FIELDS) {
      for (const value of [undefined, null, 1, [parts.envelope[field]], `${parts.envelope[field]}=`]) {
        expect(await withField(field, value), field).toBe('MALFORMED')
      }
      const whole = unb64(parts.envelope[field])
      const cut = await withField(field, b64(whole.subarray(1)))
      expect(cut, field).toBe(field === 'ciphertext' ? 'TAMPERED' : 'MALFORMED')
      if (field !== 'ciphertext') expect(await withField(field, b64(Uint8Array.of(...whole, 0)))).toBe('MALFORMED')
    }
    for (const text of ['', 'AA']) expect(await withField('ciphertext', text)).toBe('TAMPERED')
    for (const envelope of [undefined, null, 'x', [], {}]) {
      expect(await codeOfAsync(() => openContent({ ...parts, envelope }))).toBe('MALFORMED')
    }
  })

  test('of a note, its key or its slug is TAMPERED', async () => {
    const keyB = await random(32)
    const note = await sealNote(keyB, 'slug', 'use today')
    await everyFlip(unb64(note), 'TAMPERED', (flipped) => openNote(keyB, 'slug', b64(flipped)))
    await everyFlip(keyB, 'TAMPERED', (flipped) => openNote(flipped, 'slug', note))
    expect(await codeOfAsync(() => openNote(keyB, 'other', note))).toBe('TAMPERED')
    for (const text of ['', 'AAAA', `${note}=`]) {
      expect(await codeOfAsync(() => openNote(keyB, 'slug', text))).toBe('MALFORMED')
    }
  })

  test('of owner metadata, its key or its slug is WRONG_KEY', async () => {
    const workspaceKey = await random(32)
    const meta = await sealMeta(workspaceKey, 'slug', { description: 'Database' })
    await everyFlip(unb64(meta), 'WRONG_KEY', (flipped) => openMeta(workspaceKey, 'slug', b64(flipped)))
    await everyFlip(workspaceKey, 'WRONG_KEY', (flipped) => openMeta(flipped, 'slug', meta))
    expect(await codeOfAsync(() => openMeta(workspaceKey, 'other', meta))).toBe('WRONG_KEY')
  })

  const named = async () => {
    const entry = { entryKey: await random(32), handler: 'aws/s3', version: 1 } satisfies VersionParts
    return { ...entry, ...(await sealVersion({ ...entry, content: utf8('AKIA') })) }
  }

  test.each(FIELDS)('of a named secret: %s is refused as %s', async (field, code) => {
    const parts = await named()
    await everyFlip(unb64(parts.envelope[field]), code, (flipped) =>
      openVersion({ ...parts, envelope: { ...parts.envelope, [field]: b64(flipped) } }),
    )
  })

  test("of a named secret's keys is WRONG_KEY, and so is another handler or version", async () => {
    const parts = await named()
    for (const name of ['keyA', 'entryKey'] as const) {
      await everyFlip(parts[name], 'WRONG_KEY', (flipped) => openVersion({ ...parts, [name]: flipped }))
    }
    const other = await deriveKey(await rootKey(await random(32)), 'aws/s4')
    expect(await codeOfAsync(() => openVersion({ ...parts, entryKey: other, handler: 'aws/s4' }))).toBe('WRONG_KEY')
    expect(await codeOfAsync(() => openVersion({ ...parts, handler: 'aws/s4' }))).toBe('TAMPERED')
    expect(await codeOfAsync(() => openVersion({ ...parts, version: 2 }))).toBe('WRONG_KEY')
  })

  test("of a named secret's metadata, its key or its handler is WRONG_KEY", async () => {
    const entryKey = await random(32)
    const meta = await sealKmsMeta(entryKey, 'a', { name: 'AWS' })
    await everyFlip(unb64(meta), 'WRONG_KEY', (flipped) => openKmsMeta(entryKey, 'a', b64(flipped)))
    await everyFlip(entryKey, 'WRONG_KEY', (flipped) => openKmsMeta(flipped, 'a', meta))
    expect(await codeOfAsync(() => openKmsMeta(entryKey, 'b', meta))).toBe('WRONG_KEY')
  })
})

describe('what is sealed opens, exactly', () => {
  const slug = '1UodmWdHUF4xa'
  const file = fc.record({
    id: bytes({ minLength: 16, maxLength: 16 }).map(b64),
    name: fc.string({ minLength: 3 }).map((name) => `${name.replaceAll(/[/\\]/g, '')}.txt`),
    type: fc.constantFrom('', 'text/plain'),
    size: fc.maxSafeNat(),
  })
  const payload = fc.record(
    { text: unicode, files: fc.uniqueArray(file, { selector: ({ id }) => id, maxLength: 3 }) },
    { requiredKeys: [] },
  )

  test('content: any Unicode text, any files, with and without a password', async () => {
    await fc.assert(
      fc.asyncProperty(key, fc.option(key, { nil: undefined }), payload, async (keyB, passwordKey, payload) => {
        const { keyA, envelope } = await sealContent({ keyB, slug, passwordKey, payload })
        const received = JSON.parse(JSON.stringify(envelope)) as WireEnvelope
        const opened = await openContent({ keyA, keyB, slug, passwordKey, envelope: received })
        expect(opened).toEqual({ files: [], ...payload } satisfies Payload)
      }),
    )
  })

  test('notes and owner metadata: any Unicode text', async () => {
    await fc.assert(
      fc.asyncProperty(key, unicode, async (key, text) => {
        expect(await openNote(key, slug, await sealNote(key, slug, text))).toBe(text)
        const meta = { description: text, note: text, files: [text], fragment: text }
        expect(await openMeta(key, slug, await sealMeta(key, slug, meta))).toEqual(meta)
      }),
    )
  })

  test('named secrets: any bytes, and any Unicode in their metadata', async () => {
    await fc.assert(
      fc.asyncProperty(key, bytes({ maxLength: 600 }), unicode, async (entryKey, content, text) => {
        const entry = { entryKey, handler: 'a/b', version: Number.MAX_SAFE_INTEGER }
        expect(await openVersion({ ...entry, ...(await sealVersion({ ...entry, content })) })).toEqual(content)
        const meta = { name: text, properties: { key: text } }
        expect(await openKmsMeta(entryKey, 'a', await sealKmsMeta(entryKey, 'a', meta))).toEqual(meta)
      }),
    )
  })

  test('text that is not well-formed Unicode is refused, not changed', async () => {
    await fc.assert(
      fc.asyncProperty(key, loneSurrogates, async (key, text) => {
        expect(await codeOfAsync(() => sealContent({ keyB: key, slug, payload: { text } }))).toBe('MALFORMED')
        expect(await codeOfAsync(() => sealNote(key, slug, text))).toBe('MALFORMED')
        expect(await codeOfAsync(() => sealMeta(key, slug, { description: text }))).toBe('MALFORMED')
      }),
    )
  })

  test('the length of what travels tells the padded length alone', async () => {
    const lengths = new Set<number>()
    for (let n = 0; n <= 244; n++) {
      const { envelope } = await sealContent({ keyB: new Uint8Array(32), slug, payload: { text: 'x'.repeat(n) } })
      lengths.add(envelope.ciphertext.length)
    }
    expect(lengths.size).toBe(1)
  })
})

async function everyFlip(whole: Bytes, code: ErrorCode, open: (flipped: Bytes) => Promise<unknown>): Promise<void> {
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = whole.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
    expect(await codeOfAsync(() => open(flipped)), `bit ${bit}`).toBe(code)
  }
}
