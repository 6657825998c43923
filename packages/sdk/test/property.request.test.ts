import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { b64, concat, unb64, utf8, type Bytes } from '../src/protocol/encoding.ts'
import { sha256 } from '../src/protocol/keys.ts'
import { deriveLink, formatLink, readLink, type LinkKind } from '../src/protocol/link.ts'
import type { Kem } from '../src/protocol/request-kem.ts'
import {
  checkPublicKey,
  deriveAnswerKey,
  deriveAsk,
  deriveRequest,
  openAnswerKey,
  openRequestNote,
  parseAskLink,
  parseCollectLink,
  sealAnswerKey,
  sealRequestNote,
  type RequestKeys,
} from '../src/protocol/request.ts'
import { random } from '../src/provider.ts'
import { loadKem } from '../src/request/kem.ts'
import { codeOfAsync, key, unicode } from './property.arbitraries.ts'

const ORIGIN = 'https://secrets.example'
const ALPHABET = Array.from('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0OIl+/=_-.,%#?& é\u200b')
/** An ask key of no request, for what needs no KEM. */
const ASK_KEY = Uint8Array.from({ length: 32 }, (_, i) => (i * 73 + 11) & 255)

describe('C2: a truncated, mistyped or foreign ask link is refused before anything is sent', () => {
  const whole = async () => {
    const { slug } = await deriveAsk(ASK_KEY)
    const link = formatLink(ORIGIN, slug, ASK_KEY, 'ask')
    return { link, start: link.indexOf(slug), hash: link.indexOf('#') }
  }
  const refuses = async (link: string) => expect(await codeOfAsync(() => parseAskLink(link)), link).toMatch(/^LINK_/)

  test('every substitution and deletion of a character of slug and fragment', async () => {
    const { link, start, hash } = await whole()
    for (let at = start; at < link.length; at++) {
      if (at === hash) continue
      await refuses(link.slice(0, at) + link.slice(at + 1))
      for (const char of ALPHABET.filter((char) => char !== link[at]))
        await refuses(link.slice(0, at) + char + link.slice(at + 1))
    }
  })

  test('every truncation of the fragment says that it is missing or was cut short', async () => {
    const { link, hash } = await whole()
    for (let end = hash; end < link.length; end++) {
      const code = await codeOfAsync(() => parseAskLink(link.slice(0, end)))
      expect(code, `cut at ${end}`).toBe(end <= hash + 1 ? 'LINK_NO_FRAGMENT' : 'LINK_CUT_SHORT')
    }
  })

  test('no sentence about it speaks of an opening, and every one says that nothing was sent', async () => {
    const { link, hash } = await whole()
    for (const broken of [link.slice(0, hash), link.slice(0, -1), link.replace(/.$/, '0'), link.replace('#1', '#2')]) {
      const error: unknown = await parseAskLink(broken).catch((error: unknown) => error)
      expect((error as Error).message).toContain('Nothing was sent.')
    }
  })

  test.each(['', 'hello', '#', ORIGIN])('%j is refused as what it lacks, not as another kind of link', async (text) => {
    expect(await codeOfAsync(() => parseAskLink(text))).toBe('LINK_NO_FRAGMENT')
  })
})

test('an ask link is read whatever chats and mailers have wrapped it in', async () => {
  const { slug, access } = await deriveAsk(ASK_KEY)
  const link = formatLink(`${ORIGIN}/base`, slug, ASK_KEY, 'ask')
  const forms = [
    `<${link}>`,
    `See ${link}.`,
    `**${link}**`,
    link.replace('#', '%23'),
    link.replace('#', '/#'),
    link.replace('#', '&#35;'),
    link.replace('#', '?utm=x/collect/y#'),
    link.replace('/ask/', '//ask///'),
    `${link.slice(0, 40)}\r\n ${link.slice(40)}`,
    `${link.slice(0, -9)}\u200b${link.slice(-9)})`,
  ]
  for (const form of forms)
    expect(await parseAskLink(form)).toEqual({ base: `${ORIGIN}/base`, slug, askKey: ASK_KEY, access })
})

