import { openLink } from '@halfkey/sdk'
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

async function visit(url: string): Promise<{ page: Page } & ReturnType<typeof parts>> {
  const page = await stage.newPage()
  await page.goto(url)
  return { page, ...parts(page) }
}

const selectAll = (page: Page): Promise<void> =>
  page.locator('#text').evaluate((text) => getSelection()?.selectAllChildren(text))

const clickLastLine = async (page: Page): Promise<void> => {
  const box = await page.locator('#text').boundingBox()
  if (!box) throw new Error('The text isn’t shown.')
  const style = await page.locator('#text').evaluate((text) => parseFloat(getComputedStyle(text).paddingBlockEnd))
  await page.mouse.click(box.x + 24, box.y + box.height - style - 8, { clickCount: 3 })
}

/** Every text and attribute that a translator may take. */
const translatable = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const ours = [...document.querySelectorAll<HTMLElement>('body *')].filter(({ translate }) => translate)
    const attributes = ['title', 'aria-label', 'placeholder', 'alt']
    const texts = ours.flatMap((element) => [
      ...[...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map((node) => node.nodeValue),
      ...attributes.map((name) => element.getAttribute(name)),
    ])
    return texts.join('\n')
  })

describe('a secret on its page', () => {
  test('shows note, views left and expiry before the reveal, which a click does', async () => {
    const content = '  first line\r\n\tsecond line \n\n🔑\u202e'
    const secret = await stage.create({ message: 'Use it <b>today</b>\nplease', hours: 2 }, content)
    const { page, facts, show, text, title } = await visit(secret.shareUrl)
    await holds(facts, /Can be opened\s*once, then it is destroyed/)
    await holds(facts, /Until\s*\d{1,2} \w+ \d{4} at \d\d:\d\d UTC \(in (1 hour|2 hours)\)$/)
    expect(await page.locator('#note-text').textContent()).toBe('Use it <b>today</b>\nplease')
    expect(await text.isVisible()).toBe(false)

    await show.click()
    await text.waitFor()
    expect(await text.textContent()).toBe(content)
    await holds(title, 'The secret')
    expect((await stage.ask(secret)).views).toBe(1)
  })

  test.each([
    [{ views: 3 }, /Can be opened\s*3 more times, then it is destroyed/],
    [{ views: null }, /Can be opened\s*any number of times/],
  ])('says how often it can be opened: %o', async (options, sentence) => {
    const secret = await stage.create(options)
    const { page, facts, status, show, finish } = await visit(secret.shareUrl)
    await holds(facts, sentence)
    expect(await page.locator('#note-text').count()).toBe(0)

    await show.click()
    await holds(finish, 'I have it')
    await finish.click()
    await holds(status, 'the views that are left are for others.')
    expect(await stage.ask(secret)).toEqual({ views: 1, status: 'active', events: ['created', 'opened', 'acked'] })
  })

  test('«Destroy now» acks, and takes text and key out of page and tab', async () => {
    const secret = await stage.create({}, 'to be forgotten')
    const { page, show, finish, status, title } = await visit(secret.shareUrl)
    await show.click()
    await holds(finish, 'Destroy now')
    await finish.click()
    await holds(title, 'Read by you, destroyed')
    await holds(status, /^The server was told to destroy it on \d{1,2} \w+ \d{4} at \d\d:\d\d UTC\./)
    expect((await stage.ask(secret)).events).toEqual(['created', 'opened', 'acked'])
    expect(await page.content()).not.toContain('to be forgotten')
    expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain(secret.shareUrl.split('#')[1])

    await page.reload()
    await holds(title, 'Read by you, destroyed')
  })

  test('an ack that fails leaves the text, and can be tried again', async () => {
    const secret = await stage.create()
    const { page, show, finish, refusal, text, title } = await visit(secret.shareUrl)
    await show.click()
    await text.waitFor()
    await page.route('**/ack', (route) => route.abort())
    await finish.click()
    await holds(refusal, 'No reply from the server.')
    expect(await text.textContent()).toBe('the text')

    await page.unroute('**/ack')
    await finish.click()
    await holds(title, 'Read by you, destroyed')
  })

  test('the address bar loses the fragment, and a reload before the reveal still has it', async () => {
    const secret = await stage.create()
    const { page, show, text } = await visit(`${secret.shareUrl.replace('#', '?from=mail#')})`)
    await show.waitFor()
    expect(page.url()).toBe(secret.shareUrl.split('#')[0])

    await page.reload()
    await show.click()
    await text.waitFor()
    expect((await stage.ask(secret)).views).toBe(1)
  })

  test('a reload after the reveal gets it again on a click, and spends nothing more', async () => {
    const secret = await stage.create({ password: 'open sesame' })
    const { page, show, text, password, status, refusal } = await visit(secret.shareUrl)
    await password.fill('open sesame')
    await show.click()
    await holds(status, 'Reloading this page shows it again for about ten minutes, at no further view')

    await page.reload()
    await holds(status, 'asking again within ten minutes counts as the same view')
    expect(await text.count()).toBe(0)
    await show.click()
    await holds(refusal, 'It needs the password that its sender gave you.')
    await password.fill('open sesame')
    await show.click()
    await holds(text, 'the text')
    const { views, events } = await stage.ask(secret)
    expect(views).toBe(1)
    expect(events.filter((type) => type === 'opened')).toHaveLength(1)
  })

  test('a reply lost on the way is had again after a reload', async () => {
    const secret = await stage.create()
    const { page, show, text, refusal } = await visit(secret.shareUrl)
    await page.route('**/reveal', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await show.click()
    await holds(refusal, 'No reply from the server.')
    expect((await stage.ask(secret)).views).toBe(1)

    await page.unroute('**/reveal')
    await page.reload()
    await show.click()
    await holds(text, 'the text')
    expect((await stage.ask(secret)).views).toBe(1)
  })

  test('where session storage is refused, it opens, and says that a reload would not bring it back', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.addInitScript(() => {
      Object.defineProperty(window, 'sessionStorage', {
        get: () => {
          throw new DOMException('refused', 'SecurityError')
        },
      })
    })
    await page.goto(secret.shareUrl)
    const { show, status, text } = parts(page)
    await show.click()
    await holds(status, 'Save it before you leave')
    expect(await text.textContent()).toBe('the text')
  })

  test('once showing it again is over, it says that perhaps this tab opened it, not that a stranger did', async () => {
    const secret = await stage.create()
    const { page, show, text, status } = await visit(secret.shareUrl)
    await show.click()
    await text.waitFor()
    const kept = await page.evaluate(() => Object.values(sessionStorage)[0] as string)
    const { revealId } = JSON.parse(kept) as { revealId: string }
    await (await (await openLink(secret.shareUrl, { revealId })).reveal()).done()

    await page.reload()
    await show.click()
    await holds(status, /^It was opened, perhaps by you in this tab, on .+, and can’t be shown again\./)
  })

  test('two links in one tab keep apart, the same link pasted again goes on', async () => {
    const [one, two] = [await stage.create({}, 'one'), await stage.create({}, 'two')]
    const { page, show, text } = await visit(one.shareUrl)
    await show.click()
    await holds(text, 'one')
    await page.goto(two.shareUrl)
    await show.click()
    await holds(text, 'two')
    await page.goto(one.shareUrl)
    await show.click()
    await holds(text, 'one')
    expect((await stage.ask(one)).views).toBe(1)
  })
})

