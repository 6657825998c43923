/** The page that shares secrets, clicked through over a real server: texts and files, to the window that opens them. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { slugOf, visitSend } from './send-parts.ts'
import { holds, openStage, parts, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({ HALFKEY_ANONYMOUS_MAX_FILE_BYTES: '12000000' })
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const visit = () => visitSend(stage)
const phone = { viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true }
const file = (name: string, content: Buffer | string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(content),
})

/** Dispatches a paste or drop of files that are made in the page; `text` lies on the clipboard too. */
const bring = (page: Page, how: 'paste' | 'drop', names: string[], text?: string) =>
  page.evaluate(
    ([how, names, text]) => {
      const data = new DataTransfer()
      for (const name of names) data.items.add(new File([name], name, { type: 'image/png' }))
      if (text !== undefined) data.setData('text/plain', text)
      const init = { bubbles: true, cancelable: true }
      const event =
        how === 'paste'
          ? new ClipboardEvent('paste', { ...init, clipboardData: data })
          : new DragEvent('drop', { ...init, dataTransfer: data })
      document.querySelector('textarea')?.dispatchEvent(event)
    },
    [how, names, text] as const,
  )

/** Opens a link in another window. */
async function open(link: string, options = {}): Promise<Page> {
  const reader = await stage.newPage(options)
  await reader.goto(link)
  await parts(reader).show.click()
  return reader
}

async function download(reader: Page, name: string): Promise<Buffer> {
  const downloading = reader.waitForEvent('download')
  await reader.getByRole('button', { name: `Save ${name}` }).click()
  return readFileSync(await (await downloading).path())
}

describe('a text', () => {
  test('typed and shared opens by its link in another window, byte for byte', async () => {
    const { text, share, link } = await visit()
    const typed = '  two\nlines, «ünïcode» 🗝\t\n'
    await text.fill(typed)
    await share.click()
    const reader = await open(await link.innerText())
    await holds(parts(reader).text, '«ünïcode»')
    expect(await parts(reader).text.textContent()).toBe(typed)
  })

  test.each(['Control+Enter', 'Meta+Enter'])('is shared by %s too', async (keys) => {
    const { page, text, link } = await visit()
    await text.fill('the text')
    await text.press(keys)
    await link.waitFor()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Your link is ready')
  })

  test('is shared once, however often the keys are pressed', async () => {
    const { page, text, link } = await visit()
    // What the SDK sends again is the same create.
    const creates = new Set<string | null>()
    await page.route('**/api/v1/secrets', async (route) => {
      creates.add(route.request().postData())
      await route.continue()
    })
    await text.fill('the text')
    await Promise.all([text.press('Control+Enter'), text.press('Control+Enter')])
    await link.waitFor()
    expect(creates.size).toBe(1)
  })

  test('too long for the server is refused at its field, and nothing is sent', async () => {
    const { page, text, share } = await visit()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.method()))
    await text.fill('x'.repeat(600_000))
    await share.click()
    await holds(page.locator('#text-error'), 'too long for this server')
    expect(requests).not.toContain('POST')
  })

  test('that only its padding takes over the limit is refused at its field by the server', async () => {
    const { page, text, share } = await visit()
    await text.fill('x'.repeat(524_200))
    await share.click()
    await holds(page.locator('#text-error'), 'too long for this server')
    expect(await text.inputValue()).toHaveLength(524_200)
  })
})

