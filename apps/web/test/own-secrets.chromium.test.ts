/** The own page's secrets: found, looked into, and ended sooner. */
import { Halfkey, type CreateOptions, type SharedSecret } from '@halfkey/sdk'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openOwnStage, type OwnStage } from './own.ts'
import { holds } from './stage.ts'

let stage: OwnStage

beforeAll(async () => {
  stage = await openOwnStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const share = (description: string, options: CreateOptions = {}): Promise<SharedSecret> =>
  stage.keeper.createSecret('the text', { description, ...options })

const parts = (page: Page) => ({
  title: page.getByRole('heading', { level: 1 }),
  rows: page.locator('.rows > li'),
  status: page.getByLabel('State'),
  creator: page.getByLabel('Made by'),
  search: page.getByRole('button', { name: 'Search' }),
  refresh: page.getByRole('button', { name: 'Refresh' }),
  next: page.getByRole('button', { name: 'Next' }),
  previous: page.getByRole('button', { name: 'Previous' }),
  facts: page.locator('.known'),
  dialog: page.getByRole('dialog'),
  said: page.locator('main > .said[role=status]'),
  events: page.locator('.events'),
})

const openSecret = async (name: string): Promise<Page> => {
  const page = await stage.signIn()
  await page.getByRole('link', { name }).click()
  await parts(page).facts.waitFor()
  return page
}

describe('the list', () => {
  test('shows descriptions that only the workspace key opens, newest first, page by page', async () => {
    for (let i = 1; i <= 21; i++) await share(`number ${i} of many`)
    const page = await stage.signIn()
    const { rows, next, previous } = parts(page)
    await holds(rows.first(), 'number 21 of many')
    expect(await rows.count()).toBe(20)
    await next.click()
    await page.getByRole('link', { name: 'number 1 of many', exact: true }).waitFor()
    await holds(page.getByRole('status'), 'Page 2 of 2')
    await previous.click()
    await holds(rows.first(), 'number 21 of many')
  })

  test('is filtered by state and by who made it', async () => {
    await stage.keeper.deleteSecret((await share('to be withdrawn')).slug)
    const { token } = await stage.keeper.tokens.create('colleague', { scopes: ['secrets:write'] })
    const page = await stage.signIn()
    const { rows, status, creator, search } = parts(page)
    await status.selectOption('Burned')
    await page.getByRole('link', { name: 'to be withdrawn' }).waitFor()
    await holds(rows, 'Burned')
    await status.selectOption('Any')

    await creator.fill('colleague')
    await search.click()
    await page.getByText('No such secrets.').waitFor()
    await new Halfkey({ baseUrl: stage.url, token }).createSecret('text')
    await search.click()
    await rows.first().waitFor()
    expect(await rows.count()).toBe(1)
    await holds(rows.first(), 'by colleague')
  })

  test('keeps its filters while one secret is looked at', async () => {
    await stage.keeper.deleteSecret((await share('withdrawn too')).slug)
    const page = await stage.signIn()
    const { status, facts } = parts(page)
    await status.selectOption('Burned')
    await page.getByRole('link', { name: 'withdrawn too' }).click()
    await facts.waitFor()
    await page.getByRole('link', { name: 'All secrets' }).click()
    await page.getByRole('link', { name: 'withdrawn too' }).waitFor()
    expect(await status.inputValue()).toBe('burned')
  })

  test('says of a description that doesn’t open that it doesn’t, and shows the others', async () => {
    const [one, other] = [await share('an honest one'), await share('a swapped one')]
    await swapMeta(one.slug, other.slug)
    const page = await stage.signIn()
    const row = parts(page).rows.filter({ hasText: other.slug })
    await holds(row, 'sealed under another workspace key, or the server changed it')
    await page.getByRole('link', { name: 'an honest one' }).waitFor()
    await row.getByRole('link').click()
    await page.getByRole('alert').filter({ hasText: 'sealed under another workspace key' }).waitFor()
    await holds(parts(page).facts, other.slug)
  })
})

describe('one secret', () => {
  test('shows what it asks for, what was noted, and who did what from where', async () => {
    const secret = await share('with everything', {
      password: 'right',
      message: 'for Ann',
      views: 3,
      ipWhitelist: ['127.0.0.0/8'],
    })
    const link = await stage.client.openLink(secret.shareUrl)
    await link.reveal({ password: 'wrong' }).catch(() => undefined)
    await link.reveal({ password: 'right' })
    const page = await openSecret('with everything')
    const { facts, events } = parts(page)
    for (const fact of ['Active', '1 of 3 views', 'a password', '127.0.0.0/8', 'for Ann', 'admin']) {
      await holds(facts, fact)
    }
    await holds(events, 'With a wrong password.')
    await holds(events, 'Opened')
    await holds(events, '127.0.0.1')
  })

  test('shows the link of a recoverable one only when asked, and it opens', async () => {
    const secret = await share('recoverable', { recoverable: true })
    const page = await openSecret('recoverable')
    await holds(page.locator('#link'), 'Hidden.')
    expect(await page.content()).not.toContain(secret.shareUrl.split('#')[1])
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    expect(await page.locator('#link').innerText()).toBe(secret.shareUrl)
  })

  test('is left by the back button, to the list, and comes again forward; the title has the focus', async () => {
    await share('gone back from')
    const page = await openSecret('gone back from')
    const focused = () => page.evaluate(() => document.activeElement?.textContent)
    expect(await focused()).toBe('gone back from')
    await page.goBack()
    await holds(parts(page).title, 'Secrets')
    expect(await focused()).toBe('Secrets')
    await page.goForward()
    await holds(parts(page).title, 'gone back from')
    await page.reload()
    await holds(parts(page).title, 'gone back from')
  })

  test('that is unknown says so', async () => {
    const page = await stage.signIn({ part: 'secrets/1111111111111' })
    await holds(page.getByRole('alert'), 'There is no such thing here any more.')
  })
})

describe('ending sooner', () => {
  test('burns only what is confirmed, and another tab sees it when it is refreshed', async () => {
    const { slug } = await share('to be burned')
    const [page, other] = [await openSecret('to be burned'), await openSecret('to be burned')]
    const { dialog, said, facts } = parts(page)
    await page.getByRole('button', { name: 'Burn' }).click()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect((await stage.keeper.getSecretDetails(slug)).status).toBe('active')

    await page.getByRole('button', { name: 'Burn' }).click()
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect((await stage.keeper.getSecretDetails(slug)).status).toBe('active')

    await page.getByRole('button', { name: 'Burn' }).click()
    await dialog.getByRole('button', { name: 'Burn' }).click()
    await holds(said, 'It is burned')
    await holds(facts, 'Burned')
    expect((await stage.keeper.getSecretDetails(slug)).status).toBe('burned')

    await holds(parts(other).facts, 'Active')
    await parts(other).refresh.click()
    await holds(parts(other).facts, 'Burned')
  })

  test('a burn in a tab that doesn’t know of another’s is the same success', async () => {
    const { slug } = await share('burned twice')
    const page = await openSecret('burned twice')
    await stage.keeper.deleteSecret(slug)
    await page.getByRole('button', { name: 'Burn' }).click()
    await parts(page).dialog.getByRole('button', { name: 'Burn' }).click()
    await holds(parts(page).said, 'It is burned')
  })

  test('shortens the expiry', async () => {
    const { slug } = await share('shortened')
    const page = await openSecret('shortened')
    await page.getByLabel('End it').selectOption('in 1 hour')
    await page.getByRole('button', { name: 'Shorten' }).click()
    await holds(parts(page).said, 'It ends sooner now.')
    const { expiration } = await stage.keeper.getSecretDetails(slug)
    expect(Math.abs(expiration.getTime() - Date.now() - 3_600_000)).toBeLessThan(60_000)
  })

  test('lowers the views, to none below those spent', async () => {
    const { slug } = await share('fewer views', { views: 10 })
    const page = await openSecret('fewer views')
    const views = page.getByLabel('Views allowed')
    for (const refused of ['0', '10']) {
      await views.fill(refused)
      await page.getByRole('button', { name: 'Lower the views' }).click()
      expect(await views.evaluate((input: HTMLInputElement) => input.validity.valid)).toBe(false)
    }
    await views.fill('2')
    await page.getByRole('button', { name: 'Lower the views' }).click()
    await holds(parts(page).facts, '0 of 2 views')
    expect((await stage.keeper.getSecretDetails(slug)).maximumViews).toBe(2)
  })

  test('unlocks what wrong passwords locked', async () => {
    const { slug, shareUrl } = await share('locked', { password: 'right', maxAttempts: 1 })
    await (await stage.client.openLink(shareUrl)).reveal({ password: 'wrong' }).catch(() => undefined)
    const page = await openSecret('locked')
    await holds(parts(page).facts, 'Locked')
    await page.getByRole('button', { name: 'Unlock' }).click()
    await parts(page).dialog.getByRole('button', { name: 'Unlock' }).click()
    await holds(parts(page).facts, 'Active')
    expect((await stage.keeper.getSecretDetails(slug)).status).toBe('active')
  })

  test('removes the record of one that ended', async () => {
    const { slug } = await share('to be purged')
    await stage.keeper.deleteSecret(slug)
    const page = await openSecret('to be purged')
    await page.getByRole('button', { name: 'Remove the record' }).click()
    await parts(page).dialog.getByRole('button', { name: 'Remove the record' }).click()
    await holds(parts(page).title, 'Secrets')
    await expect(stage.keeper.getSecretDetails(slug)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('says why it failed, and what failed can be tried again', async () => {
    const { slug } = await share('burned later')
    const page = await openSecret('burned later')
    await page.route(`**/secrets/${slug}`, (route) =>
      route.request().method() === 'DELETE' ? route.abort() : route.fallback(),
    )
    const { dialog, said } = parts(page)
    await page.getByRole('button', { name: 'Burn' }).click()
    await dialog.getByRole('button', { name: 'Burn' }).click()
    await holds(dialog.getByRole('alert'), 'No reply from the server.')
    await page.unroute(`**/secrets/${slug}`)
    await dialog.getByRole('button', { name: 'Burn' }).click()
    await holds(said, 'It is burned')
  })

  test('isn’t done by a script’s click', async () => {
    const { slug } = await share('clicked by a script')
    const page = await openSecret('clicked by a script')
    await page.getByRole('button', { name: 'Burn' }).click()
    await page.evaluate(() => document.querySelector<HTMLButtonElement>('dialog .primary')?.click())
    await parts(page).dialog.getByRole('button', { name: 'Cancel' }).click()
    expect((await stage.keeper.getSecretDetails(slug)).status).toBe('active')
  })
})

/** Has the server hold one secret's sealed note for another, as only a dishonest server or a mistake would. */
async function swapMeta(from: string, to: string): Promise<void> {
  const call = async (method: string, slug: string, body?: unknown) => {
    const response = await fetch(`${stage.url}/api/v1/secrets/${slug}`, {
      method,
      headers: { Authorization: `Bearer ${stage.token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return ((await response.json()) as { data: { meta: string } }).data
  }
  await call('PATCH', to, { meta: (await call('GET', from)).meta })
}
