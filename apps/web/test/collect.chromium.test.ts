/** Collecting answers on a phone, from a real server. */
import { openAsk, openCollect, type AnswerOptions } from '@halfkey/sdk'
import { createHash, randomBytes } from 'node:crypto'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findLeaks } from '../../../packages/sdk/test/leaks.ts'
import { inspect, screenshots } from './inspect.ts'
import { record } from './recorder.ts'
import { holds, openStage, parts, type Stage } from './stage.ts'

const NOTE = 'The database password of staging, please.\nAnd the certificate as a file.'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

interface Asked {
  askUrl: string
  collectUrl: string
  slug: string
}

/** A request, and the texts that answer it. */
async function ask(texts: string[] = [], options: { answers?: number; views?: number } = {}): Promise<Asked> {
  const { answers = 3, views } = options
  const asked = await stage.owner.createRequest({ message: NOTE, answers, answer: { views } })
  for (const text of texts) await answer(asked, text)
  return asked
}

const answer = async ({ askUrl }: Asked, text: string, options?: AnswerOptions) =>
  (await openAsk(askUrl)).answer(text, options)

/** For reviewers: a state of the same parts as others that are inspected. */
const shoot = async (page: Page, name: string): Promise<void> => {
  if (screenshots) await inspect(page, name)
}

/** What the asker is told of each answer by the server. */
const standings = async ({ collectUrl }: Asked) =>
  (await (await openCollect(collectUrl)).answers()).map(({ status }) => status)

/** On a phone, on which a picker writes where the page alone may: no test can answer the browser's own. */
async function visit(url: string, options?: BrowserContextOptions): Promise<Page> {
  const page = await stage.newPage({ viewport: { width: 320, height: 640 }, ...options })
  await page.addInitScript(() => {
    const pick = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
    Object.assign(globalThis, { showSaveFilePicker: pick })
  })
  await page.goto(url)
  return page
}

const on = (page: Page) => ({
  ...parts(page),
  show: page.getByRole('button', { name: 'Show the answer' }),
  rows: page.locator('.answers > li'),
  news: page.locator('#news'),
  open: (number: number) => page.getByRole('button', { name: `Open answer ${number}` }),
  back: page.getByRole('button', { name: '← All answers' }),
})

