/** The own page in each of its languages. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { LANGUAGES, type Language } from '../src/i18n/language.ts'
import { words as ar } from '../src/own/words/ar.ts'
import { words as de } from '../src/own/words/de.ts'
import { words as en } from '../src/own/words/en.ts'
import { words as es } from '../src/own/words/es.ts'
import { words as fr } from '../src/own/words/fr.ts'
import { words as ja } from '../src/own/words/ja.ts'
import { words as zh } from '../src/own/words/zh.ts'
import type { OwnWords } from '../src/own/page.ts'
import { PARTS, type PartName } from '../src/own/route.ts'
import { glance, overflow } from './inspect.ts'
import { openOwnStage, type OwnStage } from './own.ts'
import { holds } from './stage.ts'

const catalogues: Record<Language, OwnWords> = { en, de, fr, es, ar, zh, ja }
const languages = Object.keys(LANGUAGES) as Language[]

let stage: OwnStage

beforeAll(async () => {
  stage = await openOwnStage()
  const { keeper, client } = stage
  const { shareUrl } = await keeper.createSecret('text', {
    description: 'Zugang — دخول — アクセス',
    password: 'x',
    views: 2,
  })
  await (await client.openLink(shareUrl)).reveal({ password: 'x' })
  await keeper.kms.put('prod/db', 'value', { name: 'Orders', rotateAfter: 86_400 })
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

/** Every sentence of a catalogue with the way to it; those with parameters with these filled in. */
function sentencesOf(entry: unknown, path: string, given: string[] | number[]): [string, unknown][] {
  if (typeof entry === 'function') return [[path, (entry as (...args: unknown[]) => string)(...given)]]
  if (typeof entry !== 'object' || entry === null) return [[path, entry]]
  return Object.entries(entry).flatMap(([key, inner]) => sentencesOf(inner, `${path}/${key}`, given))
}

/** That name a number in words, or not at all, where there are few. */
const COUNTED = /withFiles|daysTitle|everyDays|madeRevoked|madeStillWork/

describe('a catalogue', () => {
  test.each(languages)('of %s has no empty sentence, and fills in every parameter', (language) => {
    const filled = ['⟨1⟩', '⟨2⟩', '⟨3⟩']
    const english = new Map(sentencesOf(en, '', filled))
    for (const [path, sentence] of sentencesOf(catalogues[language], '', filled)) {
      if (COUNTED.test(path)) continue
      const parameters = (text: unknown) => String(text).match(/⟨\d⟩/g)?.sort()
      expect([path, parameters(sentence)]).toEqual([path, parameters(english.get(path))])
      expect([path, sentence]).not.toEqual([path, ''])
    }
    for (const count of [1, 2, 3, 11, 100]) {
      for (const [path, sentence] of sentencesOf(catalogues[language], '', [count])) {
        if (!COUNTED.test(path)) continue
        expect([path, sentence]).toEqual([path, expect.stringMatching(/\S/)])
        expect(sentence).not.toContain('undefined')
        if (count > 2) expect(sentence).toContain(String(count))
      }
    }
  })
})

const go = (page: Page, words: OwnWords, part: PartName) =>
  page.getByRole('link', { name: words.parts[part], exact: true }).click()

describe('the browser’s language', () => {
  test.each(languages)('%s is spoken in every part, alone loaded, and written in its direction', async (language) => {
    const words = catalogues[language]
    const loaded: string[] = []
    const page = await stage.newPage({ locale: language })
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
    await page.goto(`${stage.url}/app`)
    await page.getByRole('button', { name: words.enter, exact: true }).waitFor()
    expect(await page.title()).toBe(words.documentTitle)
    expect(await page.getAttribute('html', 'dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
    // The second holds what the page's words and an answer's share, which are loaded when one is looked at.
    const catalogue = expect.stringContaining(`/${language}-`) as string
    expect(loaded.filter((name) => /\/[a-z]{2}-/.test(name))).toEqual([catalogue, catalogue])
    await glance(page, `own/sign-in-${language}`)

    await stage.enter(page)
    await page.setViewportSize({ width: 320, height: 640 })
    for (const part of PARTS) {
      await go(page, words, part)
      await page.getByRole('heading', { level: 1, name: words.parts[part] }).waitFor()
      await page.locator('[aria-busy=false]').first().waitFor()
      expect(await page.title()).toBe(words.documentTitleOf(words.parts[part]))
      expect([part, await overflow(page)]).toEqual([part, 0])
    }
    await glance(page, `own/tokens-${language}`)
    await go(page, words, 'secrets')
    await page.locator('.rows a').first().click()
    await page.locator('.events').waitFor()
    await glance(page, `own/secret-${language}`)
  })
})

test('a language chosen on the page is spoken at once, and nothing typed is lost', async () => {
  const page = await stage.visit()
  await page.locator('#token').fill('typed')
  await page.getByRole('combobox').selectOption('ar')
  await holds(page.locator('h1'), ar.title)
  expect(await page.locator('#token').inputValue()).toBe('typed')
})
