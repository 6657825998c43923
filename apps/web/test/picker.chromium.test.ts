/** The browser's dialog that asks where a file goes, answered in every way: no test can press the browser's own buttons. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { inspect } from './inspect.ts'
import { openStage, parts, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

type Answer = 'cancel' | 'refuse' | 'read-only' | 'full' | 'accept'

/** A page on which a secret with a file was opened, whose dialog answers as told. */
async function opened(answer: Answer): Promise<{ page: Page; fetched: string[] }> {
  const { shareUrl } = await stage.create({ attachments: [new File(['of the file'], 'plan.txt')] })
  const page = await stage.newPage()
  const fetched: string[] = []
  page.on('request', (request) => {
    if (request.url().includes('/files/')) fetched.push(request.url())
  })
  await page.addInitScript((answer) => {
    const asked: { name: string; isByHand: boolean }[] = []
    const fail = (name: string): never => {
      throw new DOMException('', name)
    }
    const answers = {
      cancel: () => fail('AbortError'),
      refuse: () => fail('SecurityError'),
      'read-only': () => ({ createWritable: () => Promise.reject(new DOMException('', 'NoModificationAllowedError')) }),
      full: () => ({
        createWritable: () => Promise.resolve(new WritableStream({ write: () => fail('QuotaExceededError') })),
      }),
      accept: async (name: string) => (await navigator.storage.getDirectory()).getFileHandle(name, { create: true }),
    }
    const showSaveFilePicker = async ({ suggestedName }: { suggestedName: string }) => {
      asked.push({ name: suggestedName, isByHand: navigator.userActivation.isActive })
      return answers[(globalThis as unknown as { answer: Answer }).answer](suggestedName)
    }
    Object.assign(globalThis, { showSaveFilePicker, asked, answer })
  }, answer)
  await page.goto(shareUrl)
  await parts(page).show.click()
  await page.getByText('plan.txt').waitFor()
  return { page, fetched }
}

const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save plan.txt' }).click()
const status = (page: Page, text: string | RegExp) => page.getByRole('status').filter({ hasText: text })

const asked = (page: Page): Promise<{ name: string; isByHand: boolean }[]> =>
  page.evaluate(() => (globalThis as unknown as { asked: { name: string; isByHand: boolean }[] }).asked)

const answerFromNowOn = (page: Page, answer: Answer): Promise<void> =>
  page.evaluate((answer) => void Object.assign(globalThis, { answer }), answer)

test('is asked for by the person’s click, with the file’s name, before anything is fetched', async () => {
  const { page, fetched } = await opened('cancel')
  expect([await asked(page), fetched]).toEqual([[], []])
  await save(page)
  await status(page, /Stopped/).waitFor()
  expect(await asked(page)).toEqual([{ name: 'plan.txt', isByHand: true }])
})

test('called off: nothing is fetched, the page says that nothing was saved, and the next click asks again', async () => {
  const { page, fetched } = await opened('cancel')
  await save(page)
  await status(page, /Stopped/).waitFor()
  expect(fetched).toEqual([])
  await inspect(page, 'open/picker-called-off')

  await answerFromNowOn(page, 'accept')
  await save(page)
  await status(page, 'Saved').waitFor()
  expect(await asked(page)).toHaveLength(2)
})

test.each<[string, Answer]>([
  ['the browser refuses a dialog', 'refuse'],
  ['the place can’t be written to', 'read-only'],
  ['the disk is full', 'full'],
])('where %s the page says that it wasn’t saved, and the file can be saved elsewhere', async (_, answer) => {
  const { page } = await opened(answer)
  await save(page)
  await status(page, /couldn’t be saved|not saved/i).waitFor()
  await inspect(page, `open/picker-${answer}`)

  await answerFromNowOn(page, 'accept')
  await save(page)
  await status(page, 'Saved').waitFor()
  const text = await page.evaluate(async () => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle('plan.txt')
    return (await handle.getFile()).text()
  })
  expect(text).toBe('of the file')
})