describe('a request', () => {
  test('with two answers is collected as they come: the text, then the files; nothing sent opens any of it', async () => {
    const asked = await ask()
    const seed = asked.collectUrl.split('#')[1] ?? ''
    const recorder = await record(new URL(stage.url))
    const page = await visit(asked.collectUrl.replace(stage.url, recorder.url))
    const { title, rows, news, open, back, show, text, finish } = on(page)
    await page.getByText('No answer yet.').waitFor()
    expect(page.url()).not.toContain('#')
    expect(await news.innerText()).toBe('')
    await shoot(page, 'collect/empty')

    await answer(asked, 'correct horse', { message: 'As agreed. — Ann', password: 'sesame' })
    await holds(news, 'An answer has come.')
    const bytes = randomBytes(600_000)
    await answer(asked, '', { attachments: [new File([bytes], 'cert.pem'), new File([], 'empty.txt')] })
    await holds(news, 'A new answer has come: 2 in all.')
    await inspect(page, 'collect/list')

    await open(1).click()
    await holds(page.locator('#note-text'), 'As agreed. — Ann')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('title')
    await inspect(page, 'collect/offer')
    await page.getByLabel('Password').fill('sesame')
    await show.click()
    await holds(text, 'correct horse')
    await shoot(page, 'collect/secret')
    await page.reload()
    await show.click()
    await page.getByLabel('Password').fill('sesame')
    await show.click()
    await holds(text, 'correct horse')
    await back.click()
    await holds(rows.first(), 'Opened')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe(await rows.first().getAttribute('id'))
    await page.getByRole('button', { name: 'Show answer 1 again' }).click()
    await holds(text, 'correct horse')
    await finish.click()
    await holds(title, 'Read by you, destroyed')
    await shoot(page, 'collect/destroyed')
    await page.goBack()
    await holds(rows.first(), 'Opened and gone')

    await holds(rows.nth(1), '2 files')
    await open(2).click()
    await show.click()
    await page.getByRole('button', { name: 'Save cert.pem' }).click()
    await page.getByText('Saved').first().waitFor()
    const saved = await page.evaluate(async () => {
      const handle = await (await navigator.storage.getDirectory()).getFileHandle('cert.pem')
      const hash = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer())
      return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
    })
    expect(saved).toBe(createHash('sha256').update(bytes).digest('hex'))
    await shoot(page, 'collect/files')
    await finish.click()
    await holds(page.getByRole('dialog'), 'One file isn’t saved yet')
    await page.getByRole('button', { name: 'Go on without' }).click()
    await holds(title, 'Read by you, destroyed')
    expect(await standings(asked)).toEqual(['viewed', 'viewed'])

    await recorder.close()
    const sent = recorder.sent()
    expect(sent).toContain('/ack')
    const ask1 = asked.askUrl.split('#')[1] ?? ''
    const needles = {
      seed,
      ask: ask1,
      text: 'correct horse',
      note: 'As agreed. — Ann',
      password: 'sesame',
      asked: NOTE,
    }
    expect(findLeaks(sent, needles)).toEqual([])
  })

  test('in two tabs: the answer is read in one, and the other says that it was opened', async () => {
    const asked = await ask(['only once'])
    const [one, two] = [await visit(asked.collectUrl), await visit(asked.collectUrl)]
    for (const page of [one, two]) await on(page).open(1).click()
    for (const page of [one, two]) await on(page).show.waitFor()
    await on(one).show.click()
    await holds(on(one).text, 'only once')
    await on(two).show.click()
    await holds(on(two).status, 'If that wasn’t you, in another tab or program, somebody else')
    expect(await standings(asked)).toEqual(['viewed'])
  })

  test('with a lost reply: the next click shows the answer, after a reload too, and spends nothing more', async () => {
    const asked = await ask(['kept'], { views: 2 })
    const page = await visit(asked.collectUrl)
    const { open, show, refusal, text, finish, rows, title, back } = on(page)
    await page.route('**/reveal', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await open(1).click()
    await show.click()
    await holds(refusal, 'trying again counts as the same view')
    await page.unroute('**/reveal')
    await page.reload()
    await show.click()
    await holds(text, 'kept')
    await finish.click()
    await holds(title, 'Read by you')
    await back.click()
    await holds(rows.first(), 'Opened')
    // One of its two views is left.
    expect(await standings(asked)).toEqual(['active'])
    const [left] = await (await openCollect(asked.collectUrl)).answers()
    expect((await left?.open())?.viewsLeft).toBe(1)
  })

  test('that another withdraws meanwhile keeps its answers; one that is withdrawn here asks before', async () => {
    const asked = await ask(['still there'])
    const page = await visit(asked.collectUrl)
    const { status, open, show, text } = on(page)
    await open(1).waitFor()
    await (await openCollect(asked.collectUrl)).withdraw()
    await holds(status, 'Withdrawn')
    await shoot(page, 'collect/withdrawn')
    await open(1).click()
    await show.click()
    await holds(text, 'still there')

    const other = await ask()
    await page.goto(other.collectUrl)
    await page.getByRole('button', { name: 'Withdraw the request' }).click()
    await inspect(page, 'collect/withdraw')
    expect((await stage.owner.getRequest(other.slug)).status).toBe('open')
    await page.route('**/requests/*', (route) => route.abort())
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw the request' }).click()
    await holds(page.getByRole('dialog'), 'No reply from the server.')
    await page.unroute('**/requests/*')
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw the request' }).click()
    await holds(status, 'Withdrawn')
    await page.getByText('No answer came.').waitFor()
    expect((await stage.owner.getRequest(other.slug)).status).toBe('withdrawn')
  })

  test('to which the server adds an answer to another, and one that it made up: both are refused, and the honest one opens', async () => {
    const [asked, other] = [await ask(['honest']), await ask(['to another'])]
    const page = await visit('about:blank')
    const { open, title, status, rows, back, show, text } = on(page)
    await page.route(`**/requests/${asked.slug}/answers`, async (route) => {
      const headers = { ...route.request().headers(), authorization: `Bearer ${stage.token}` }
      const [replayed] = (await read(`${stage.url}/api/v1/requests/${other.slug}/answers`, headers)) as Listed[]
      const honest = (await (await route.fetch()).json()) as { data: Listed[] }
      const madeUp = { ...replayed, slug: '46e7e2SGyBG58', sealed_key_b: randomBytes(1168).toString('base64url') }
      await route.fulfill({ json: { ...honest, data: [replayed, madeUp, ...honest.data] } })
    })
    await page.goto(asked.collectUrl)
    for (const number of [1, 2]) {
      await open(number).click()
      await holds(title, 'It can’t be opened')
      await holds(status, 'This isn’t an answer to your request')
      if (number === 1) await inspect(page, 'collect/made-up')
      await back.click()
      await holds(rows.nth(number - 1), 'Not a real answer')
    }
    await inspect(page, 'collect/broken')
    await open(3).click()
    await show.click()
    await holds(text, 'honest')
    expect(await standings(other)).toEqual(['active'])
  })

  test('whose server goes away says so, and goes on by itself', async () => {
    const asked = await ask()
    const page = await visit(asked.collectUrl)
    await page.getByText('No answer yet.').waitFor()
    await page.route('**/requests/**', (route) => route.abort())
    await holds(page.locator('#watching'), 'No reply from the server.')
    await shoot(page, 'collect/no-reply')
    await page.unroute('**/requests/**')
    await answer(asked, 'late')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await holds(on(page).news, 'An answer has come.')
    await page.locator('#watching').waitFor({ state: 'detached' })
  })
})

