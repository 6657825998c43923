/** What goes wrong on the page that shares secrets: said where it is, and nothing typed is lost. */
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { visitSend } from './send-parts.ts'
import { holds, openStage, type Stage } from './stage.ts'

let stage: Stage
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'halfkey-send-'))
  stage = await openStage()
})
afterAll(async () => {
  await stage.close()
  rmSync(folder, { recursive: true })
})
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const visit = () => visitSend(stage)
const file = (name: string, size: number) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(size, 1) })

/** Whether leaving the page would make the browser ask; it stays. */
async function asksBeforeLeaving(page: Page): Promise<boolean> {
  const asked = page.waitForEvent('dialog', { timeout: 2000 }).catch(() => undefined)
  void page.reload({ timeout: 2000 }).catch(() => undefined)
  const dialog = await asked
  expect(dialog?.type() ?? 'beforeunload').toBe('beforeunload')
  await dialog?.dismiss()
  return dialog !== undefined
}

describe('a create that fails', () => {
  test.each([
    ['the server fails', 500, 'The server failed.'],
    ['the server is overrun', 429, 'Too many secrets came from your network.'],
  ])('because %s keeps everything, and the next one succeeds', async (_, status, sentence) => {
    const { page, text, password, views, files, share, refusal, link } = await visit()
    await text.fill('the text')
    await password.fill('the password')
    await views.selectOption('3 times')
    await page.locator('#files').setInputFiles(file('plan.txt', 10))
    const headers = { 'Retry-After': '100' }
    await page.route('**/api/v1/secrets', (route) => route.fulfill({ status, headers, body: '' }))
    await share.click()
    await holds(refusal, sentence)
    await holds(refusal, 'Everything that you typed is still here.')
    expect([await text.inputValue(), await password.inputValue(), await views.inputValue()]).toEqual([
      'the text',
      'the password',
      '3',
    ])
    await holds(files, 'plan.txt')
    await page.unroute('**/api/v1/secrets')
    await share.click()
    await link.waitFor()
  })

  test('over a field shows at that field, with the server’s sentence, and takes the focus there', async () => {
    const { page, text, more, share } = await visit()
    await text.fill('the text')
    await more.click()
    await page.getByLabel('From these addresses only').fill('999.1.1.1')
    await more.click()
    await share.click()
    await holds(page.locator('#networks-error'), 'IP addresses or ranges, such as')
    await holds(page.locator('#networks-error'), 'The server says: “')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('networks')
    await page.getByLabel('From these addresses only').fill('192.0.2.1')
    expect(await page.locator('#networks-error').innerText()).toBe('')
  })

  test('says what is wrong with every field at once', async () => {
    const { page, share, views, more } = await visit()
    await views.selectOption('other …')
    await page.getByLabel('How often').fill('0')
    await more.click()
    await page.getByLabel('Tries', { exact: true }).fill('1000')
    await page.getByLabel('Workspace key').fill('short')
    await share.click()
    await holds(page.locator('#text-error'), 'Type a text or attach a file.')
    await holds(page.locator('#workspace-key-error'), '43 letters')
    await page.getByLabel('Workspace key').fill('')
    await share.click()
    await holds(page.locator('#views-error'), 'A whole number from 1 to 10,000.')
    await holds(page.locator('#attempts-error'), 'A whole number from 1 to 100.')
  })
})

