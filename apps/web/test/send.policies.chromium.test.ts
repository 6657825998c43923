/** Every choice on the page that shares secrets, to its effect on the server and for the recipient. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { totpAt } from '../../api/test/support/codes.ts'
import { startOutside, type OutsideServices } from '../../api/test/support/outside.ts'
import { makeHome, type Home } from '../../api/test/support/server.ts'
import { slugOf, visitSend } from './send-parts.ts'
import { holds, openStage, parts, type Stage } from './stage.ts'

let home: Home
let outside: OutsideServices
let stage: Stage

beforeAll(async () => {
  home = makeHome()
  outside = await startOutside(home.root)
  stage = await openStage({ ...outside.settings, HALFKEY_CAPTCHA_COST: '3000' })
})
afterAll(async () => {
  await stage.close()
  await outside.close()
  home.remove()
})
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

/** The page with a text, and «more» unfolded with the token in it. */
async function visitWithToken() {
  const visited = await visitSend(stage)
  await visited.text.fill('the text')
  await visited.more.click()
  await visited.page.getByLabel('API token').fill(stage.token)
  await visited.page.getByLabel('API token').blur()
  await visited.page.getByText('each.').waitFor()
  return visited
}

/** Shares, and asks the server what it has. */
async function shareAndAsk({ share, link }: Awaited<ReturnType<typeof visitWithToken>>) {
  await share.click()
  const shareUrl = await link.innerText()
  return { shareUrl, details: await stage.owner.getSecretDetails(slugOf(shareUrl)) }
}

const hoursLeft = (expiration: Date): number => (expiration.getTime() - Date.now()) / 3_600_000

describe('how long and how often', () => {
  test('a day and once, unless asked for something else', async () => {
    const { details } = await shareAndAsk(await visitWithToken())
    expect(details.maximumViews).toBe(1)
    expect(hoursLeft(details.expiration)).toBeCloseTo(24, 0)
  })

  test('a usual time and number', async () => {
    const visited = await visitWithToken()
    await visited.expiry.selectOption('7 days')
    await visited.views.selectOption('5 times')
    const { details } = await shareAndAsk(visited)
    expect(details.maximumViews).toBe(5)
    expect(hoursLeft(details.expiration)).toBeCloseTo(168, 0)
  })

  test('any time and number', async () => {
    const visited = await visitWithToken()
    await visited.expiry.selectOption('other …')
    await visited.page.getByLabel('How long').fill('90')
    await visited.page.getByLabel('Unit').selectOption('minutes')
    await visited.views.selectOption('other …')
    await visited.page.getByLabel('How often').fill('1234')
    const { details } = await shareAndAsk(visited)
    expect(details.maximumViews).toBe(1234)
    expect(hoursLeft(details.expiration)).toBeCloseTo(1.5, 1)
  })

  test('any number of times until it expires', async () => {
    const visited = await visitWithToken()
    await visited.views.selectOption('without limit')
    expect((await shareAndAsk(visited)).details.maximumViews).toBeNull()
  })

  test('longer than the server keeps secrets of strangers can’t be chosen, nor shared', async () => {
    const { page, text, expiry, share } = await visitSend(stage)
    await page.getByText('Up to 100 files').waitFor()
    await text.fill('the text')
    await expiry.selectOption('other …')
    await page.getByLabel('How long').fill('31')
    await page.getByLabel('Unit').selectOption('days')
    await share.click()
    await holds(page.locator('#expiry-error'), 'This server keeps your secrets for 30 days at most.')
  })
})

