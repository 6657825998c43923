/** Pages of which a part didn't come: they say so, lose nothing, and can be had again. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { inspect } from './inspect.ts'
import { holds, openStage, parts, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  stage.problems.length = 0
})

const late = (page: Page) => page.getByRole('alert').filter({ hasText: 'isn’t complete' })

describe('a page whose language can’t be fetched', () => {
  test.each(['/', '/app', '/slug'])('says so at once, and again is a click away: %s', async (path) => {
    const page = await stage.newPage({ locale: 'de-DE' })
    await page.route('**/assets/de-*.js', (route) => route.abort())
    await page.goto(stage.url + path)
    await late(page).waitFor()
    await inspect(page, `incomplete/${path.slice(1) || 'send'}`)

    await page.unroute('**/assets/de-*.js')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('html[lang=de] h1').waitFor()
    expect(await late(page).count()).toBe(0)
  })

  test('keeps the link that it was opened with, and spends nothing', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.route('**/assets/en-*.js', (route) => route.abort())
    await page.goto(secret.shareUrl)
    await late(page).waitFor()
    expect((await stage.ask(secret)).views).toBe(0)

    await page.unroute('**/assets/en-*.js')
    await page.getByRole('button', { name: 'Try again' }).click()
    await parts(page).show.click()
    await holds(parts(page).text, 'the text')
    expect((await stage.ask(secret)).views).toBe(1)
  })

  test('comes again by itself when there is a network again', async () => {
    const page = await stage.newPage()
    await page.route('**/assets/en-*.js', (route) => route.abort())
    await page.goto((await stage.create()).shareUrl)
    await late(page).waitFor()
    await page.unroute('**/assets/en-*.js')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await parts(page).show.waitFor()
  })

  test('chosen on the page: the page stays in its own, and so does a reload', async () => {
    const page = await stage.newPage()
    await page.goto((await stage.create()).shareUrl)
    await page.route('**/assets/fr-*.js', (route) => route.abort())
    const language = page.getByLabel('Language')
    await language.selectOption('fr')
    await page.waitForFunction(() => document.querySelector('select')?.value === 'en')
    await page.reload()
    await parts(page).show.waitFor()
    expect(await language.inputValue()).toBe('en')
  })
})

test.each(['/', '/app', '/slug'])('a page whose script can’t be fetched says so: %s', async (path) => {
  const page = await stage.newPage()
  await page.route(/\/assets\/(?:index|app|open)-[\w-]+\.js$/, (route) => route.abort())
  await page.goto(stage.url + path)
  await late(page).waitFor()
  await inspect(page, `incomplete/script-${path.slice(1) || 'send'}`)
})

test('a page whose script isn’t the one that it was built with runs none of it, and says that it isn’t complete', async () => {
  const page = await stage.newPage()
  await page.route(/\/assets\/open-[\w-]+\.js$/, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `${await response.text()}\nglobalThis.intruder = true\n` })
  })
  await page.goto(`${stage.url}/slug`)
  await late(page).waitFor()
  expect(await page.evaluate(() => 'intruder' in globalThis)).toBe(false)
})

test('a page that is whole shows nothing of it', async () => {
  const page = await stage.newPage()
  await page.goto((await stage.create()).shareUrl)
  await parts(page).show.waitFor()
  expect(await page.content()).not.toContain('isn’t complete')
})

describe('a part that only some secrets need', () => {
  test.each([
    ['the list of files', 'files'],
    ['what decrypts files', 'opened-file'],
  ])('missing before a reveal costs no view: %s', async (_, name) => {
    const secret = await stage.create({ attachments: [new File(['1'], 'one.txt')] })
    const page = await stage.newPage()
    await page.route(`**/assets/${name}-*.js`, (route) => route.abort())
    await page.goto(secret.shareUrl)
    await parts(page).show.click()
    await parts(page).refusal.waitFor()
    expect((await stage.ask(secret)).views).toBe(0)

    await page.unroute(`**/assets/${name}-*.js`)
    await page.reload()
    await parts(page).show.click()
    await page.getByText('one.txt').waitFor()
    expect((await stage.ask(secret)).views).toBe(1)
  })

  test('the captcha’s, missing, costs no view', async () => {
    const secret = await stage.create({ captcha: true })
    const page = await stage.newPage()
    await page.route('**/assets/captcha-*.js', (route) => route.abort())
    await page.goto(secret.shareUrl)
    await parts(page).show.click()
    await parts(page).refusal.waitFor()
    expect((await stage.ask(secret)).views).toBe(0)
  })
})