describe('a file', () => {
  test('that vanished before the upload is named, and the others stay', async () => {
    const { page, share, filesError, files, link } = await visit()
    const [kept, gone] = ['kept.txt', 'gone.txt'].map((name) => path.join(folder, name)) as [string, string]
    for (const name of [kept, gone]) writeFileSync(name, 'content')
    await page.locator('#files').setInputFiles([kept, gone])
    await files.getByText('gone.txt').waitFor()
    unlinkSync(gone)
    await share.click()
    await holds(filesError, 'Can’t be read: gone.txt.')
    await page.getByRole('button', { name: 'Remove gone.txt' }).click()
    await share.click()
    await link.waitFor()
  })

  test('that changed in the middle of the upload is named, and nothing is shared', async () => {
    const { page, share, filesError, files, progress } = await visit()
    const name = path.join(folder, 'growing.log')
    writeFileSync(name, Buffer.alloc(60_000_000, 1))
    await page.locator('#files').setInputFiles(name)
    await files.getByText('growing.log').waitFor()
    const held: Route[] = []
    await page.route('**/parts/*', (route) => void held.push(route))
    await share.click()
    await progress.waitFor()
    await expect.poll(() => held.length, { timeout: 20_000 }).toBe(2)
    writeFileSync(name, 'rotated')
    await page.unroute('**/parts/*')
    // Some are given up by then, as soon as another can't be read.
    for (const route of held) await route.continue().catch(() => undefined)
    await holds(filesError, 'Can’t be read: growing.log.')
  })

  test('can’t be a folder', async () => {
    const { page, filesError, files } = await visit()
    await page.evaluate(() => {
      const folder = new File([], 'photos')
      folder.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) }) as never
      const data = { types: ['Files'], files: [folder] }
      document.dispatchEvent(Object.assign(new Event('drop', { cancelable: true }), { dataTransfer: data }))
    })
    await holds(filesError, 'Can’t be read: photos. It may have been changed, moved or deleted, or be a folder.')
    expect(await files.count()).toBe(0)
  })
})

describe('an upload', () => {
  test('shows its bytes, and «Cancel» stops it: everything is still there, nothing is on the server', async () => {
    const { page, text, share, cancel, progress, status, files } = await visit()
    await text.fill('the text')
    await page.locator('#files').setInputFiles(file('plan.bin', 20_000_000))
    await page.route('**/parts/1', () => undefined)
    const purged = page.waitForResponse((response) => response.request().method() === 'DELETE')
    await share.click()
    await progress.waitFor()
    await expect.poll(() => progress.getAttribute('value').then(Number), { timeout: 15_000 }).toBeGreaterThan(8e6)
    await page.getByText(/\d MB of 20 MB/).waitFor()
    await cancel.click()
    await holds(status, 'Stopped. Nothing was shared')
    expect((await purged).status()).toBe(200)
    expect(await text.inputValue()).toBe('the text')
    await holds(files, 'plan.bin')
  })

  test('that goes offline in the middle says so, goes on by itself, and arrives whole', async () => {
    const { page, share, progress, link } = await visit()
    await page.locator('#files').setInputFiles(file('plan.bin', 20_000_000))
    let first = true
    await page.route('**/parts/1', async (route) => {
      if (!first) return route.continue()
      first = false
      await page.context().setOffline(true)
      await route.abort('internetdisconnected')
    })
    await share.click()
    await page.getByText('You are offline. The sending goes on by itself').waitFor()
    await progress.waitFor()
    await page.context().setOffline(false)
    await link.waitFor()
    const opened = await (await stage.client.openLink(await link.innerText())).reveal()
    expect(await opened.files[0]?.bytes()).toHaveLength(20_000_000)
  })
})

test('offline before the click it says so, keeps everything, and shares once it is back', async () => {
  const { page, text, share, refusal, link } = await visit()
  await text.fill('the text')
  await page.context().setOffline(true)
  await page.getByText('You are offline. Nothing that you typed is lost').waitFor()
  await share.click()
  await holds(refusal, 'You are offline.')
  await page.context().setOffline(false)
  await share.click()
  await link.waitFor()
})

describe('leaving', () => {
  test('an empty page asks nothing', async () => {
    const { page, share } = await visit()
    await share.waitFor()
    expect(await asksBeforeLeaving(page)).toBe(false)
  })

  test('with unsent text asks first', async () => {
    const { page, text } = await visit()
    // Browsers ask nothing of who has done nothing on the page.
    await text.click()
    await text.fill('the text')
    expect(await asksBeforeLeaving(page)).toBe(true)
    expect(await text.inputValue()).toBe('the text')
  })

  test('with a link that nobody has yet asks first, and no more once it is copied', async () => {
    const { page, text, share, copy } = await visit()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await text.fill('the text')
    await share.click()
    await copy.waitFor()
    expect(await asksBeforeLeaving(page)).toBe(true)
    await copy.click()
    await holds(page.getByRole('status'), 'Copied.')
    expect(await asksBeforeLeaving(page)).toBe(false)
  })
})
