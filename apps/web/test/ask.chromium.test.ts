/** Answering a request on a phone, and the receipt: a real server with the built pages, and an asker with the SDK. */
import { openAsk, openCollect, type CreateRequestOptions, type SharedRequest } from '@halfkey/sdk'
import { randomBytes } from 'node:crypto'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findLeaks } from '../../../packages/sdk/test/leaks.ts'
import { inspect } from './inspect.ts'
import { record } from './recorder.ts'
import { FOREIGN_HOST, holds, openStage, type Stage } from './stage.ts'

const NOTE = 'The database password of staging, please.\nSee https://example.org/why — Ann'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({ HALFKEY_REQUESTS: 'anyone' })
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const ask = (options: CreateRequestOptions = {}): Promise<SharedRequest> =>
  stage.owner.createRequest({ message: NOTE, ...options })

const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer })

const on = (page: Page) => ({
  title: page.getByRole('heading', { level: 1 }),
  status: page.locator('#status'),
  text: page.getByLabel('Text', { exact: true }),
  files: page.locator('#files'),
  send: page.getByRole('button', { name: 'Send the answer' }),
  cancel: page.getByRole('button', { name: 'Cancel' }),
  refusal: page.locator('.alert.bad'),
  receipt: page.locator('#receipt'),
  again: page.getByRole('button', { name: 'Check again' }),
  takeBack: page.getByRole('button', { name: 'Take it back' }),
  dialog: page.getByRole('dialog'),
})

async function visit(url: string, options?: BrowserContextOptions): Promise<Page & { parts: ReturnType<typeof on> }> {
  const page = await stage.newPage({ viewport: { width: 320, height: 640 }, ...options })
  await page.goto(url)
  return Object.assign(page, { parts: on(page) })
}

/** What the asker reads with the collect link. */
async function collect({ collectUrl }: SharedRequest): Promise<{ text: string | undefined; files: Uint8Array[] }[]> {
  const read = []
  for (const answer of await (await openCollect(collectUrl)).answers()) {
    const opened = await (await answer.open()).reveal()
    read.push({ text: opened.text, files: await Promise.all(opened.files.map((each) => each.bytes())) })
    await opened.done()
  }
  return read
}

