import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { FOREIGN_HOST, holds, openStage, parts, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

/** A new page, and the API's paths that it calls. */
async function watched(): Promise<{ page: Page; calls: string[] } & ReturnType<typeof parts>> {
  const page = await stage.newPage()
  const calls: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (pathname.startsWith('/api/')) calls.push(pathname)
  })
  return { page, calls, ...parts(page) }
}

describe('a link that is wrong is refused before any request, with what is wrong and what to do', () => {
  test.each([
    ['no fragment', (link: string) => link.replace(/#.*/, ''), 'The link has no part after the #'],
    ['cut short', (link: string) => link.slice(0, -5), 'The link was cut short: some of its last letters are missing.'],
    ['mistyped', (link: string) => link.replace(/#1.{3}/, '#1zzz'), 'The link was mistyped or changed on its way.'],
    ['another slug', (link: string) => link.replace(/[^/]{5}#/, 'zzzzz#'), 'The link was mistyped or changed'],
    ['a newer version', (link: string) => link.replace('#1', '#2'), 'The link was made by a newer version of Halfkey'],
  ])('%s', async (_, change, words) => {
    const secret = await stage.create()
    const { page, calls, title, status, show } = await watched()
    await page.goto(change(secret.shareUrl))
    await holds(status, words)
    await holds(status, /(Copy the whole link again|Ask its sender).*No view was spent\.$/)
    await holds(title, 'This link doesn’t work')
    expect(await show.isVisible()).toBe(false)
    expect(calls).toEqual([])
  })

  test('the whole link pasted over a cut one is read', async () => {
    const secret = await stage.create()
    const { page, status, show } = await watched()
    await page.goto(secret.shareUrl.slice(0, -5))
    await holds(status, 'The link was cut short: some of its last letters are missing.')
    await page.goto(secret.shareUrl)
    await show.waitFor()
  })

  test.each([')', '.', '"', '>', '%20'])('%s behind the link is forgiven', async (behind) => {
    const secret = await stage.create()
    const { page, show } = await watched()
    await page.goto(secret.shareUrl + behind)
    await show.waitFor()
  })
})

describe('a link with %23 for #', () => {
  test('opens, and says that this copy of the key reached the server', async () => {
    const secret = await stage.create()
    const { page, escaped, show, text } = await watched()
    await page.goto(secret.shareUrl.replace('#', '%23'))
    await holds(escaped, 'your browser sent the server this copy of the key')
    expect(page.url()).toBe(secret.shareUrl.split('#')[0])

    await page.reload()
    await holds(escaped, 'your browser sent the server this copy of the key')
    await show.click()
    await holds(text, 'the text')
  })

  test('is the only one that says so', async () => {
    const secret = await stage.create()
    const { page, escaped, show } = await watched()
    await page.goto(secret.shareUrl)
    await show.waitFor()
    expect(await escaped.isVisible()).toBe(false)
  })
})

describe('a secret that has ended says its cause and time', () => {
  const WHEN = String.raw`on \d{1,2} \w+ \d{4} at \d\d:\d\d .+`

  test('opened by somebody else, before the page was loaded or after', async () => {
    const secret = await stage.create()
    const { page, title, status, show } = await watched()
    await page.goto(secret.shareUrl)
    await show.waitFor()
    await (await stage.client.openLink(secret.shareUrl)).reveal()

    await show.click()
    const words = new RegExp(
      `^Somebody opened it before you, ${WHEN}\\. If that wasn’t you, in another tab or program, tell the sender: somebody else may have read it\\.$`,
    )
    await holds(status, words)
    const late = await watched()
    await late.page.goto(secret.shareUrl)
    await holds(late.status, words)
    await holds(title, 'Opened already')
  })

  test('withdrawn by its sender', async () => {
    const secret = await stage.create()
    await stage.client.deleteSecret(secret.slug, { manageKey: secret.manageKey })
    const { page, status } = await watched()
    await page.goto(secret.shareUrl)
    await holds(status, new RegExp(`^Its sender destroyed it ${WHEN}\\.$`))
  })

  test('destroyed after too many wrong passwords', async () => {
    const secret = await stage.create({ password: 'right', maxAttempts: 1, onLockout: 'burn' })
    const { page, status, password, show } = await watched()
    await page.goto(secret.shareUrl)
    await password.fill('wrong')
    await show.click()
    await holds(status, 'it was the last try')
    const late = await watched()
    await late.page.goto(secret.shareUrl)
    await holds(
      late.status,
      /^It was destroyed on .+, after too many wrong passwords or codes\. If those weren’t yours, tell/,
    )
  })

  test('expired', async () => {
    const secret = await stage.create()
    const { page, status } = await watched()
    await page.route('**/status', (route) =>
      route.fulfill({
        status: 410,
        json: {
          success: false,
          error: { code: 'GONE', message: 'Ended', details: { cause: 'expired', at: '2026-01-02T03:04:05.678Z' } },
        },
      }),
    )
    await page.goto(secret.shareUrl)
    await holds(status, new RegExp('^Its time ran out on 2 January 2026 at 03:04 UTC, and it was destroyed\\.'))
  })

  test('removed with its record: nothing here', async () => {
    const secret = await stage.create()
    await stage.client.deleteSecret(secret.slug, { manageKey: secret.manageKey, purge: true })
    await stage.client.deleteSecret(secret.slug, { manageKey: secret.manageKey, purge: true }).catch(() => undefined)
    const { page, status } = await watched()
    await page.goto(secret.shareUrl)
    await holds(status, 'The server knows no secret for this link.')
  })
})

describe('where the page can’t work, it says why', () => {
  test('no reply: it can be tried again', async () => {
    const secret = await stage.create()
    const { page, status, show } = await watched()
    await page.route('**/status', (route) => route.abort())
    await page.goto(secret.shareUrl)
    await holds(status, 'No reply from the server.')
    await page.unroute('**/status')
    await page.getByRole('button', { name: 'Try again' }).click()
    await show.waitFor()
  })

  test('http on another host than localhost: browsers give no WebCrypto there, and the link stays to be mended', async () => {
    const secret = await stage.create()
    const link = secret.shareUrl.replace('127.0.0.1', FOREIGN_HOST)
    const { page, status, calls } = await watched()
    await page.goto(link)
    await holds(status, 'browsers decrypt only in pages from https:// and localhost.')
    await holds(status, 'Open the same link with https:// in front')
    expect(calls).toEqual([])
    expect(page.url()).toBe(link)
    expect(stage.problems.splice(0)).toEqual([
      expect.stringContaining('Cross-Origin-Opener-Policy header has been ignored'),
    ])
  })

  test('no JavaScript', async () => {
    const secret = await stage.create()
    const page = await stage.newPage({ javaScriptEnabled: false })
    await page.goto(secret.shareUrl)
    expect(await page.locator('main:visible').innerText()).toContain('This page needs JavaScript')
    expect(await parts(page).show.count()).toBe(0)
  })
})
