/** The page that shares secrets, in each of its languages. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { LANGUAGES, type Language } from '../src/i18n/language.ts'
import { words as ar } from '../src/send/words/ar.ts'
import { words as de } from '../src/send/words/de.ts'
import { words as en } from '../src/send/words/en.ts'
import { words as es } from '../src/send/words/es.ts'
import { words as fr } from '../src/send/words/fr.ts'
import { words as ja } from '../src/send/words/ja.ts'
import { words as zh } from '../src/send/words/zh.ts'
import { glance } from './inspect.ts'
import { visitSend } from './send-parts.ts'
import { holds, openStage, type Stage } from './stage.ts'

const catalogues = { en, de, fr, es, ar, zh, ja }
const languages = Object.keys(LANGUAGES) as Language[]

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

/** Every sentence with its key, those with parameters filled in. */
function sentences(language: Language): [string, string][] {
  return Object.entries(catalogues[language]).flatMap(([key, entry]): [string, string][] => {
    if (typeof entry === 'string') return [[key, entry]]
    if (typeof entry === 'object') return Object.entries(entry)
    if (key === 'times') return [1, 2, 3, 11, 100].map((n) => [key, catalogues[language].times(n)])
    if (key === 'filesTogether')
      return [1, 2, 3, 11, 100].map((n) => [key, catalogues[language].filesTogether(n, '9 MB')])
    return [[key, (entry as (...parts: string[]) => string)('FIRST', 'SECOND')]]
  })
}

describe('a catalogue', () => {
  test.each(languages)('of %s has no empty sentence, fills in every parameter and is all its own', (language) => {
    const english = new Map(sentences('en'))
    for (const [key, sentence] of sentences(language)) {
      expect([key, sentence]).toEqual([key, expect.stringMatching(/\S/)])
      expect([key, sentence]).not.toEqual([key, expect.stringMatching(/undefined/)])
      const parameters = (text: string): string[] => (text.match(/FIRST|SECOND/g) ?? []).sort()
      expect([key, ...parameters(sentence)]).toEqual([key, ...parameters(english.get(key) ?? '')])
      // A whole English sentence that was left in another language.
      if (language !== 'en' && sentence.includes(' ')) {
        expect([key, sentence === english.get(key) && !/^(?:FIRST|\S+ FIRST)/.test(sentence)]).toEqual([key, false])
      }
    }
  })
})

describe('the browser’s language', () => {
  test.each(languages)('%s is spoken, alone loaded, and written in its direction', async (language) => {
    const words = catalogues[language]
    const page = await stage.newPage({ locale: language })
    const loaded: string[] = []
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
    await page.goto(stage.url)
    await page.getByRole('button', { name: words.create }).waitFor()
    expect(await page.title()).toBe(words.documentTitle)
    expect(await page.getAttribute('html', 'dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
    expect(loaded.filter((name) => /\/[a-z]{2}-/.test(name))).toEqual([expect.stringContaining(`/${language}-`)])

    await page.getByLabel(words.text, { exact: true }).fill('the text')
    await page.getByRole('button', { name: words.generateNamed }).click()
    await page.locator('#strength').waitFor()
    await page.getByText(words.more, { exact: true }).click()
    await page.getByLabel(words.otp, { exact: true }).selectOption('email')
    await glance(page, `send/filled-${language}`)
    await page.getByLabel(words.otp, { exact: true }).selectOption('none')
    await page.getByRole('button', { name: words.create }).click()
    await holds(page.locator('h1'), words.sharedTitle)
    await glance(page, `send/shared-${language}`)
  })
})

test('a language chosen on the page is spoken at once; nothing typed is lost', async () => {
  const { page, text, password, more } = await visitSend(stage)
  await text.fill('typed')
  await password.fill('its password')
  await more.click()
  await page.getByLabel(en.note).fill('its note')
  await page.getByRole('combobox', { name: en.language }).selectOption('ar')
  await holds(page.locator('h1'), ar.title)
  const typed = ['#text', '#password', '#note'].map((id) => page.locator(id).inputValue())
  expect(await Promise.all(typed)).toEqual(['typed', 'its password', 'its note'])
})
