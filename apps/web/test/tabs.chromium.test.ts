/** The open page among tabs, histories, clipboards and networks that come and go. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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

describe('the tab’s history', () => {
  test('holds no fragment, and going back to the page spends nothing more', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.goto(stage.url)
    await page.goto(secret.shareUrl)
    const { show, text } = parts(page)
    await show.click()
    await holds(text, 'the text')
    await page.goto(stage.url)
    await page.goBack()
    expect(page.url()).toBe(secret.shareUrl.split('#')[0])
    // Either as the browser kept it, or loaded again.
    await text.or(show).waitFor()
    if (await show.isVisible()) await show.click()
    await holds(text, 'the text')
    expect((await stage.ask(secret)).views).toBe(1)
  })

  test('brings back nothing after the reader let the secret go', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.goto(secret.shareUrl)
    const { show, finish, title } = parts(page)
    await show.click()
    await finish.click()
    await holds(title, 'Read by you, destroyed')
    await page.goto(stage.url)
    await page.goBack()
    await holds(title, 'Read by you, destroyed')
    expect(await page.content()).not.toContain('the text')
  })
})

describe('two tabs', () => {
  test('of one reader get a one-time secret once, and the second says that it may have been the first', async () => {
    const secret = await stage.create()
    const [one, two] = [await stage.newPage(), await stage.newPage()]
    for (const page of [one, two]) {
      await page.goto(secret.shareUrl)
      await parts(page).show.waitFor()
    }
    await parts(one).show.click()
    await holds(parts(one).text, 'the text')
    await parts(two).show.click()
    await holds(parts(two).status, 'If that wasn’t you, in another tab or program, tell the sender')
    expect((await stage.ask(secret)).views).toBe(1)
  })
})

describe('a network that goes', () => {
  test('before the page asked: it says that it is offline, and goes on by itself', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    const words = page.waitForResponse(/\/assets\/en-/)
    await page.route('**/status', async (route) => {
      await (await words).finished()
      await page.context().setOffline(true)
      await route.abort('internetdisconnected')
    })
    await page.goto(secret.shareUrl)
    const { status, show } = parts(page)
    await holds(status, 'You are offline. This page goes on by itself once you are back.')
    await page.unroute('**/status')
    await page.context().setOffline(false)
    await show.waitFor()
  })

  test('before the click: the click says so, and the next one opens', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.goto(secret.shareUrl)
    const { show, refusal, text } = parts(page)
    await show.waitFor()
    await page.context().setOffline(true)
    await show.click()
    await holds(refusal, 'You are offline.')
    await page.context().setOffline(false)
    await show.click()
    await holds(text, 'the text')
    expect((await stage.ask(secret)).views).toBe(1)
  })

  test('with the reply: the next click gets it, and spends nothing more', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.goto(secret.shareUrl)
    const { show, refusal, text, finish } = parts(page)
    await page.route('**/reveal', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await show.click()
    await holds(refusal, 'trying again counts as the same view')
    expect((await stage.ask(secret)).views).toBe(1)
    await page.unroute('**/reveal')
    await show.click()
    await holds(text, 'the text')
    await holds(finish, 'Destroy now')
    expect((await stage.ask(secret)).views).toBe(1)
  })
})

describe('a screen that others see', () => {
  test('shows nothing of a covered text until asked, and copies it all the same', async () => {
    const secret = await stage.create({}, 'covered content')
    const page = await stage.newPage()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(secret.shareUrl)
    const { cover, show, text, copy } = parts(page)
    await cover.check()
    await show.click()
    await holds(text, 'Covered.')
    expect(await page.content()).not.toContain('covered content')
    await copy.click()
    await holds(page.getByRole('status'), 'Copied.')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('covered content')

    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await holds(text, 'covered content')
    await page.getByRole('button', { name: 'Cover' }).click()
    expect(await page.content()).not.toContain('covered content')
  })
})

describe('the clipboard', () => {
  const minute = 60_000

  /** A page whose secret was just copied, and whose clock the test turns. */
  async function copyWithClock(): Promise<Page> {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.clock.install()
    await page.goto(secret.shareUrl)
    const { show, copy } = parts(page)
    await show.click()
    await copy.click()
    await holds(page.getByRole('status'), 'Copied.')
    return page
  }

  test('loses the copy after a minute', async () => {
    const page = await copyWithClock()
    await page.clock.runFor(minute)
    await holds(page.getByRole('status'), 'The clipboard is cleared.')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('')
  })

  test('keeps what was copied since', async () => {
    const page = await copyWithClock()
    await page.evaluate(() => dispatchEvent(new Event('blur')))
    await page.evaluate(() => navigator.clipboard.writeText('another text'))
    await page.clock.runFor(minute)
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('another text')
  })

  test('is cleared at once by its button', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(secret.shareUrl)
    const { show, copy } = parts(page)
    await show.click()
    await copy.click()
    await page.getByRole('button', { name: 'Clear the clipboard' }).click()
    await holds(page.getByRole('status'), 'The clipboard is cleared.')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('')
  })
})