describe('a password', () => {
  test('typed is asked of the recipient, and shown to the sender for handing over', async () => {
    const visited = await visitWithToken()
    await visited.password.fill('пароль 🗝')
    const { shareUrl, details } = await shareAndAsk(visited)
    expect(details.hasPassword).toBe(true)
    await holds(visited.page.locator('#shared-password'), 'пароль 🗝')
    const link = await stage.client.openLink(shareUrl)
    await expect(link.reveal({ password: 'wrong' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' })
    expect((await link.reveal({ password: 'пароль 🗝' })).text).toBe('the text')
  })

  test('is generated anew at each click, of six words, said to be strong, and opens', async () => {
    const visited = await visitWithToken()
    await visited.generate.click()
    await holds(visited.strength, 'Strong')
    await holds(visited.strength, 'Six words, drawn at random from 1296.')
    const first = await visited.password.inputValue()
    await visited.generate.click()
    await expect.poll(() => visited.password.inputValue()).not.toBe(first)
    const password = await visited.password.inputValue()
    expect(password).toMatch(/^[a-z]+(?:-[a-z]+){5,}$/)
    const { shareUrl } = await shareAndAsk(visited)
    expect((await (await stage.client.openLink(shareUrl)).reveal({ password })).text).toBe('the text')
  })
})

describe('behind «more»', () => {
  test('the note, addresses, countries, tries and lock-out reach the server', async () => {
    const visited = await visitWithToken()
    const { page } = visited
    await page.getByLabel('Note for the recipient').fill('Use it today.')
    await page.getByLabel('From these addresses only').fill('127.0.0.0/8\n2001:db8::/32, 203.0.113.7')
    for (const label of ['France', 'Norway']) {
      await page.getByLabel('From these countries only').selectOption({ label })
      await page.getByRole('button', { name: 'Add' }).click()
    }
    await page.getByRole('button', { name: 'Remove Norway' }).click()
    await page.getByLabel('Tries', { exact: true }).fill('1')
    await page.getByLabel('Then', { exact: true }).selectOption('destroy it')
    await visited.password.fill('right')
    const { shareUrl, details } = await shareAndAsk(visited)
    expect(details.ipWhitelist).toEqual(['127.0.0.0/8', '2001:db8::/32', '203.0.113.7'])
    expect(details.geolocation).toEqual(['FR'])
    const link = await stage.client.openLink(shareUrl)
    expect(link.note).toBe('Use it today.')
    await expect(link.reveal({ password: 'wrong' })).rejects.toMatchObject({ code: 'PASSWORD_WRONG' })
    await expect(link.reveal({ password: 'right' })).rejects.toMatchObject({ code: 'GONE' })
  })

  test('the work against robots is asked of the recipient, whose page does it', async () => {
    const visited = await visitWithToken()
    await visited.page.getByLabel('Have the recipient’s device do a moment of work').check()
    const { shareUrl, details } = await shareAndAsk(visited)
    expect(details.captcha).toBe(true)
    const reader = await stage.newPage()
    await reader.goto(shareUrl)
    await parts(reader).show.click()
    await holds(parts(reader).text, 'the text')
  })

  test('a code goes by e-mail', async () => {
    const visited = await visitWithToken()
    await visited.page.getByLabel('One-time code').selectOption('by e-mail')
    await visited.page.getByLabel('The recipient’s e-mail address').fill(' reader@recipient.example ')
    const { shareUrl } = await shareAndAsk(visited)
    await (await stage.client.openLink(shareUrl)).requestCode()
    expect(outside.smtp.received.at(-1)).toMatchObject({ to: ['reader@recipient.example'] })
  })

  test('a code goes by text message, to a number as people write it', async () => {
    const visited = await visitWithToken()
    await visited.page.getByLabel('One-time code').selectOption('by text message')
    await visited.page.getByLabel('The recipient’s number').fill('+49 (151) 123-456.78')
    const { shareUrl } = await shareAndAsk(visited)
    await (await stage.client.openLink(shareUrl)).requestCode()
    expect(outside.texts.at(-1)?.to).toBe('+4915112345678')
  })

  test('a code comes from an authenticator app, whose key the page draws and shows for handing over', async () => {
    const visited = await visitWithToken()
    await visited.page.getByLabel('One-time code').selectOption('from an authenticator app')
    const key = visited.page.getByLabel('Key for the authenticator app')
    await expect.poll(() => key.inputValue()).toMatch(/^[A-Z2-7]{32}$/)
    const secret = await key.inputValue()
    const { shareUrl } = await shareAndAsk(visited)
    await holds(visited.page.locator('#shared-key'), secret)
    await visited.page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
    const link = await stage.client.openLink(shareUrl)
    expect((await link.reveal({ otp: totpAt(Date.now(), secret) })).text).toBe('the text')
  })

  test('the sender is told by e-mail of the first opening', async () => {
    const visited = await visitWithToken()
    await visited.page.getByLabel('Tell me by e-mail').fill('sender@sender.example')
    const { shareUrl } = await shareAndAsk(visited)
    await (await stage.client.openLink(shareUrl)).reveal()
    await expect
      .poll(() => outside.smtp.received.map(({ to }) => to), { timeout: 15_000 })
      .toContainEqual(['sender@sender.example'])
  })

  test('a description and the link itself are sealed for the owner’s lists', async () => {
    const workspaceKey = Buffer.alloc(32, 7).toString('base64url')
    const visited = await visitWithToken()
    await visited.page.getByLabel('Workspace key').fill(workspaceKey)
    await visited.page.getByLabel('Description').fill('Database of the shop')
    await visited.page.getByLabel('Keep the link in my lists').check()
    const { shareUrl, details } = await shareAndAsk(visited)
    expect(details.description).toBeUndefined()
    const { Halfkey } = await import('@halfkey/sdk')
    const owner = new Halfkey({ baseUrl: stage.url, token: stage.token, workspaceKey })
    const opened = await owner.getSecretDetails(details.slug)
    expect(opened.description).toBe('Database of the shop')
    expect(`${opened.shareUrl}#${opened.fragment}`).toBe(shareUrl)
  })

  test('what the server can’t enforce for a stranger is said where it is chosen, and never dropped', async () => {
    const { page, text, more, share } = await visitSend(stage)
    await text.fill('the text')
    await more.click()
    await page.getByLabel('One-time code').selectOption('by e-mail')
    await page.getByLabel('The recipient’s e-mail address').fill('reader@recipient.example')
    await holds(page.locator('#otp-hint'), 'This server can’t send you such codes')
    await share.click()
    await holds(page.locator('#otp-error'), 'Perhaps it can with a token.')
    expect(await page.getByLabel('Tell me by e-mail').isDisabled()).toBe(true)
  })
})