test('of each two kinds of links, one pasted where the other belongs is named', async () => {
  const { slug } = await deriveAsk(ASK_KEY)
  const kinds: LinkKind[] = ['share', 'ask', 'collect', 'status']
  for (const kind of kinds) {
    const link = formatLink(ORIGIN, slug, ASK_KEY, kind)
    for (const wanted of kinds) {
      if (wanted === kind) {
        expect(readLink(link, wanted)).toEqual({ base: ORIGIN, slug, key: ASK_KEY })
        continue
      }
      const read = () => readLink(link, wanted)
      expect(read).toThrow(new RegExp(`^This is an? ${kind} link.*you need an? ${wanted} link\\.$`))
      expect(await codeOfAsync(() => Promise.resolve().then(read))).toBe('LINK_WRONG_KIND')
    }
  }
})

describe('the text of a request', () => {
  test('any text comes back, under its own request alone', async () => {
    await fc.assert(
      fc.asyncProperty(key, key, unicode, async (askKey, other, text) => {
        fc.pre(b64(askKey) !== b64(other))
        const { slug } = await deriveAsk(askKey)
        const note = await sealRequestNote(askKey, slug, text)
        expect(await openRequestNote(askKey, slug, note)).toBe(text)
        expect(await codeOfAsync(() => openRequestNote(other, slug, note))).toBe('TAMPERED')
        const otherSlug = (await deriveAsk(other)).slug
        expect(await codeOfAsync(() => openRequestNote(askKey, otherSlug, note))).toBe('TAMPERED')
      }),
      { numRuns: 30 },
    )
  })

  test('a request without one is tampered with, an empty one is not', async () => {
    const { slug } = await deriveAsk(ASK_KEY)
    expect(await codeOfAsync(() => openRequestNote(ASK_KEY, slug, null))).toBe('TAMPERED')
    expect(await openRequestNote(ASK_KEY, slug, await sealRequestNote(ASK_KEY, slug, ''))).toBe('')
  })
})

