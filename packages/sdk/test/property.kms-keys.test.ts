/** The tree of keys of named secrets: what each opens, and what of its text is noticed (spec/protocol.md section 8). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { b64, unb64, type Bytes } from '../src/protocol/encoding.ts'
import { KEY_LENGTH } from '../src/protocol/keys.ts'
import { covers, deriveKey, formatKey, isKeyName, parseKey, rootKey } from '../src/protocol/kms-keys.ts'
import { openVersion, sealVersion } from '../src/protocol/kms.ts'
import { random } from '../src/provider.ts'
import { codeOfAsync, key } from './property.arbitraries.ts'

/** Few and alike, so that paths meet, touch and begin with one another. */
const segment = fc.constantFrom('a', 'b', 'ab', 'a.b', 'a-', '0')
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/'))
const name = fc.tuple(path, fc.boolean()).map(([of, isFolder]) => (isFolder ? `${of}/` : of))

/** What section 8 says in words, without the code under test. */
function shouldOpen(keyName: string, handler: string): boolean {
  if (!keyName.endsWith('/')) return keyName === handler
  const folder = keyName.split('/').slice(0, -1)
  return folder.every((one, depth) => handler.split('/')[depth] === one)
}

describe('a key below W', () => {
  test('opens what W seals at and below its folder, or its entry; beside and above nothing', async () => {
    await fc.assert(
      fc.asyncProperty(key, name, path, async (workspaceKey, keyName, handler) => {
        const root = await rootKey(workspaceKey)
        const held = await parseKey(await formatKey(root, keyName))
        const entry = { handler, version: 1 }
        const content = new Uint8Array([1, 2, 3])
        const sealed = await sealVersion({ ...entry, entryKey: await deriveKey(root, handler), content })
        const open = async () => openVersion({ ...entry, entryKey: await deriveKey(held, handler), ...sealed })
        expect(covers(held, handler)).toBe(shouldOpen(keyName, handler))
        if (shouldOpen(keyName, handler)) expect(await open()).toEqual(content)
        else expect(await codeOfAsync(open)).toBe('KEY_NOT_COVERING')
      }),
    )
  })

  test('gives the keys below it as W gives them, and none beside or above', async () => {
    await fc.assert(
      fc.asyncProperty(key, name, name, async (workspaceKey, keyName, wanted) => {
        const root = await rootKey(workspaceKey)
        const held = await parseKey(await formatKey(root, keyName))
        const isBelow = wanted.endsWith('/')
          ? keyName === wanted || (keyName.endsWith('/') && shouldOpen(keyName, wanted.slice(0, -1)))
          : shouldOpen(keyName, wanted)
        if (isBelow) expect(await formatKey(held, wanted)).toBe(await formatKey(root, wanted))
        else expect(await codeOfAsync(() => formatKey(held, wanted))).toBe('KEY_NOT_COVERING')
      }),
    )
  })

  test('differs from every other key of the tree, so that none opens by chance what another seals', async () => {
    const root = await rootKey(await random(KEY_LENGTH))
    const segments = ['a', 'b', 'ab', 'a.b']
    const paths = segments.flatMap((one) => [one, ...segments.map((other) => `${one}/${other}`)])
    const keys = await Promise.all(paths.flatMap((of) => [deriveKey(root, of), deriveKey(root, `${of}/`)]))
    expect(new Set([...keys, root.key as Bytes].map(b64)).size).toBe(2 * paths.length + 1)
  })

  test('is never made of what isn’t a handler or its folder: not of W itself, nor of K()', async () => {
    const root = await rootKey(new Uint8Array(32))
    for (const wrong of ['', '/', 'a//', '/a', 'a//b', 'A', 'a/../b', 'a:', 'a\n', `${'a'.repeat(129)}/`]) {
      expect(isKeyName(wrong), wrong).toBe(false)
      expect(await codeOfAsync(() => formatKey(root, wrong)), wrong).toBe('VALIDATION_ERROR')
    }
    for (const right of ['a', 'a/', 'a/b', `${'a'.repeat(128)}/`]) expect(isKeyName(right), right).toBe(true)
  })
})