describe('a password', () => {
  test('that is wrong says how many tries are left and spends no view; Enter sends the right one', async () => {
    const secret = await stage.create({ password: 'пароль ', maxAttempts: 3 })
    const { page, password, show, refusal, text } = await visit(secret.shareUrl)
    await show.click()
    expect(await password.evaluate((input: HTMLInputElement) => input.validity.valueMissing)).toBe(true)

    await password.fill('пароль')
    await show.click()
    await holds(refusal, 'That password is wrong. 2 tries are left. No view was spent.')
    await page.keyboard.type('пароль')
    await page.keyboard.press('Enter')
    await holds(refusal, 'That password is wrong. One try is left. No view was spent.')
    await page.keyboard.type('пароль ')
    await page.keyboard.press('Enter')
    await holds(text, 'the text')
    expect(await page.locator('input').count()).toBe(0)
    expect((await stage.ask(secret)).views).toBe(1)
  })

  test('that was the last try locks the page as well', async () => {
    const secret = await stage.create({ password: 'right', maxAttempts: 1 })
    const { page, password, show, status } = await visit(secret.shareUrl)
    await password.fill('wrong')
    await show.click()
    await holds(status, 'That was wrong too, and it was the last try.')
    expect(await show.isVisible()).toBe(false)

    // Only the server can tell whether this tab's reveal was recorded before the lock: the page offers to ask.
    await page.reload()
    await show.click()
    await holds(
      status,
      'It is locked after too many wrong passwords or codes. Its sender can unlock it. No view was spent.',
    )
  })
})

