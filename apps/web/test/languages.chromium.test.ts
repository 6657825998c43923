/** The open page in each of its languages. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { LANGUAGES, type Language } from '../src/i18n/language.ts'
import { words as ar } from '../src/open/words/ar.ts'
import { words as de } from '../src/open/words/de.ts'
import { words as en } from '../src/open/words/en.ts'
import { words as es } from '../src/open/words/es.ts'
import { words as fr } from '../src/open/words/fr.ts'
import { words as ja } from '../src/open/words/ja.ts'
import { words as zh } from '../src/open/words/zh.ts'
import { glance } from './inspect.ts'
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

describe('a catalogue', () => {
  test.each(languages)('of %s has no empty sentence, and fills in every parameter', (language) => {
    for (const [key, entry] of Object.entries(catalogues[language])) {
      if (typeof entry === 'string') expect([key, entry.trim()]).not.toContain('')
    }
    const { viewsLeft, files, unsaved, triesLeft } = catalogues[language]
    for (const count of [1, 2, 3, 11, 100]) {
      for (const sentence of [viewsLeft(count), files(count, '9 MB'), unsaved(count), triesLeft(count)]) {
        expect(sentence).not.toMatch(/undefined|^$/)
        if (count > 2) expect(sentence).toContain(String(count))
      }
      expect(files(count, '9 MB')).toContain('9 MB')
    }
  })
})

describe('the browser’s language', () => {
  test.each(languages)('%s is spoken, alone loaded, and written in its direction', async (language) => {
    const words = catalogues[language]
    const secret = await stage.create({ password: 'x', message: 'note' })
    const page = await stage.newPage({ locale: language })
    const loaded: string[] = []
    page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
    await page.goto(secret.shareUrl)
    await page.getByRole('button', { name: words.show }).waitFor()
    expect(await page.title()).toBe(words.documentTitle)
    expect(await page.getAttribute('html', 'lang')).toBe(language)
    expect(await page.getAttribute('html', 'dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
    expect(loaded.filter((name) => name.startsWith('/assets/'))).toHaveLength(3)
    expect(loaded.filter((name) => /\/[a-z]{2}-/.test(name))).toEqual([expect.stringContaining(`/${language}-`)])
    await glance(page, `open/offer-${language}`)

    await page.getByLabel(words.password, { exact: true }).fill('x')
    await page.getByRole('button', { name: words.show }).click()
    await holds(page.locator('#text'), 'the text')
    await glance(page, `open/secret-${language}`)
  })

  test('that isn’t there gives way to the next one, at last to English', async () => {
    const secret = await stage.create()
    for (const [locale, title] of [
      ['fr-CA', fr.title],
      ['zh-Hant-TW', zh.title],
      ['cy', en.title],
    ] as const) {
      const page = await stage.newPage({ locale })
      await page.goto(secret.shareUrl)
      await holds(page.locator('h1'), title)
    }
  })
})

test('a language chosen on the page is spoken at once, and after a reload; nothing typed is lost', async () => {
  const secret = await stage.create({ password: 'x' })
  const page = await stage.newPage()
  await page.goto(secret.shareUrl)
  await page.getByLabel(en.password).fill('typed')
  await page.getByRole('combobox').selectOption('ar')
  await holds(page.locator('h1'), ar.title)
  expect(await page.getAttribute('html', 'dir')).toBe('rtl')
  expect(await page.locator('#password').inputValue()).toBe('typed')
  await page.reload()
  await holds(page.locator('h1'), ar.title)
})