interface Listed {
  slug: string
  sealed_key_b: string
}

const read = async (url: string, headers: Record<string, string>): Promise<unknown> =>
  (
    (await (await fetch(url, { headers: { authorization: headers['authorization'] ?? '' } })).json()) as {
      data: unknown
    }
  ).data

test('a link without its key asks for the whole one, says what a link of another kind is, and opens the right one', async () => {
  const asked = await ask(['found'])
  const { statusUrl } = await answer(asked, 'another')
  const { shareUrl } = await stage.create()
  const sent: string[] = []
  const page = await visit('about:blank')
  page.on('request', (request) => sent.push(new URL(request.url()).pathname))
  await page.goto(asked.collectUrl.replace(/#.*/, ''))
  const { title, status, rows } = on(page)
  await holds(title, 'This link doesn’t work')
  await holds(status, 'that part is the key to the answers')
  await inspect(page, 'collect/no-fragment')
  for (const [link, sentence] of [
    [asked.askUrl, 'This is the ask link'],
    [shareUrl, 'This is a share link'],
    [statusUrl, 'This is a status link'],
    [asked.collectUrl.slice(0, -3), 'The link was cut short'],
    [asked.collectUrl.replace(/.{4}$/, '1111'), 'The link was mistyped'],
  ] as const) {
    await page.getByLabel('The whole collect link').fill(link)
    await page.getByRole('button', { name: 'Show the answers' }).click()
    await holds(status, sentence)
  }
  expect(sent.filter((name) => name.startsWith('/api/'))).toEqual([])
  await page.getByLabel('The whole collect link').fill(asked.collectUrl)
  await page.getByRole('button', { name: 'Show the answers' }).click()
  await holds(rows.first(), 'New')
  await page.getByText('The links of this request').click()
  await inspect(page, 'collect/links')
  expect(await page.locator('#ask-link').innerText()).toBe(asked.askUrl)
})
