/** The pages that ask, answer and tell what became of an answer, in each of their languages. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { LANGUAGES, type Language } from '../src/i18n/language.ts'
import type { AskWords } from '../src/ask/page.ts'
import type { RequestWords } from '../src/request/page.ts'
import type { StatusWords } from '../src/status/page.ts'
import { glance } from './inspect.ts'
import { holds, openStage, type Stage } from './stage.ts'

interface Catalogues {
  ask: AskWords
  status: StatusWords
  request: RequestWords
}

const languages = Object.keys(LANGUAGES) as Language[]
const pages = ['ask', 'status', 'request'] as const

let stage: Stage
const catalogues = {} as Record<Language, Catalogues>

beforeAll(async () => {
  for (const language of languages) {
    const words = pages.map((page) => import(`../src/${page}/words/${language}.ts`) as Promise<{ words: never }>)
    const [ask, status, request] = (await Promise.all(words)).map((loaded) => loaded.words)
    catalogues[language] = { ask, status, request } as unknown as Catalogues
  }
  stage = await openStage({ HALFKEY_REQUESTS: 'anyone' })
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

/** Every sentence with its key, those with parameters filled in, and those that count for several counts. */
const sentencesOf = (words: object): [string, string][] =>
  Object.entries(words).flatMap(([key, entry]: [string, unknown]): [string, string][] => {
    if (typeof entry === 'string') return [[key, entry]]
    if (typeof entry !== 'function') return sentencesOf(entry as object)
    const counts = ['times', 'fate', 'takesFiles', 'filesTogether'].includes(key)
    const first: unknown[] = counts ? [1, 2, 3, 11, 100] : ['FIRST']
    return first.map((value) => [key, (entry as (...parts: unknown[]) => string)(value, 'SECOND')])
  })

describe.each(pages)('the catalogue of %s', (page) => {
  test.each(languages)('in %s has no empty sentence, fills in every parameter and is all its own', (language) => {
    const english = new Map(sentencesOf(catalogues.en[page]))
    for (const [key, sentence] of sentencesOf(catalogues[language][page])) {
      expect([key, sentence]).toEqual([key, expect.stringMatching(/\S/)])
      expect([key, sentence]).not.toEqual([key, expect.stringMatching(/undefined/)])
      const parameters = (text: string): string[] => (text.match(/FIRST|SECOND/g) ?? []).sort()
      expect([key, ...parameters(sentence)]).toEqual([key, ...parameters(english.get(key) ?? '')])
      if (language !== 'en' && /\S \S/.test(sentence) && !/^(?:FIRST|\S+ FIRST)/.test(sentence))
        expect([key, sentence]).not.toEqual([key, english.get(key)])
    }
  })
})

test.each(languages)('%s is spoken on all three, alone loaded, and written in its direction', async (language) => {
  const words = catalogues[language]
  const page = await stage.newPage({ locale: language, viewport: { width: 320, height: 640 } })
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
  await page.goto(`${stage.url}/request`)
  await page.getByLabel(words.request.note).fill('Das Passwort — كلمة المرور — パスワード')
  await page.getByText(words.request.more, { exact: true }).click()
  await glance(page, `request/filled-${language}`)
  await page.getByRole('button', { name: words.request.create }).click()
  await holds(page.locator('h1'), words.request.readyTitle)
  await glance(page, `request/ready-${language}`)
  const askUrl = await page.locator('#ask-link').innerText()
  await page.getByRole('button', { name: words.request.copyCollect }).click()

  const answering = await stage.newPage({ locale: language, viewport: { width: 320, height: 640 } })
  await answering.goto(askUrl)
  await answering.getByLabel(words.ask.text, { exact: true }).fill('the text')
  expect(await answering.title()).toBe(words.ask.documentTitle)
  expect(await answering.getAttribute('html', 'dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
  await glance(answering, `ask/offer-${language}`)
  await answering.getByRole('button', { name: words.ask.send }).click()
  await holds(answering.locator('h1'), words.ask.sentTitle)
  await glance(answering, `ask/sent-${language}`)
  await answering.reload()
  await holds(answering.locator('h1'), words.status.waitingTitle)
  await glance(answering, `status/waiting-${language}`)
  expect(loaded.filter((name) => /\/[a-z]{2}-/.test(name))).toEqual([expect.stringContaining(`/${language}-`)])
})
