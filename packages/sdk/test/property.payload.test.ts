import { describe, expect, test } from 'vitest'
import { openContent, sealContent, sealContentWith } from '../src/protocol/content.ts'
import { b64, utf8, type Bytes } from '../src/protocol/encoding.ts'
import type { ErrorCode } from '../src/errors.ts'
import { checkHandler, checkVersion, openKmsMeta, sealKmsMetaWith } from '../src/protocol/kms.ts'
import { openMeta, parseWorkspaceKey, sealMetaWith } from '../src/protocol/owner.ts'
import { codeOf, codeOfAsync } from './property.arbitraries.ts'

const keys = { keyA: new Uint8Array(32), keyB: new Uint8Array(32), slug: '3o96QakHVUfuD' }
const id = b64(new Uint8Array(16))
const file = { id, name: 'a.txt', type: 'text/plain', size: 1 }
const idOf = (n: number) => b64(new Uint8Array(16).fill(n))

/** What a reader makes of a payload from a sender that follows no rules. */
async function open(json: string | Bytes) {
  const payload = typeof json === 'string' ? utf8(json) : json
  const envelope = await sealContentWith({ ...keys, salt: new Uint8Array(32), iv: new Uint8Array(12), payload })
  return openContent({ ...keys, envelope })
}

describe('a hostile payload', () => {
  test.each<[string, unknown]>([
    ['an array', []],
    ['text that is no string', { text: 1 }],
    ['text that is null', { text: null }],
    ['files that are no array', { files: { 0: file } }],
    ['a file that is no object', { files: ['a'] }],
    ['an id that is no string', { files: [{ ...file, id: 1 }] }],
    ['an id of 15 bytes', { files: [{ ...file, id: b64(new Uint8Array(15)) }] }],
    ['an id of 17 bytes', { files: [{ ...file, id: b64(new Uint8Array(17)) }] }],
    ['an id with padding', { files: [{ ...file, id: `${id}==` }] }],
    ['an id with non-zero trailing bits', { files: [{ ...file, id: id.replace(/.$/, 'B') }] }],
    ['an id twice', { files: [file, { ...file, name: 'b.txt' }] }],
    ['a negative size', { files: [{ ...file, size: -1 }] }],
    ['a fractional size', { files: [{ ...file, size: 1.5 }] }],
    ['a size of 2^53', { files: [{ ...file, size: 2 ** 53 }] }],
    ['a size that is a string', { files: [{ ...file, size: '1' }] }],
    ['no size', { files: [{ ...file, size: undefined }] }],
    ['a name that is no string', { files: [{ ...file, name: null }] }],
    ['a type that is no string', { files: [{ ...file, type: {} }] }],
    ['101 files', { files: Array.from({ length: 101 }, (_, n) => ({ ...file, id: idOf(n) })) }],
    ['text and bytes together', { text: 'a', bytes: 'AP8' }],
    ['empty text and bytes together', { text: '', bytes: '' }],
    ['bytes that are no string', { bytes: [0, 255] }],
    ['bytes that are null', { bytes: null }],
    ['bytes with padding', { bytes: 'AP8=' }],
    ['bytes with non-zero trailing bits', { bytes: 'AP9' }],
    ['over 1 MiB', { text: 'x'.repeat(2 ** 20 - '{"text":""}'.length + 1) }],
  ])('with %s is MALFORMED', async (_, payload) => {
    expect(await codeOfAsync(() => open(JSON.stringify(payload)))).toBe('MALFORMED')
  })

  test('that is not JSON, or not UTF-8, is MALFORMED', async () => {
    for (const json of ['', 'x', '{"text":"a"', '{"text":"\\ud800"}', Uint8Array.of(0x7b, 0xff, 0x7d)]) {
      expect(await codeOfAsync(() => open(json))).toBe('MALFORMED')
    }
  })

  test('at its limits is opened: 1 MiB, 100 files, sizes 0 and 2^53−1', async () => {
    const text = 'x'.repeat(2 ** 20 - '{"text":""}'.length)
    expect((await open(JSON.stringify({ text }))).text === text).toBe(true)
    const files = Array.from({ length: 100 }, (_, n) => ({
      ...file,
      id: idOf(n),
      size: n ? Number.MAX_SAFE_INTEGER : 0,
    }))
    expect(await open(JSON.stringify({ files }))).toEqual({ files })
  })

  test('with bytes at its limit is opened to the byte', async () => {
    const bytes = Uint8Array.from({ length: 786_423 }, (_, i) => i * 7)
    const opened = await open(JSON.stringify({ bytes: b64(bytes) }))
    expect(opened.text).toBeUndefined()
    expect(Buffer.compare(opened.bytes ?? new Uint8Array(), bytes)).toBe(0)
  })

  test('keeps only the known members', async () => {
    const json = `{"text":"a","__proto__":{"x":1},"more":[],"files":[${JSON.stringify({ ...file, path: '/etc' })}]}`
    expect(await open(json)).toStrictEqual({ text: 'a', files: [file] })
  })

  test.each([
    ['../../.ssh/authorized_keys', 'authorized_keys'],
    ['C:\\Windows\\system.ini', 'system.ini'],
    ['a/b\\c', 'c'],
    ['..\u0000', 'file'],
    ['.\n.', 'file'],
    ['..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    ['dir/', 'file'],
    ['\u0007b\u0085e\u007fll', 'bell'],
    ['.bashrc', '.bashrc'],
    ['Überweisung 漢字.pdf', 'Überweisung 漢字.pdf'],
  ])("a file's name %j is kept as %j", async (name, kept) => {
    const { files } = await open(JSON.stringify({ files: [{ ...file, name }] }))
    expect(files[0]?.name).toBe(kept)
  })
})

describe('a sender never seals what a reader refuses', () => {
  const seal = (payload: Parameters<typeof sealContent>[0]['payload']) =>
    codeOfAsync(() => sealContent({ ...keys, payload }))

  test('1 MiB of payload is sealed, one byte more is PAYLOAD_TOO_LARGE', async () => {
    const room = 2 ** 20 - '{"text":""}'.length
    expect(await seal({ text: 'x'.repeat(room) })).toBeUndefined()
    expect(await seal({ text: 'x'.repeat(room + 1) })).toBe('PAYLOAD_TOO_LARGE')
  })

  test('wrong files are MALFORMED', async () => {
    expect(await seal({ files: [file, file] })).toBe('MALFORMED')
    expect(await seal({ files: [{ ...file, size: Number.NaN }] })).toBe('MALFORMED')
  })
})

describe('keys of the wrong length are MALFORMED, so no two sets of keys join to the same bytes', () => {
  test.each(['keyA', 'keyB', 'passwordKey'])('%s', async (name) => {
    const { keyA, envelope } = await sealContent({ ...keys, payload: {} })
    for (const length of [0, 31, 33]) {
      const wrong = { ...keys, keyA, [name]: new Uint8Array(length), envelope }
      expect(await codeOfAsync(() => openContent(wrong))).toBe('MALFORMED')
    }
  })
})

describe('metadata that was sealed but is not as the protocol has it', () => {
  const key = new Uint8Array(32)
  const iv = new Uint8Array(12)
  const openOwner = async (json: string) => openMeta(key, 's', await sealMetaWith(iv, key, 's', utf8(json)))
  const openKms = async (json: string) => openKmsMeta(key, 'h', await sealKmsMetaWith(iv, key, 'h', utf8(json)))

  test.each(['[]', '{"description":1}', '{"note":null}', '{"fragment":[]}', '{"files":"a"}', '{"files":[1]}'])(
    "owner's %s is MALFORMED",
    async (json) => {
      expect(await codeOfAsync(() => openOwner(json))).toBe('MALFORMED')
    },
  )

  test.each(['[]', '{"name":1}', '{"properties":[]}', '{"properties":null}'])(
    'named secret %s is MALFORMED',
    async (json) => {
      expect(await codeOfAsync(() => openKms(json))).toBe('MALFORMED')
    },
  )

  test('keeps only the known members', async () => {
    expect(await openOwner('{"more":1,"note":"n"}')).toStrictEqual({ note: 'n' })
    expect(await openKms('{"more":1,"name":"n"}')).toStrictEqual({ name: 'n' })
  })
})

describe('what names a secret is validated before anything is sealed', () => {
  const VALIDATION_ERROR: ErrorCode = 'VALIDATION_ERROR'

  test.each(['a', 'aws-s3-prod', 'a/b.c_d-0', '0/1', 'a'.repeat(128), 'a.', 'a-/b'])(
    'handler %j is taken',
    (handler) => {
      expect(codeOf(() => checkHandler(handler))).toBeUndefined()
    },
  )

  test.each(['', '/', 'a/', '/a', 'a//b', 'A', 'a b', '.a', '-a', 'a/.b', 'a/..', 'é', 'a\n', 'a\0', 'a'.repeat(129)])(
    'handler %j is refused',
    (handler) => {
      expect(codeOf(() => checkHandler(handler))).toBe(VALIDATION_ERROR)
    },
  )

  test('a version is an integer from 1 to 2^53−1', () => {
    for (const version of [1, 2, Number.MAX_SAFE_INTEGER]) expect(codeOf(() => checkVersion(version))).toBeUndefined()
    for (const version of [0, -1, 1.5, 2 ** 53, Number.NaN, Infinity]) {
      expect(codeOf(() => checkVersion(version))).toBe(VALIDATION_ERROR)
    }
  })

  test('a workspace key is 32 bytes as b64', () => {
    const text = b64(new Uint8Array(32).fill(7))
    expect(parseWorkspaceKey(text)).toEqual(new Uint8Array(32).fill(7))
    for (const wrong of ['', text.slice(1), `${text}A`, `${text}=`, ` ${text}`, text.replace(/.$/, '_')]) {
      expect(codeOf(() => parseWorkspaceKey(wrong))).toBe(VALIDATION_ERROR)
    }
  })
})