/** The KEM needs the runtime's own WebCrypto; `vectors.test.ts` has the test of what is said where there is none. */
describe.runIf('crypto' in globalThis)("C7: an answer opens only with the request's seed", () => {
  let kem: Kem
  let keys: RequestKeys
  let x: Bytes
  let answer: string
  let sealed: Bytes

  beforeAll(async () => {
    kem = await loadKem()
    keys = await deriveRequest(kem, await random(32))
    x = await random(32)
    answer = (await deriveLink(await deriveAnswerKey(x, keys.askKey))).slug
    sealed = await sealAnswerKey(kem, keys.publicKey, { request: keys.slug, answer }, x)
  })

  const open = (sealedKey: Bytes, more: Partial<RequestKeys> = {}, slug = answer) =>
    codeOfAsync(() => openAnswerKey(kem, { ...keys, ...more }, slug, b64(sealedKey)))

  test('with it, the answer opens, so the tests below test something', async () => {
    expect(await open(sealed)).toBeUndefined()
    expect(b64(await openAnswerKey(kem, keys, answer, b64(sealed)))).toBe(b64(await deriveAnswerKey(x, keys.askKey)))
  })

  test('any seed makes links of letters and digits that give everything back', async () => {
    await fc.assert(
      fc.asyncProperty(key, async (seed) => {
        const made = await deriveRequest(kem, seed)
        const link = formatLink(ORIGIN, made.slug, seed, 'collect')
        expect(link).toMatch(/\/collect\/[1-9A-HJ-NP-Za-km-z]{13}#1[1-9A-HJ-NP-Za-km-z]{44}$/)
        expect(await parseCollectLink(kem, `<${link}>`)).toEqual({ base: ORIGIN, keys: made })
        expect(b64(await checkPublicKey(made.askKey, b64(made.publicKey)))).toBe(b64(made.publicKey))
      }),
      { numRuns: 10 },
    )
  })

  test("a collect link with another request's slug or seed is refused", async () => {
    const other = await deriveRequest(kem, await random(32))
    for (const link of [
      formatLink(ORIGIN, keys.slug, other.seed, 'collect'),
      formatLink(ORIGIN, other.slug, keys.seed, 'collect'),
      formatLink(ORIGIN, keys.slug, keys.askKey, 'collect'),
    ])
      expect(await codeOfAsync(() => parseCollectLink(kem, link))).toBe('LINK_MISTYPED')
  })

  test('no key but its own fits an ask link: any changed bit, any other key, any other length', async () => {
    const check = (publicKey: Bytes) => codeOfAsync(() => checkPublicKey(keys.askKey, b64(publicKey)))
    await fc.assert(
      fc.asyncProperty(fc.nat(1216 * 8 - 1), async (bit) => {
        const changed = keys.publicKey.slice()
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(await check(changed)).toBe('TAMPERED')
      }),
    )
    expect(await check((await deriveRequest(kem, await random(32))).publicKey)).toBe('TAMPERED')
    for (const length of [0, 1184, 1215]) expect(await check(keys.publicKey.slice(0, length))).toBe('MALFORMED')
    expect(await check(concat([keys.publicKey, new Uint8Array(1)]))).toBe('MALFORMED')
  })

  test("every coefficient of a key's ML-KEM part is below 3329, or the key is refused though the link binds it", async () => {
    for (const [i, bytes] of [
      [0, [0x01, 0x0d]],
      [1149, [0x01, 0x0d]],
      [1150, [0x1f, 0xd0]],
    ] as [number, number[]][]) {
      const unreduced = keys.publicKey.slice()
      unreduced.set(bytes, i)
      const r = keys.askKey.slice(0, 16)
      const hash = await sha256(concat([utf8('halfkey/v1 request\0'), r, unreduced]))
      const bound = concat([r, hash.subarray(0, 16)])
      expect(await codeOfAsync(() => checkPublicKey(bound, b64(unreduced))), `at ${i}`).toBe('MALFORMED')
    }
  })

  test('any changed bit of a sealed key is tampered, any other length malformed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1168 * 8 - 1), async (bit) => {
        const changed = sealed.slice()
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(await open(changed)).toBe('TAMPERED')
      }),
      { numRuns: 40 },
    )
    for (const length of [0, 1120, 1167]) expect(await open(sealed.slice(0, length))).toBe('MALFORMED')
    expect(await open(concat([sealed, new Uint8Array(1)]))).toBe('MALFORMED')
  })

  test("neither the ask link nor another request's seed opens it", async () => {
    const other = await deriveRequest(kem, await random(32))
    expect(await open(sealed, { privateKey: other.privateKey })).toBe('TAMPERED')
    expect(await open(sealed, { privateKey: keys.askKey })).toBe('TAMPERED')
  })

  test('whoever lacks the ask link, the server included, makes up no answer', async () => {
    const known = [new Uint8Array(32), keys.collect, keys.accessVerifier, (await deriveAsk(keys.askKey)).access]
    for (const guess of known) {
      const made = await random(32)
      const slug = (await deriveLink(await deriveAnswerKey(made, guess))).slug
      const forged = await sealAnswerKey(kem, keys.publicKey, { request: keys.slug, answer: slug }, made)
      expect(await open(forged, {}, slug)).toBe('TAMPERED')
    }
  })

  test("an answer passes for no other answer, and for no other request's", async () => {
    const other = await deriveRequest(kem, await random(32))
    const slugs = { request: other.slug, answer }
    expect(await open(sealed, {}, '46e7e2SGyBG58')).toBe('TAMPERED')
    expect(await open(sealed, { slug: other.slug })).toBe('TAMPERED')
    // Even one whom somebody with this request's ask link sealed to it for another.
    expect(await open(await sealAnswerKey(kem, keys.publicKey, slugs, x))).toBe('TAMPERED')
    // An ordinary secret, whose link the server's helper knows.
    const keyB = await random(32)
    const ordinary = (await deriveLink(keyB)).slug
    const passedOff = await sealAnswerKey(kem, keys.publicKey, { request: keys.slug, answer: ordinary }, keyB)
    expect(await open(passedOff, {}, ordinary)).toBe('TAMPERED')
  })

  test('a sealed key is no text and no other length of it', async () => {
    for (const not of [undefined, null, 5, '', `${b64(sealed)}=`])
      expect(await codeOfAsync(() => openAnswerKey(kem, keys, answer, not))).toBe('MALFORMED')
    expect(unb64(b64(sealed)).length).toBe(1168)
  })
})