describe('an answer', () => {
  test('with a text and a file reaches the asker alone; its receipt tells when it was opened; nothing sent opens any of it', async () => {
    const asked = await ask({ answers: 2 })
    const fragment = asked.askUrl.split('#')[1] ?? ''
    const recorder = await record(new URL(stage.url))
    const origins = new Set<string>()
    const page = await visit('about:blank')
    page.on('request', (request) => origins.add(new URL(request.url()).origin))
    const { text, files, send, title, receipt, status, again } = page.parts
    await page.goto(asked.askUrl.replace(stage.url, recorder.url))
    await holds(page.locator('#note-text'), 'See https://example.org/why')
    expect(await page.locator('#note-text a').count()).toBe(0)
    await holds(page.locator('#asked-by'), new URL(recorder.url).host)
    await page.getByText('Answer only if you expected this request.').waitFor()
    await inspect(page, 'ask/offer')

    const bytes = randomBytes(600_000)
    await text.fill('correct horse battery staple')
    await files.setInputFiles(file('the certificate.pem', bytes))
    await page.getByText('1 file, 600 kB').waitFor()
    await inspect(page, 'ask/filled')
    await send.click()
    await holds(title, 'Your answer was sent')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('title')
    const statusUrl = await receipt.innerText()
    expect(page.url()).toBe(statusUrl)
    await page.getByText('This isn’t the link that you were sent').waitFor()
    await page.getByRole('link', { name: 'Send another answer' }).waitFor()
    await inspect(page, 'ask/sent')

    await page.getByRole('button', { name: 'Show the status' }).click()
    await holds(title, 'Not opened yet')
    await inspect(page, 'status/waiting')
    expect(await collect(asked)).toEqual([{ text: 'correct horse battery staple', files: [new Uint8Array(bytes)] }])
    await again.click()
    await holds(title, /^Opened$/)
    await holds(status, 'Whoever asked opened your answer on')
    expect(await page.parts.takeBack.count()).toBe(0)
    await inspect(page, 'status/opened')

    await recorder.close()
    const sent = recorder.sent()
    expect(sent).toContain('/answers')
    const needles = { text: 'correct horse battery staple', name: 'the certificate.pem', note: NOTE, fragment }
    expect(findLeaks(sent, needles)).toEqual([])
    expect([...origins].filter((origin) => origin.startsWith('http'))).toEqual([recorder.url])
  })

  test('is encrypted in a worker, fetched when it is sent and not before, and in the page where no worker starts', async () => {
    const asked = await ask({ answers: 2 })
    const page = await visit(asked.askUrl)
    const { text, send, title } = page.parts
    await text.waitFor()
    const kemFiles = () =>
      page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => /kem/.test(name)).length)
    expect([page.workers().length, await kemFiles()]).toEqual([0, 0])
    const started = page.waitForEvent('worker')
    await text.fill('by a worker')
    await send.click()
    expect((await started).url()).toContain('kem.worker')
    await holds(title, 'Your answer was sent')

    const other = await visit('about:blank')
    await other.route('**/kem.worker*', (route) => route.abort())
    await other.goto(asked.askUrl)
    await other.parts.text.fill('by the page')
    await other.parts.send.click()
    await holds(other.parts.title, 'Your answer was sent')
    expect((await collect(asked)).map((each) => each.text)).toEqual(['by a worker', 'by the page'])
    // Chromium's own sentence about a worker that can't be fetched.
    stage.problems.length = 0
  })

  test('whose replies are lost is stored once, and says so with the next click; cancelling says what that means', async () => {
    const asked = await ask({ answers: 3 })
    const page = await visit(asked.askUrl)
    const { text, send, cancel, status, title } = page.parts
    const lost = new Promise<void>((resolve) => {
      void page.route('**/answers', async (route) => {
        await route.fetch()
        await route.abort()
        resolve()
      })
    })
    await text.fill('only once')
    await send.click()
    await lost
    await cancel.click()
    await holds(status, 'sending it again unchanged doesn’t count twice')
    await inspect(page, 'ask/stopped')
    await page.unroute('**/answers')
    await send.click()
    await holds(title, 'Your answer was sent')
    expect(await collect(asked)).toEqual([{ text: 'only once', files: [] }])
  })

  test('that goes offline in the middle of its upload says so, goes on by itself, and arrives whole', async () => {
    const asked = await ask()
    const page = await visit(asked.askUrl)
    const { files, send, title } = page.parts
    await files.setInputFiles(file('plan.bin', Buffer.alloc(20_000_000, 1)))
    let first = true
    await page.route('**/parts/1', async (route) => {
      if (!first) return route.continue()
      first = false
      await page.context().setOffline(true)
      await route.abort('internetdisconnected')
    })
    await send.click()
    await page.getByText('The sending goes on by itself').waitFor()
    await page.getByRole('progressbar').waitFor()
    await inspect(page, 'ask/offline-sending')
    await page.context().setOffline(false)
    await holds(title, 'Your answer was sent')
    expect((await collect(asked)).map(({ files: [plan] }) => plan?.length)).toEqual([20_000_000])
  })

  test('that the request doesn’t take is refused where it is typed, before anything is sent, and nothing typed is lost', async () => {
    const asked = await ask({ answer: { maxFiles: 1, maxBytes: 2000 } })
    const page = await visit(asked.askUrl)
    const { text, files, send, refusal, title } = page.parts
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.url()))
    await send.click()
    await holds(page.locator('#text-error'), 'Type a text or attach a file.')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('text')
    await text.fill('x'.repeat(2001))
    await send.click()
    await holds(page.locator('#text-error'), 'longer than the request allows')
    await text.fill('short')
    await files.setInputFiles([file('one.txt', Buffer.from('1')), file('two.txt', Buffer.from('2'))])
    await send.click()
    await holds(page.locator('#files-error'), 'more than the request allows')
    await inspect(page, 'ask/refused')
    expect(sent.filter((url) => url.endsWith('/answers'))).toEqual([])
    await page.getByRole('button', { name: 'Remove one.txt' }).click()

    await page.context().setOffline(true)
    await page.getByText('You are offline. Your text is still here').waitFor()
    await inspect(page, 'ask/offline')
    await send.click()
    await holds(refusal, 'Your answer wasn’t sent. You are offline.')
    await page.context().setOffline(false)
    expect(await text.inputValue()).toBe('short')

    // Somebody else withdraws it before this answer comes.
    await (await openCollect(asked.collectUrl)).withdraw()
    await send.click()
    await holds(refusal, 'Whoever asked withdrew the request on')
    expect(await text.inputValue()).toBe('short')
    expect(await title.innerText()).toBe('You are asked for a secret')
  })

  test('can be written and sent with the keyboard alone', async () => {
    const asked = await ask({ message: '' })
    const page = await visit(asked.askUrl)
    const { text, title } = page.parts
    await page.getByText('The request doesn’t say what is asked for.').waitFor()
    await text.focus()
    await page.keyboard.type('typed')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Attach files')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('send')
    await page.keyboard.press('Enter')
    await holds(title, 'Your answer was sent')
    expect(await collect(asked)).toEqual([{ text: 'typed', files: [] }])
  })
})

