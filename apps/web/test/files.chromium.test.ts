/** Files on the page, from a real server: shown by name after the reveal alone, and saved as they were sent. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { inspect } from './inspect.ts'
import { openStage, parts, type Stage } from './stage.ts'

const bytes = randomBytes(9_000_000)
const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const attachments = () => [new File([bytes], 'plan.bin'), new File([], 'empty.txt')]

/** With a picker that writes where the page alone may, as no test can answer the browser's own; or without one. */
async function visit(url: string, hasPicker: boolean): Promise<Page> {
  const page = await stage.newPage()
  await page.addInitScript((given) => {
    const pick = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
    Object.assign(globalThis, { showSaveFilePicker: given ? pick : undefined })
  }, hasPicker)
  await page.goto(url)
  return page
}

const digestInPage = (page: Page, name: string): Promise<string> =>
  page.evaluate(async (name) => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(name)
    const data = await (await handle.getFile()).arrayBuffer()
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
  }, name)

test('before the reveal how many and how large they are, after it their names', async () => {
  const secret = await stage.create({ attachments: attachments() })
  const page = await visit(secret.shareUrl, true)
  const { facts, show } = parts(page)
  await facts.getByText('2 files').waitFor()
  expect(await page.content()).not.toContain('plan.bin')
  await inspect(page, 'open/files-offered')

  await show.click()
  await page.getByText('plan.bin').waitFor()
  await inspect(page, 'open/files')
})

test('a click writes it to disk as it comes, digest equal, and one view is spent', async () => {
  const secret = await stage.create({ attachments: attachments() })
  const page = await visit(secret.shareUrl, true)
  await parts(page).show.click()
  await page.getByRole('button', { name: 'Save plan.bin' }).click()
  await page.getByText('Saved').first().waitFor()
  expect(await digestInPage(page, 'plan.bin')).toBe(digest(bytes))
  expect((await stage.ask(secret)).views).toBe(1)
})

test('where the browser can’t write to disk, it comes as a download, digest equal', async () => {
  const secret = await stage.create({ attachments: attachments() })
  const page = await visit(secret.shareUrl, false)
  await parts(page).show.click()
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save plan.bin' }).click()
  const download = await downloading
  expect(path.basename(download.suggestedFilename())).toBe('plan.bin')
  expect(digest(readFileSync(await download.path()))).toBe(digest(bytes))
})

test('a line that breaks in the middle is taken up', async () => {
  const secret = await stage.create({ attachments: attachments() })
  const page = await visit(secret.shareUrl, true)
  await parts(page).show.click()
  await page.getByText('plan.bin').waitFor()
  let broken = 0
  await page.route('**/files/*', async (route) => {
    if (broken++ > 0) return route.continue()
    await route.abort('connectionreset')
  })
  await page.getByRole('button', { name: 'Save plan.bin' }).click()
  await page.getByText('Saved').first().waitFor({ timeout: 20_000 })
  expect(broken).toBeGreaterThan(1)
  expect(await digestInPage(page, 'plan.bin')).toBe(digest(bytes))
})
