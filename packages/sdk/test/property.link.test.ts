import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HalfkeyError, type ErrorCode } from '../src/errors.ts'
import { deriveLink, formatLink, parseLink } from '../src/protocol/link.ts'
import { codeOfAsync, key } from './property.arbitraries.ts'

const ORIGIN = 'https://secrets.example'
const ALPHABET = Array.from('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz' + '0OIl+/=_-.,%#?& é\u200b\t')

/** A fixed key, so that a failure names its link, and one whose text has runs of equal characters. */
const KEYS = [Uint8Array.from({ length: 32 }, (_, i) => (i * 73 + 11) & 255), new Uint8Array(32).fill(1, 31)]

describe('C2: a truncated, mistyped or foreign link is refused before anything is sent', () => {
  for (const [i, keyB] of KEYS.entries()) {
    const mutations = async () => {
      const { slug } = await deriveLink(keyB)
      return { link: formatLink(ORIGIN, slug, keyB), start: ORIGIN.length + 1, hash: ORIGIN.length + 1 + slug.length }
    }
    const positions = ({ link, start, hash }: Awaited<ReturnType<typeof mutations>>) =>
      Array.from({ length: link.length - start }, (_, i) => start + i).filter((at) => at !== hash)

    test(`every substitution of a character of slug and fragment (key ${i})`, async () => {
      const whole = await mutations()
      for (const at of positions(whole)) {
        for (const char of ALPHABET.filter((char) => char !== whole.link[at])) {
          await refuses(whole.link.slice(0, at) + char + whole.link.slice(at + 1))
        }
      }
    })

    test(`every deletion of a character of slug and fragment (key ${i})`, async () => {
      const whole = await mutations()
      for (const at of positions(whole)) await refuses(whole.link.slice(0, at) + whole.link.slice(at + 1))
    })

    test(`every insertion of a character into slug and fragment (key ${i})`, async () => {
      const whole = await mutations()
      for (const at of positions(whole)) {
        for (const char of '1zA0') await refuses(whole.link.slice(0, at) + char + whole.link.slice(at))
      }
    })

    test(`every transposition of adjacent characters of slug, # and fragment (key ${i})`, async () => {
      const { link, start } = await mutations()
      for (let at = start; at + 1 < link.length; at++) {
        const swapped = link.slice(0, at) + link.charAt(at + 1) + link.charAt(at) + link.slice(at + 2)
        if (swapped !== link) await refuses(swapped)
      }
    })

    test(`every truncation says that the link has no fragment or was cut short (key ${i})`, async () => {
      const { link, hash } = await mutations()
      for (let end = hash; end < link.length; end++) {
        const code = await codeOfAsync(() => parseLink(link.slice(0, end)))
        expect(code, `cut at ${end}`).toBe(end <= hash + 1 ? 'LINK_NO_FRAGMENT' : 'LINK_CUT_SHORT')
      }
    })
  }

  test("another secret's fragment, or another secret's slug", async () => {
    await fc.assert(
      fc.asyncProperty(key, key, async (keyB, other) => {
        fc.pre(Buffer.compare(keyB, other) !== 0)
        const { slug } = await deriveLink(keyB)
        expect(await codeOfAsync(() => parseLink(formatLink(ORIGIN, slug, other)))).toBe('LINK_MISTYPED')
      }),
      { numRuns: 20 },
    )
  })

  test.each<[string, ErrorCode]>([
    ['', 'LINK_NO_FRAGMENT'],
    ['#', 'LINK_NO_FRAGMENT'],
    ['hello', 'LINK_NO_FRAGMENT'],
    ['https://secrets.example/1UodmWdHUF4xa%23', 'LINK_NO_FRAGMENT'],
    ['https://secrets.example/1UodmWdHUF4xa#.', 'LINK_NO_FRAGMENT'],
    ['https://secrets.example/1UodmWdHUF4xa#1', 'LINK_CUT_SHORT'],
    ['https://secrets.example/1UodmWdHUF4xa#z', 'LINK_NEWER_VERSION'],
    ['https://secrets.example/1UodmWdHUF4xa#0', 'LINK_MISTYPED'],
    ['https://secrets.example/1UodmWdHUF4xa##', 'LINK_NO_FRAGMENT'],
    ['https://secrets.example/1UodmWdHUF4xa#1_4CDWtVrmwapkNMR1BcbEbJpGXF1W64zR1EW65jy5vzdG', 'LINK_CUT_SHORT'],
    ['ftp://secrets.example/1UodmWdHUF4xa#14CDWtVrmwapkNMR1BcbEbJpGXF1W64zR1EW65jy5vzdG', 'LINK_MISTYPED'],
    ['javascript:/1UodmWdHUF4xa#14CDWtVrmwapkNMR1BcbEbJpGXF1W64zR1EW65jy5vzdG', 'LINK_MISTYPED'],
    ['/1UodmWdHUF4xa#14CDWtVrmwapkNMR1BcbEbJpGXF1W64zR1EW65jy5vzdG', 'LINK_MISTYPED'],
    ['https://secrets.example/x1UodmWdHUF4xa#14CDWtVrmwapkNMR1BcbEbJpGXF1W64zR1EW65jy5vzdG', 'LINK_MISTYPED'],
    ['https://secrets.example/1UodmWdHUF4xa/x#14CDWtVrmwapkNMR1BcbEbJpGXF1W64zR1EW65jy5vzdG', 'LINK_MISTYPED'],
    ['https://secrets.example/status/1UodmWdHUF4xa', 'LINK_WRONG_KIND'],
  ])('%j is refused as %s', async (link, code) => {
    expect(await codeOfAsync(() => parseLink(link))).toBe(code)
  })
})