describe('using the page', () => {
  test.each([
    ['a triple click', 'one line', (page: Page) => page.locator('#text').click({ clickCount: 3 })],
    ['selecting all of a text that ends with a line feed', 'pw\n', selectAll],
    ['a triple click on the last of several lines', 'first\nlast', (page: Page) => clickLastLine(page)],
  ])('%s copies exactly the text', async (_, content, select) => {
    const secret = await stage.create({}, content)
    const { page, show, text } = await visit(secret.shareUrl)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await show.click()
    await text.waitFor()
    await select(page)
    await page.keyboard.press('ControlOrMeta+c')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      content.startsWith('first') ? 'last' : content,
    )
  })

  test('a selection that goes beyond the text is copied as it is', async () => {
    const secret = await stage.create({}, 'the text')
    const { page, show, text } = await visit(secret.shareUrl)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await show.click()
    await text.waitFor()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.press('ControlOrMeta+c')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/The secret[^]*the text[^]*Destroy now/)
  })

  test('nothing of the sender’s is offered to a translator', async () => {
    const note = 'a note of the sender'
    const secret = await stage.create({ message: note, attachments: [new File(['x'], 'a name of the sender.txt')] })
    const { page, show, text } = await visit(secret.shareUrl)
    await page.locator('#note-text').waitFor()
    expect(await translatable(page)).not.toContain(note)
    await show.click()
    await text.waitFor()
    const offered = await translatable(page)
    expect(offered).toContain('Destroy now')
    for (const sent of ['the text', 'a name of the sender', secret.slug]) expect(offered).not.toContain(sent)
  })

  test('Copy puts exactly the text on the clipboard', async () => {
    const content = '<script>alert(1)</script>\n  é \n'
    const secret = await stage.create({}, content)
    const { page, show, copy } = await visit(secret.shareUrl)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await show.click()
    await copy.click()
    await holds(page.getByRole('status'), 'Copied.')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(content)
  })

  test('Copy that the browser refuses selects the text instead', async () => {
    const secret = await stage.create()
    const page = await stage.newPage()
    await page.addInitScript(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('refused'))
    })
    await page.goto(secret.shareUrl)
    const { show, copy } = parts(page)
    await show.click()
    await copy.click()
    await holds(page.getByRole('status'), 'The text is selected: copy it with the keyboard.')
    expect(await page.evaluate(() => getSelection()?.toString())).toBe('the text')
  })

  test('the keyboard alone is enough, and the focus follows what happens', async () => {
    const secret = await stage.create()
    const { page, show, text, title, finish } = await visit(secret.shareUrl)
    await show.waitFor()
    while (!(await show.evaluate((element) => element === document.activeElement))) await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await text.waitFor()
    expect(await title.evaluate((element) => element === document.activeElement)).toBe(true)
    for (const expected of ['text', 'Copy', 'Cover', 'finish']) {
      await page.keyboard.press('Tab')
      const focused = page.locator(':focus')
      expect([await focused.getAttribute('id'), await focused.textContent()]).toContain(expected)
    }
    await page.keyboard.press('Space')
    await holds(title, 'Read by you, destroyed')
    expect(await finish.isVisible()).toBe(false)
  })

  test('hostile notes and texts are shown as text', async () => {
    const hostile = '<img src=x onerror="document.title=1"><svg onload=alert(1)>'
    const secret = await stage.create({ message: hostile }, hostile)
    const { page, show, text } = await visit(secret.shareUrl)
    await show.waitFor()
    expect(await page.locator('#note-text').textContent()).toBe(hostile)
    expect(await page.locator('img, blockquote svg').count()).toBe(0)
    await show.click()
    await text.waitFor()
    expect(await text.textContent()).toBe(hostile)
    expect(await page.locator('img, pre svg').count()).toBe(0)
  })

  test('a phone is wide enough, however long the words are', async () => {
    const secret = await stage.create({ message: 'm'.repeat(500), password: 'p' }, 'x'.repeat(5000))
    const page = await stage.newPage({ viewport: { width: 320, height: 568 } })
    await page.goto(secret.shareUrl)
    const { password, show, text } = parts(page)
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    await password.fill('p')
    expect(await overflow()).toBeLessThanOrEqual(0)
    await show.click()
    await text.waitFor()
    expect(await overflow()).toBeLessThanOrEqual(0)
  })
})
