/** Every state of the open page: shot for a reviewer, and without a violation for axe-core. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { inspect, screenshots } from './inspect.ts'
import { FOREIGN_HOST, holds, openStage, parts, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({ HALFKEY_CAPTCHA_COST: '3000' })
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  stage.problems.length = 0
})

const NOTE = 'The database password for staging.\nPlease change it once you are in. — Ann'
const TEXT = 'host = db.internal.example\nuser = deploy\npassword = 7fK!pQ2#vLz9@mXw\n\n# valid until Friday'

async function visit(url: string): Promise<{ page: Page } & ReturnType<typeof parts>> {
  const page = await stage.newPage()
  await page.goto(url)
  return { page, ...parts(page) }
}

describe('asking', () => {
  test('what a secret takes', async () => {
    const { shareUrl } = await stage.create({ message: NOTE })
    const { page, show } = await visit(shareUrl)
    await show.waitFor()
    await inspect(page, 'open/offer')
    await page.locator('summary').click()
    await inspect(page, 'open/help')
  })

  test('a password, wrong once', async () => {
    const { shareUrl } = await stage.create({ message: NOTE, password: 'right', captcha: true, views: 3 })
    const { page, password, show, refusal } = await visit(shareUrl)
    await password.waitFor()
    await inspect(page, 'open/password')
    await password.fill('wrong')
    await show.click()
    await holds(refusal, 'That password is wrong. 9 tries are left.')
    await inspect(page, 'open/password-wrong')
  })

  test('a key that the server got', async () => {
    const { shareUrl } = await stage.create()
    const { page, escaped } = await visit(shareUrl.replace('#', '%23'))
    await escaped.waitFor()
    await inspect(page, 'open/escaped')
  })

  test('no network at the click, and again after a reload', async () => {
    const { shareUrl } = await stage.create()
    const { page, show, refusal, status } = await visit(shareUrl)
    await page.route('**/reveal', (route) => route.abort())
    await show.click()
    await holds(refusal, 'No reply from the server.')
    await inspect(page, 'open/no-reply')
    await page.reload()
    await holds(status, 'counts as the same view')
    await inspect(page, 'open/resumed')
  })

  test('while it opens', async () => {
    const { shareUrl } = await stage.create({ captcha: true })
    const { page, show, status } = await visit(shareUrl)
    await page.route('**/reveal', () => undefined)
    await show.click()
    await holds(status, 'Opening … your device does the work')
    await inspect(page, 'open/opening')
  })
})

describe('showing', () => {
  test('the text, copied, and the end', async () => {
    const { shareUrl } = await stage.create({}, TEXT)
    const { page, show, text, copy, finish, title } = await visit(shareUrl)
    await page.context().grantPermissions(['clipboard-write'])
    await show.click()
    await text.waitFor()
    await inspect(page, 'open/secret')
    await copy.click()
    await page.getByRole('button', { name: 'Clear the clipboard' }).waitFor()
    await inspect(page, 'open/copied')
    await page.route('**/ack', (route) => route.abort())
    await finish.click()
    await holds(page.getByRole('alert'), 'No reply from the server.')
    await inspect(page, 'open/ack-failed')
    await page.unroute('**/ack')
    await finish.click()
    await holds(title, 'Read by you, destroyed')
    await inspect(page, 'open/destroyed')
  })

  test('the text covered, with views for others left', async () => {
    const { shareUrl } = await stage.create({ views: 2 }, TEXT)
    const { page, cover, show, text, finish, title } = await visit(shareUrl)
    await cover.check()
    await show.click()
    await holds(text, 'Covered.')
    await inspect(page, 'open/covered')
    await finish.click()
    await holds(title, 'Read by you')
    await inspect(page, 'open/done')
  })

  test('a long text', async () => {
    const { shareUrl } = await stage.create({}, `${'line\n'.repeat(100)}${'x'.repeat(2000)}`)
    const { page, show, text } = await visit(shareUrl)
    await show.click()
    await text.waitFor()
    await inspect(page, 'open/long')
  })
})

describe('refusing', () => {
  test.each([
    ['no-fragment', (link: string) => link.replace(/#.*/, '')],
    ['cut-short', (link: string) => link.slice(0, -5)],
    ['mistyped', (link: string) => link.replace(/#1.{3}/, '#1zzz')],
    ['newer-version', (link: string) => link.replace('#1', '#2')],
    ['plain-http', (link: string) => link.replace('127.0.0.1', FOREIGN_HOST)],
  ])('%s', async (name, change) => {
    const { shareUrl } = await stage.create()
    const { page, status } = await visit(change(shareUrl))
    await holds(status, 'No view was spent.')
    await inspect(page, `open/${name}`)
  })

  test('a secret that somebody opened, and one withdrawn', async () => {
    const viewed = await stage.create()
    await (await stage.client.openLink(viewed.shareUrl)).reveal()
    const { page, title } = await visit(viewed.shareUrl)
    await holds(title, 'Opened already')
    await inspect(page, 'open/viewed')

    const burned = await stage.create()
    await stage.client.deleteSecret(burned.slug, { manageKey: burned.manageKey })
    await page.goto(burned.shareUrl)
    await holds(title, 'Withdrawn')
    await inspect(page, 'open/withdrawn')
  })

  test('a secret that is unknown', async () => {
    const secret = await stage.create()
    const { page, title } = await visit('about:blank')
    await page.route('**/status', (route) =>
      route.fulfill({ status: 404, json: { success: false, error: { code: 'NOT_FOUND', message: 'Not found' } } }),
    )
    await page.goto(secret.shareUrl)
    await holds(title, 'Nothing here')
    await inspect(page, 'open/nothing')
  })

  test('a network that isn’t allowed', async () => {
    const { shareUrl } = await stage.create({ ipWhitelist: ['10.0.0.0/8'] })
    const { page, title } = await visit(shareUrl)
    await holds(title, 'Not from here')
    await inspect(page, 'open/not-here')
  })

  test('the last wrong password', async () => {
    const { shareUrl } = await stage.create({ password: 'right', maxAttempts: 1 })
    const { page, password, show, title } = await visit(shareUrl)
    await password.fill('wrong')
    await show.click()
    await holds(title, 'Locked')
    await inspect(page, 'open/last-try')
  })

  test('no reply to the first question', async () => {
    const { shareUrl } = await stage.create()
    const { page, status } = await visit('about:blank')
    await page.route('**/status', (route) => route.abort())
    await page.goto(shareUrl)
    await holds(status, 'No reply from the server.')
    await inspect(page, 'open/no-server')
  })

  test('no JavaScript', async () => {
    const { shareUrl } = await stage.create()
    const page = await stage.newPage({ javaScriptEnabled: false })
    await page.goto(shareUrl)
    expect(await page.locator('main:visible').innerText()).toContain('This page needs JavaScript')
    await page.setViewportSize({ width: 320, height: 640 })
    if (screenshots) await page.screenshot({ path: `${screenshots}/open/no-script-phone-light.png`, fullPage: true })
  })
})