describe('a receipt', () => {
  const answerTo = async ({ askUrl }: SharedRequest): Promise<string> =>
    (await (await openAsk(askUrl)).answer('the wrong password')).statusUrl

  test('takes the answer back until it is opened, after asking; later it says that it was opened', async () => {
    // An answer that can be opened twice is still there after the first time.
    const [one, two] = [await ask(), await ask({ answer: { views: 2 } })]
    const page = await visit(await answerTo(one))
    const { title, takeBack, dialog, refusal } = page.parts
    await takeBack.click()
    await holds(dialog, 'The request doesn’t take another answer in its place.')
    await inspect(page, 'status/take-back')
    await page.keyboard.press('Escape')
    await holds(title, 'Not opened yet')
    await takeBack.click()
    await page.route('**/secrets/*', (route) => route.abort())
    await dialog.getByRole('button', { name: 'Take it back' }).click()
    await holds(refusal, 'No reply from the server.')
    await page.unroute('**/secrets/*')
    await takeBack.click()
    await dialog.getByRole('button', { name: 'Take it back' }).click()
    await holds(title, 'Taken back')
    await inspect(page, 'status/taken-back')
    expect((await (await openCollect(one.collectUrl)).answers()).map(({ status }) => status)).toEqual(['burned'])

    await page.goto(await answerTo(two))
    await takeBack.click()
    await collect(two)
    await dialog.getByRole('button', { name: 'Take it back' }).click()
    await holds(title, /^Opened$/)
  })

  test('of an answer that is incomplete or has expired says so, and a wrong link what to do', async () => {
    const url = await answerTo(await ask())
    const page = await visit('about:blank')
    for (const [state, said] of [
      ['uploading', 'Not complete yet'],
      ['expired', 'Expired'],
    ] as const) {
      await page.route('**/secrets/*', async (route) => {
        const response = await route.fetch()
        const reply = (await response.json()) as { data: object }
        await route.fulfill({ response, json: { ...reply, data: { ...reply.data, status: state } } })
      })
      await page.goto('about:blank')
      await page.goto(url)
      await holds(page.parts.title, said)
      await inspect(page, `status/${state}`)
      await page.unroute('**/secrets/*')
    }
    for (const [link, said] of [
      [url.replace(/#.*/, ''), 'no part after the #'],
      [url.slice(0, -5), 'cut short'],
      [url.replace('#1', '#2'), 'newer version'],
      [url.replace(/.{4}$/, '1111'), 'knows no answer for this link'],
    ] as const) {
      await page.goto('about:blank')
      await page.goto(link)
      await holds(page.parts.status, said)
    }
    await inspect(page, 'status/unknown')
  })

  test('asks again by itself when there is a network again', async () => {
    const url = await answerTo(await ask())
    const page = await visit('about:blank')
    await page.route('**/secrets/*', (route) => route.abort())
    await page.goto(url)
    await holds(page.parts.status, 'No reply from the server.')
    await inspect(page, 'status/no-reply')
    await page.unroute('**/secrets/*')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await holds(page.parts.title, 'Not opened yet')
  })
})

describe('a request that can’t be answered says why, and what to do', () => {
  const see = async (page: Page, url: string, title: string, text: string, name?: string): Promise<void> => {
    await page.goto('about:blank')
    await page.goto(url)
    await holds(on(page).title, title)
    await holds(on(page).status, text)
    if (name !== undefined) await inspect(page, `ask/${name}`)
  }

  test('ended, unknown, or with a wrong link', async () => {
    const page = await visit('about:blank')
    const answered = await ask()
    await (await openAsk(answered.askUrl)).answer('first')
    await see(page, answered.askUrl, 'Already answered', 'someone else has this link', 'answered')
    const withdrawn = await ask()
    await (await openCollect(withdrawn.collectUrl)).withdraw()
    await see(page, withdrawn.askUrl, 'Withdrawn', 'It takes no more answers.', 'withdrawn')

    const { askUrl } = await ask()
    await see(page, askUrl.replace(/#.*/, ''), 'This link doesn’t work', 'no part after the #', 'no-fragment')
    await see(page, askUrl.slice(0, -3), 'This link doesn’t work', 'cut short')
    await see(page, askUrl.replace(/.{4}$/, '1111'), 'This link doesn’t work', 'mistyped')
    await see(page, askUrl.replace('#1', '#2'), 'This link doesn’t work', 'newer version')
    await page.route('**/status', (route) =>
      route.fulfill({ status: 410, json: failure('GONE', { cause: 'expired', at: '2026-01-02T03:04:05.000Z' }) }),
    )
    await see(page, askUrl, 'Expired', 'took answers until 2 January 2026', 'expired')
    await page.unroute('**/status')
    await page.route('**/status', (route) => route.fulfill({ status: 404, json: failure('NOT_FOUND') }))
    await see(page, askUrl, 'Nothing here', 'There is no request at this link.', 'nothing')
    await page.unroute('**/status')
    await page.route('**/status', (route) => route.abort())
    await see(page, askUrl, 'That didn’t work', 'No reply from the server.')
    await page.unroute('**/status')
    await page.evaluate(() => dispatchEvent(new Event('online')))
    await on(page).text.waitFor()
  })

  test('because the server has put another key, or another text, under the link: nothing is sent', async () => {
    const [asked, other] = [await ask(), await ask()]
    const theirs = (await statusOf(other)) as { note: string; public_key: string }
    const page = await visit('about:blank')
    const sent: string[] = []
    page.on('request', (request) => sent.push(new URL(request.url()).pathname))
    for (const name of ['public_key', 'note'] as const) {
      await page.route('**/status', async (route) => {
        const response = await route.fetch()
        const reply = (await response.json()) as { data: object }
        await route.fulfill({ response, json: { ...reply, data: { ...reply.data, [name]: theirs[name] } } })
      })
      await see(
        page,
        asked.askUrl,
        'Don’t answer this request',
        'Nothing was sent.',
        name === 'note' ? 'other-note' : undefined,
      )
      await page.unroute('**/status')
    }
    expect(sent.filter((path) => path.endsWith('/answers'))).toEqual([])
  })

  test('where the operator has switched requests off, and over plain HTTP', async () => {
    const { askUrl } = await ask()
    const page = await visit('about:blank')
    await page.route('**/status', (route) =>
      route.fulfill({ status: 403, json: failure('PERMISSION_DENIED', { rule: 'requests_off' }) }),
    )
    await see(page, askUrl, 'Requests are switched off', 'Agree on another way', 'off')
    await see(page, askUrl.replace('127.0.0.1', FOREIGN_HOST), 'It can’t be answered from here', 'https://', 'http')
    // Chromium's own sentence about pages over plain HTTP.
    stage.problems.length = 0
  })
})

const failure = (code: string, details?: object) => ({ success: false, error: { code, message: code, details } })

async function statusOf({ askUrl }: SharedRequest): Promise<unknown> {
  const page = await stage.newPage()
  const reply = page.waitForResponse('**/status')
  await page.goto(askUrl)
  return ((await (await reply).json()) as { data: unknown }).data
}
