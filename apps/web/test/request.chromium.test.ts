/** Asking for a secret without an account, on a phone: a real server with the built pages. */
import { openAsk, openCollect } from '@halfkey/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findLeaks } from '../../../packages/sdk/test/leaks.ts'
import { makeHome, startServer } from '../../api/test/support/server.ts'
import { inspect } from './inspect.ts'
import { record } from './recorder.ts'
import { visitSend } from './send-parts.ts'
import { holds, openStage, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage({ HALFKEY_REQUESTS: 'anyone', HALFKEY_ANONYMOUS_MAX_FILE_BYTES: '20000000' })
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const phone = { viewport: { width: 320, height: 640 } }

describe('somebody without an account', () => {
  test('asks from a phone, gets one link to send and one to keep, and reads the answer; nothing sent opens it', async () => {
    const recorder = await record(new URL(stage.url))
    const page = await stage.newPage({ ...phone, permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(recorder.url)
    await page.getByRole('link', { name: 'Ask for a secret instead' }).click()
    const title = page.getByRole('heading', { level: 1 })
    await holds(title, 'Ask for a secret')
    await inspect(page, 'request/empty')
    await page.getByLabel('What do you need?').fill('The password of the router, please. — Ann')
    await page.getByLabel('Answers at most').selectOption('2')
    await page.getByText('More options').click()
    await page.getByLabel('Can be opened').selectOption('3')
    await page.getByLabel('May have files').uncheck()
    await inspect(page, 'request/filled')
    await page.getByRole('button', { name: 'Create the links' }).click()
    await holds(title, 'Your request is ready')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('title')
    await page.getByRole('button', { name: 'Show the QR code' }).click()
    await page.locator('.qr').waitFor()
    await inspect(page, 'request/ready')

    await page.getByRole('button', { name: 'Copy the ask link' }).click()
    const askUrl = await page.locator('#ask-link').innerText()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(askUrl)
    const collectUrl = await page.locator('#collect-link').innerText()
    expect([new URL(askUrl).pathname.split('/')[1], new URL(collectUrl).pathname.split('/')[1]]).toEqual([
      'ask',
      'collect',
    ])
    const ask = await openAsk(askUrl)
    expect([ask.note, ask.answersLeft, ask.askedBy]).toEqual([
      'The password of the router, please. — Ann',
      2,
      'anonymous',
    ])
    expect(ask.limits).toMatchObject({ maximumViews: 3, maximumFiles: 0, expiresIn: 604_800 })
    await ask.answer('correct horse')
    const [answer] = await (await openCollect(collectUrl)).answers()
    expect((await (await answer?.open())?.reveal())?.text).toBe('correct horse')

    await recorder.close()
    const sent = recorder.sent()
    expect(sent).toContain('public_key')
    const [askKey = '', seed = ''] = [askUrl, collectUrl].map((url) => url.split('#')[1])
    expect(findLeaks(sent, { note: 'The password of the router', askKey, seed })).toEqual([])
  })

  test('is warned before a collect link is lost that was neither copied nor opened', async () => {
    const page = await stage.newPage(phone)
    await page.goto(`${stage.url}/request`)
    await page.getByLabel('What do you need?').fill('x')
    await page.getByRole('button', { name: 'Create the links' }).click()
    await page.getByRole('button', { name: 'Copy the ask link' }).waitFor()
    let asked = 0
    page.on('dialog', (dialog) => {
      asked++
      void dialog.dismiss()
    })
    await page.evaluate(() => location.reload()).catch(() => undefined)
    await expect.poll(() => asked).toBe(1)
    await page.getByRole('link', { name: 'See the answers' }).click()
    await page.waitForURL('**/collect/*')
    expect(asked).toBe(1)
  })

  test('sees why it didn’t work, keeps what was typed, and tries again', async () => {
    const page = await stage.newPage(phone)
    await page.goto(`${stage.url}/request`)
    const note = page.getByLabel('What do you need?')
    const create = page.getByRole('button', { name: 'Create the links' })
    await note.fill('x'.repeat(70_000))
    await create.click()
    await holds(page.locator('#note-error'), 'This text is too long.')
    await inspect(page, 'request/refused')
    await note.fill('short')
    await page.getByText('More options').click()
    // What the server wouldn't take isn't offered.
    expect(await page.getByLabel('Size at most').locator('option').count()).toBe(3)
    await page.getByLabel('Size at most').selectOption('1000000')
    await page.route('**/requests', (route) => route.abort())
    await create.click()
    await holds(page.locator('.alert.bad'), 'The request wasn’t created. No reply from the server.')
    await page.unroute('**/requests')
    await create.click()
    await holds(page.getByRole('heading', { level: 1 }), 'Your request is ready')
  })
})

test('where asking takes a token, Send doesn’t offer it, and the page asks for the token', async () => {
  const home = makeHome()
  const server = await startServer(home, { HALFKEY_LOG: 'off' })
  try {
    const { page } = await visitSend({ ...stage, url: server.url })
    await page.getByText('Up to 100 files').waitFor()
    expect(await page.getByRole('link', { name: 'Ask for a secret instead' }).count()).toBe(0)
    await page.goto(`${server.url}/request`)
    const token = page.getByLabel('API token')
    await token.waitFor()
    await page.getByRole('button', { name: 'Create the links' }).click()
    await holds(page.locator('#token-error'), 'asking takes an API token')
    await inspect(page, 'request/token')
    await token.fill(`${server.token.slice(0, -1)}${server.token.endsWith('A') ? 'B' : 'A'}`)
    await page.getByRole('button', { name: 'Create the links' }).click()
    await holds(page.locator('#token-error'), 'This token is unknown, expired or revoked.')
    await token.fill(server.token)
    await page.getByRole('button', { name: 'Create the links' }).click()
    await holds(page.getByRole('heading', { level: 1 }), 'Your request is ready')
    const askUrl = await page.locator('#ask-link').innerText()
    expect((await openAsk(askUrl)).askedBy).not.toBe('anonymous')
  } finally {
    await server.stop()
    home.remove()
  }
})