test('any key makes a link of letters and digits that gives the key back', async () => {
  await fc.assert(
    fc.asyncProperty(key, fc.constantFrom(ORIGIN, 'http://[::1]:8787', `${ORIGIN}/a/b`), async (keyB, base) => {
      const { slug, access } = await deriveLink(keyB)
      const link = formatLink(base, slug, keyB)
      expect(link.slice(base.length)).toMatch(/^\/[1-9A-HJ-NP-Za-km-z]{13}#[1-9A-HJ-NP-Za-km-z]{45}$/)
      expect(await parseLink(link)).toEqual({ base, slug, keyB, access })
    }),
  )
})

/** What chats and mailers put anywhere: white space, and characters that nobody sees. */
const invisible = fc
  .array(
    fc.constantFrom(' ', '\t', '\r\n', '\n ', '\u00a0', '\u0085', '\u200b', '\u200e', '\u202e', '\ufeff', '\u00ad'),
    {
      maxLength: 3,
    },
  )
  .map((characters) => characters.join(''))

const before = fc.oneof(
  fc.constantFrom('<', '**', '_', '(', '"', 'See ', 'URL:', '«', '[open](', '😀'),
  fc.string({ unit: 'grapheme' }).filter((text) => !/https?:|\/\//i.test(text)),
)
const after = fc
  .tuple(fc.constantFrom('', '>', '**', '_', ')', '"', "'", ').', '»', '。', '%22', '#top', '&#35;'), fc.string())
  .map(([sign, rest]) => (sign === '' ? '' : sign + rest))

const hash = fc.constantFrom('#', '%23', '&#35;', '?utm_source=mail&x=/y#', '/#', '//#', '/?a=b#', '/%23')

test('a link is read whatever chats and mailers have wrapped it in, and gives the key back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        keyB: key,
        before,
        after,
        hash,
        slashes: fc.constantFrom('/', '//', '///'),
        invisible,
        at: fc.nat(),
      }),
      async ({ keyB, before, after, hash, slashes, invisible, at }) => {
        // Section 3 takes %23 for the # only where there is no other.
        fc.pre(!(hash.includes('%23') && after.includes('#')))
        const { slug, access } = await deriveLink(keyB)
        const whole = formatLink(ORIGIN, slug, keyB)
          .replace(`/${slug}`, slashes + slug)
          .replace('#', () => hash)
        const place = at % (whole.length + 1)
        const folded = whole.slice(0, place) + invisible + whole.slice(place)
        expect(await parseLink(before + folded + after)).toEqual({ base: ORIGIN, slug, keyB, access })
      },
    ),
    { numRuns: 300 },
  )
})

test.each(['ask', 'collect', 'status'])(
  'a link of the kind %s is named, whatever else is wrong with it',
  async (kind) => {
    for (const link of [
      `${ORIGIN}/${kind}/1UodmWdHUF4xa#1`,
      `<${ORIGIN}//${kind}//1UodmWdHUF4xa/#>`,
      `${ORIGIN}/${kind}/x`,
    ]) {
      const error: unknown = await parseLink(link).catch((error: unknown) => error)
      expect(error).toMatchObject({ code: 'LINK_WRONG_KIND', details: { kind } })
      expect((error as Error).message).toMatch(new RegExp(`^This is an? ${kind} link`))
    }
  },
)

test('no refusal quotes any of the link', async () => {
  const [keyB = new Uint8Array(32)] = KEYS
  const { slug } = await deriveLink(keyB)
  const link = formatLink(ORIGIN, slug, keyB)
  const fragment = link.slice(link.indexOf('#') + 1)
  const links = [
    link.replace(`#${fragment}`, ''),
    link.slice(0, -1),
    `${link}z`,
    link.replace(/.$/, '0'),
    link.replace('#1', '#2'),
    link.replace(slug, slug.replace(/.$/, '0')),
    link.replace('https', 'ftp'),
  ]
  for (const link of links) {
    const error: unknown = await parseLink(link).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(HalfkeyError)
    const shown = `${inspect(error)} ${JSON.stringify(error)}`
    for (const part of ['secrets.example', slug.slice(0, -1), fragment.slice(1, 12)]) expect(shown).not.toContain(part)
  }
})

async function refuses(link: string): Promise<void> {
  const code = await codeOfAsync(() => parseLink(link))
  expect(code, link).toMatch(/^LINK_/)
}