describe('files', () => {
  test('picked on a phone open on another phone, digest equal, with the text beside them', async () => {
    const bytes = randomBytes(9_000_000)
    const { page, text, share, link } = await visitSend(stage, phone)
    await text.fill('beside')
    const picking = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Attach files' }).tap()
    await (await picking).setFiles([file('plan.bin', bytes), file('empty.txt', '')])
    await page.getByText('2 files, 9 MB together').waitFor()
    await share.tap()
    const url = await link.innerText()

    const reader = await open(url, phone)
    await holds(parts(reader).text, 'beside')
    await reader.evaluate(() => Object.assign(globalThis, { showSaveFilePicker: undefined }))
    expect((await download(reader, 'plan.bin')).equals(bytes)).toBe(true)
    expect(await download(reader, 'empty.txt')).toHaveLength(0)
  })

  test('alone are enough, and their names don’t reach the server', async () => {
    const { page, share, link } = await visit()
    const sent: string[] = []
    page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`))
    await page.locator('#files').setInputFiles(file('merger-plan.txt', 'hidden content'))
    await share.click()
    await link.waitFor()
    expect(sent.join('\n')).not.toMatch(/merger-plan|hidden content/)
  })

  test('are added by dropping and pasting, and taken out again one by one', async () => {
    const { page, files } = await visit()
    await bring(page, 'drop', ['a.txt', 'b.txt'])
    await files.getByText('b.txt').waitFor()
    await bring(page, 'paste', ['c.txt'])
    await files.getByText('c.txt').waitFor()
    await page.getByRole('button', { name: 'Remove b.txt' }).click()
    expect(await files.locator('.name').allInnerTexts()).toEqual(['a.txt', 'c.txt'])
  })

  test('a pasted screenshot becomes one, the next gets a name of its own', async () => {
    const { page, text, files } = await visit()
    await bring(page, 'paste', ['image.png'])
    await files.getByText('image.png').waitFor()
    await bring(page, 'paste', ['image.png'])
    await files.getByText('image-2.png').waitFor()
    expect(await text.inputValue()).toBe('')
  })

  test('beside a pasted text are left: spreadsheets put a picture there', async () => {
    const { page, files } = await visit()
    await bring(page, 'paste', ['image.png'], 'A1\tB1')
    await page.waitForTimeout(200)
    expect(await files.count()).toBe(0)
  })

  test('more than the server takes are refused before anything is sent, with its limit', async () => {
    const { page, text, share, filesError } = await visit()
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.method()))
    await page.getByText('Up to 100 files, 12 MB together.').waitFor()
    await text.fill('the text')
    await page.locator('#files').setInputFiles([file('a.bin', Buffer.alloc(9e6)), file('b.bin', Buffer.alloc(4e6))])
    await share.click()
    await holds(filesError, 'more than this server takes. Up to 100 files, 12 MB together.')
    expect(requests).not.toContain('POST')
    await page.getByRole('button', { name: 'Remove b.bin' }).click()
    expect(await filesError.innerText()).toBe('')
  })
})

describe('a sender with a token', () => {
  test('is taken where anonymous ones aren’t, and the secret is the token’s', async () => {
    const strict = await openStage({ HALFKEY_ANONYMOUS: 'deny' })
    try {
      const { page, text, share, link } = await visitSend(strict)
      await text.fill('the text')
      await share.click()
      await holds(page.locator('#token-error'), 'only from senders with an API token')
      await page.getByLabel('API token').fill('hkt_abc_def')
      await share.click()
      await holds(page.locator('#token-error'), 'doesn’t know this token')
      expect(await text.inputValue()).toBe('the text')
      await page.getByLabel('API token').fill(strict.token)
      await share.click()
      const slug = slugOf(await link.innerText())
      expect((await strict.owner.getSecretDetails(slug)).creator).not.toBe('anonymous')
      expect(strict.problems).toEqual([])
    } finally {
      await strict.close()
    }
  })

  test('is told that it is kept for the page alone, which is so', async () => {
    const { page, more } = await visit()
    await more.click()
    await page.getByText('Kept by this page until you close or reload it').waitFor()
    await page.getByLabel('API token').fill(stage.token)
    await page.getByLabel('API token').blur()
    await page.getByText('Up to 100 files, 11 GB each.').waitFor()
    const kept = await page.evaluate(() => JSON.stringify([sessionStorage, localStorage, document.cookie]))
    expect(kept).not.toContain(stage.token)
    await page.reload()
    await more.click()
    expect(await page.getByLabel('API token').inputValue()).toBe('')
  })
})
