/** The workspace's requests: made, answered, collected with the workspace key, tightened and ended. */
import { openAsk, openCollect } from '@halfkey/sdk'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { inspect } from './inspect.ts'
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

const press = (page: Page, name: string, exact = true) => page.getByRole('button', { name, exact }).click()
const confirm = (page: Page, name: string) =>
  page.getByRole('dialog').getByRole('button', { name, exact: true }).click()

/** A request of three answers with one that came. */
async function answered(description: string, keepSeed = true) {
  const asked = await stage.keeper.createRequest({ message: 'The password', description, answers: 3, keepSeed })
  await (await openAsk(asked.askUrl)).answer('correct horse')
  return asked
}

test('a request made on the page has what was chosen, and its two links work', async () => {
  const page = await stage.signIn({ part: 'requests' })
  await page.getByLabel('What you ask for').fill('The database password')
  await page.getByLabel('Description').fill('For staging')
  await page.getByLabel('Answers taken, in all').fill('2')
  await page.getByText('Each answer', { exact: true }).click()
  await page.getByLabel('Openings').fill('3')
  await page.getByLabel('Files, at most').fill('0')
  await page.getByLabel('Size in MB, at most').fill('1')
  await page.getByLabel('E-mail address to notify').fill('ada@example.com')
  await inspect(page, 'own/new-request')
  await press(page, 'Create the request')
  await holds(page.getByRole('alert'), 'This server can’t notify that address by e-mail.')
  await page.getByLabel('E-mail address to notify').fill('')
  await press(page, 'Create the request')
  const [askUrl, collectUrl] = [
    await page.locator('#ask-link').innerText(),
    await page.locator('#collect-link').innerText(),
  ]
  await inspect(page, 'own/request-links')
  await press(page, 'I have it')
  expect(await page.content()).not.toContain(collectUrl.split('#')[1])
  await page.getByRole('link', { name: 'For staging' }).waitFor()

  const ask = await openAsk(askUrl)
  expect([ask.note, ask.answersLeft]).toEqual(['The database password', 2])
  expect(ask.limits).toMatchObject({ maximumViews: 3, maximumFiles: 0, maximumBytes: 1_000_000 })
  expect(await (await openCollect(collectUrl)).answers()).toEqual([])
  // Without a word of the seed to the server, the workspace key collects too.
  expect((await stage.keeper.collect(ask.slug)).collectUrl).toBe(collectUrl)
})

test('an answer is opened with the workspace key, on the page and after a reload, and what its owner does is done', async () => {
  const { slug, askUrl } = await answered('For production')
  const page = await stage.signIn({ part: 'requests' })
  await page.getByRole('link', { name: 'For production' }).click()
  await page.getByRole('button', { name: 'Open answer 1' }).waitFor()
  await inspect(page, 'own/request')
  await press(page, 'Open answer 1')
  await press(page, 'Show the answer')
  await holds(page.locator('#text'), 'correct horse')
  await inspect(page, 'own/answer')
  await page.reload()
  await press(page, 'Show the answer')
  await holds(page.locator('#text'), 'correct horse')
  await press(page, 'Destroy now')
  await holds(page.getByRole('heading', { level: 1 }), 'Read by you, destroyed')
  await page.goBack()
  await holds(page.getByRole('heading', { level: 1 }), 'For production')
  await holds(page.locator('.answers > li'), 'Opened and gone')

  await press(page, 'Shorten')
  await page.getByText('It ends sooner now.').waitFor()
  await page.getByLabel('Answers taken, in all').fill('2')
  await press(page, 'Take fewer')
  await page.getByText('It takes fewer answers now.').waitFor()
  await page.getByText('1 of 2 answers').waitFor()
  await (await openAsk(askUrl)).answer('the second')
  await page.getByText('A new answer has come: 2 in all.').waitFor()
  await page.getByText('Answered', { exact: true }).waitFor()
  await press(page, 'Remove the record')
  await confirm(page, 'Remove the record')
  await holds(page.getByRole('dialog'), 'Not all of its answers have ended yet')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await press(page, 'Open answer 2')
  await press(page, 'Show the answer')
  await press(page, 'Destroy now')
  await press(page, '← All answers')
  await press(page, 'Remove the record')
  await confirm(page, 'Remove the record')
  await holds(page.getByRole('heading', { level: 1 }), 'Requests')
  await expect(stage.keeper.getRequest(slug)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a request whose seed wasn’t kept is withdrawn and filtered all the same; the figures count it', async () => {
  const { slug } = await answered('By link alone', false)
  await stage.keeper.createRequest({ description: 'Still open' })
  const page = await stage.signIn({ part: `requests/${slug}` })
  await page.getByText('Open the collect link of the request instead.').waitFor()
  await press(page, 'Withdraw')
  await confirm(page, 'Withdraw')
  await page.getByText('The request is withdrawn.').waitFor()
  expect((await stage.keeper.getRequest(slug)).status).toBe('withdrawn')
  await page.getByRole('link', { name: '← All requests' }).click()
  await page.getByRole('link', { name: 'Still open' }).waitFor()
  await page.getByLabel('State').selectOption('withdrawn')
  await page.getByRole('link', { name: 'Still open' }).waitFor({ state: 'detached' })
  await holds(page.locator('.rows > li').first(), '1 of 3 answers')
  await page.getByRole('link', { name: 'Statistics' }).click()
  const stats = await stage.keeper.getRequestStats()
  await holds(page.locator('#requests-title + .figures div').first(), String(stats.totalRequests))
})
