/** The collect page in each of its languages. */
import { openAsk } from '@halfkey/sdk'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { LANGUAGES, type Language } from '../src/i18n/language.ts'
import type { CollectWords } from '../src/collect/page.ts'
import { words as ar } from '../src/collect/words/ar.ts'
import { words as de } from '../src/collect/words/de.ts'
import { words as en } from '../src/collect/words/en.ts'
import { words as es } from '../src/collect/words/es.ts'
import { words as fr } from '../src/collect/words/fr.ts'
import { words as ja } from '../src/collect/words/ja.ts'
import { words as zh } from '../src/collect/words/zh.ts'
import { glance, screenshots } from './inspect.ts'
import { openStage, type Stage } from './stage.ts'

const catalogues: Record<Language, CollectWords> = { en, de, fr, es, ar, zh, ja }
const languages = Object.keys(LANGUAGES) as Language[]

let stage: Stage
let collectUrl: string

beforeAll(async () => {
  stage = await openStage()
  const asked = await stage.owner.createRequest({ message: 'Das Passwort — كلمة المرور — パスワード', answers: 3 })
  ;({ collectUrl } = asked)
  await (await openAsk(asked.askUrl)).answer('text', { attachments: [new File(['x'], 'file.txt')] })
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

test.each(languages)('the catalogue of %s counts in every form, and says nothing empty', (language) => {
  const { collect } = catalogues[language]
  for (const count of [1, 2, 3, 11, 100]) {
    for (const sentence of [collect.uploading(count), collect.arrived(count)]) {
      expect(sentence).not.toMatch(/undefined|^$/)
      if (count > 2) expect(sentence).toContain(String(count))
    }
    for (const name of ['answer', 'openNamed', 'showNamed'] as const)
      expect(collect[name](count)).toContain(String(count))
  }
  const said = JSON.stringify(catalogues[language])
  expect(said).not.toContain('""')
})

test.each(languages)('%s is spoken in the list and in an answer, and written in its direction', async (language) => {
  const words = catalogues[language]
  const page = await stage.newPage({ locale: language })
  await page.goto(collectUrl)
  const open = page.getByRole('button', { name: words.collect.openNamed(1), exact: true })
  await open.waitFor()
  expect(await page.title()).toBe(words.documentTitle)
  expect(await page.getAttribute('html', 'dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
  await page.locator('main summary').click()
  await glance(page, `collect/list-${language}`)
  await open.click()
  await page.getByRole('button', { name: words.show, exact: true }).waitFor()
  // The others say the same in the same layout.
  if (screenshots || language === 'ar') await glance(page, `collect/offer-${language}`)
})
