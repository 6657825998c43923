/** The link that was made: the ways out of the page, and the ways in that it has not. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sendParts, slugOf, visitSend } from './send-parts.ts'
import { holds, openStage, parts, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

async function shareOn(page: Page, content = 'the text'): Promise<string> {
  const { text, share, link } = sendParts(page)
  await text.fill(content)
  await share.click()
  return link.innerText()
}

async function shared() {
  const visited = await visitSend(stage)
  return { ...visited, shareUrl: await shareOn(visited.page) }
}

describe('the link', () => {
  test('is copied whole', async () => {
    const { page, copy, shareUrl } = await shared()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await copy.click()
    await holds(page.getByRole('status'), 'Copied.')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shareUrl)
  })

  test('is drawn as a QR code of as many modules as its length takes, on white in the dark too', async () => {
    const { page } = await shared()
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.getByRole('button', { name: 'Show the QR code' }).click()
    const qr = page.getByRole('img', { name: 'QR code of the link' })
    const size = Number((await qr.getAttribute('viewBox'))?.split(' ')[2])
    // 17 + 4 × version, and a margin of four modules on each side.
    expect((size - 8 - 17) % 4).toBe(0)
    expect(await qr.locator('path').first().getAttribute('fill')).toBe('#fff')
    await page.getByRole('button', { name: 'Hide the QR code' }).click()
    await qr.waitFor({ state: 'detached' })
  })

  test('goes into a mail draft, which the page says', async () => {
    const { page, shareUrl } = await shared()
    const href = await page.getByRole('link', { name: 'Write a mail' }).getAttribute('href')
    expect(href).toMatch(/^mailto:\?subject=/)
    expect(decodeURIComponent(href ?? '')).toContain(shareUrl)
    await page.getByText('The link is in the mail').waitFor()
  })

  test('goes to the share sheet where there is one', async () => {
    const page = await stage.newPage()
    await page.addInitScript(() => {
      const share = (data: ShareData) => {
        Object.assign(globalThis, { given: data })
        return Promise.resolve()
      }
      Object.defineProperty(navigator, 'share', { value: share, configurable: true })
    })
    await page.goto(stage.url)
    const shareUrl = await shareOn(page)
    await page.getByRole('button', { name: 'Share …' }).click()
    await expect.poll(() => page.evaluate(() => (globalThis as { given?: ShareData }).given)).toEqual({ url: shareUrl })
  })

  test('has no such button where there is none', async () => {
    const page = await stage.newPage()
    await page.addInitScript(() => delete (Navigator.prototype as Partial<Navigator>).share)
    await page.goto(stage.url)
    await shareOn(page)
    expect(await page.getByRole('button', { name: 'Share …' }).count()).toBe(0)
  })
})

describe('«Destroy it now»', () => {
  test('asks first, then ends the secret for every reader, without a token', async () => {
    const { page, destroy, title, shareUrl } = await shared()
    await destroy.click()
    await page.getByRole('button', { name: 'Close' }).click()
    const link = await stage.client.openLink(shareUrl)
    expect(link.viewsLeft).toBe(1)
    await destroy.click()
    await page.getByRole('button', { name: 'Destroy', exact: true }).click()
    await holds(title, 'Destroyed')
    const reader = await stage.newPage()
    await reader.goto(shareUrl)
    await holds(parts(reader).title, 'Withdrawn')
  })

  test('that fails says so, and can be tried again', async () => {
    const { page, destroy, title, refusal } = await shared()
    await page.route('**/api/v1/secrets/*', (route) => route.fulfill({ status: 500, body: '' }))
    await destroy.click()
    await page.getByRole('button', { name: 'Destroy', exact: true }).click()
    await holds(refusal, 'It couldn’t be destroyed. The server failed.')
    await page.unroute('**/api/v1/secrets/*')
    await destroy.click()
    await page.getByRole('button', { name: 'Destroy', exact: true }).click()
    await holds(title, 'Destroyed')
  })
})

test('«Share another» starts empty', async () => {
  const { another, text, password, shareUrl, page } = await shared()
  await another.click()
  expect([await text.inputValue(), await password.inputValue()]).toEqual(['', ''])
  const second = await shareOn(page, 'another text')
  expect(slugOf(second)).not.toBe(slugOf(shareUrl))
})

test('two tabs of one browser know nothing of one another', async () => {
  const first = await visitSend(stage)
  const tab = await first.page.context().newPage()
  await tab.goto(stage.url)
  const second = sendParts(tab)
  await first.text.fill('of the first')
  await first.password.fill('its password')
  expect([await second.text.inputValue(), await second.password.inputValue()]).toEqual(['', ''])
  const links = [await shareOn(tab, 'of the second'), await shareOn(first.page, 'of the first')]
  const opened = await Promise.all(
    links.map(async (link, i) =>
      (await stage.client.openLink(link)).reveal(i === 1 ? { password: 'its password' } : {}),
    ),
  )
  expect(opened.map(({ text }) => text)).toEqual(['of the second', 'of the first'])
})

test('neither what was typed nor the link reaches address, history, storage, console or server', async () => {
  const page = await stage.newPage()
  const seen: string[] = []
  page.on('console', (message) => seen.push(message.text()))
  page.on('request', (request) => {
    seen.push(`${request.url()} ${request.postData() ?? ''} ${JSON.stringify(request.headers())}`)
  })
  await page.goto(stage.url)
  const { password, more } = sendParts(page)
  await password.fill('typed-password')
  await more.click()
  await page.getByLabel('Note for the recipient').fill('typed-note')
  const shareUrl = await shareOn(page, 'typed-text')
  const fragment = shareUrl.split('#')[1] ?? ''
  expect(fragment).toHaveLength(45)
  seen.push(page.url())
  seen.push(
    await page.evaluate(async () => {
      const databases = await indexedDB.databases()
      return JSON.stringify([sessionStorage, localStorage, document.cookie, history.state, databases])
    }),
  )
  const all = seen.join('\n')
  expect(all).toContain('/api/v1/secrets')
  for (const witness of ['typed-text', 'typed-note', 'typed-password', fragment]) expect(all).not.toContain(witness)
})