describe('the text of a key', () => {
  const given = async (keyName = 'orders/') => formatKey(await rootKey(await random(KEY_LENGTH)), keyName)
  const codeFor = (text: string) => codeOfAsync(() => parseKey(text))

  test('with any of its characters changed is refused', async () => {
    const text = await given()
    const alphabet = 'ABCabc019-_'
    for (let at = text.indexOf(':') + 2; at < text.length; at++)
      for (const other of Array.from(alphabet).filter((character) => character !== text[at])) {
        const code = await codeFor(text.slice(0, at) + other + text.slice(at + 1))
        // The last character's low bits are none of the value's.
        expect(['KEY_MISTYPED', ...(at === text.length - 1 ? ['MALFORMED'] : [])], `${at} ${other}`).toContain(code)
      }
  })

  test('with any bit of key, check value or sum changed is KEY_MISTYPED', async () => {
    const text = await given()
    const bytes = unb64(text.slice(text.indexOf(':') + 2))
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect(await codeFor(`orders/:1${b64(flipped)}`), `bit ${bit}`).toBe('KEY_MISTYPED')
    }
  })

  test('under another name, or as another kind of key, is KEY_MISTYPED', async () => {
    const text = (await given('orders/db')).slice('orders/db'.length)
    for (const other of ['orders/db/', 'orders/', 'orders', 'orders/d', 'orders/dc', 'orders.db'])
      expect(await codeFor(other + text), other).toBe('KEY_MISTYPED')
    expect(await codeFor(`orders/db${text}`)).toBeUndefined()
  })

  test('cut anywhere after its name is KEY_CUT_SHORT, and longer MALFORMED', async () => {
    const text = await given()
    for (let end = text.indexOf(':') + 1; end < text.length; end++)
      expect(await codeFor(text.slice(0, end)), `${end}`).toBe('KEY_CUT_SHORT')
    for (const more of ['A', '\n', ' ', '=', '\u{1f511}']) expect(await codeFor(text + more)).toBe('MALFORMED')
  })

  test('is told apart in the order of section 8 where several things are wrong', async () => {
    const text = await given()
    const digits = text.slice(text.indexOf(':') + 2)
    // A malformed name before all else.
    for (const rest of [`2${digits}`, '1', `1${digits}A`]) expect(await codeFor(`Orders/:${rest}`)).toBe('MALFORMED')
    // A newer version before its length and characters.
    for (const rest of ['2', '2+', `2${digits}A`, `z${digits}`])
      expect(await codeFor(`orders/:${rest}`)).toBe('KEY_NEWER_VERSION')
    // What is no base-58 digit is no version: then the length counts, and only then the characters.
    for (const rest of ['0', 'l', 'I', 'O', '+', '1+'])
      expect(await codeFor(`orders/:${rest}`), rest).toBe('KEY_CUT_SHORT')
    for (const rest of [`0${digits}`, `:${digits}`, `1+${digits.slice(1)}`, `1${digits.slice(1)}\u{1f511}`])
      expect(await codeFor(`orders/:${rest}`), rest).toBe('MALFORMED')
    for (const none of ['', ':', 'orders/', digits]) expect(await codeFor(none), none).toBe('MALFORMED')
  })

  test('is in no message of its refusals', async () => {
    const text = await given()
    const digits = text.slice(text.indexOf(':') + 2)
    for (const wrong of [text.slice(0, -1), `${text}A`, text.replace('orders', 'orderz'), `orders/:2${digits}`]) {
      const error = await parseKey(wrong).catch((refusal: unknown) => refusal as Error)
      expect(error).toBeInstanceOf(Error)
      expect((error as Error).message).not.toContain(digits.slice(0, 8))
    }
  })
})
