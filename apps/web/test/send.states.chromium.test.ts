/** Every state of the page that shares secrets, looked at: axe-core, 320 px, screenshots. */
import { mkdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startOutside } from '../../api/test/support/outside.ts'
import { makeHome } from '../../api/test/support/server.ts'
import { inspect } from './inspect.ts'
import { visitSend } from './send-parts.ts'
import { FOREIGN_HOST, openStage, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
afterEach(async () => {
  await stage.clear()
  expect(stage.problems.splice(0)).toEqual([])
})

const visit = () => visitSend(stage)
const file = (name: string, size: number) => ({ name, mimeType: 'application/pdf', buffer: Buffer.alloc(size, 1) })

test('empty', async () => {
  const { page, share } = await visit()
  await share.waitFor()
  await page.getByText('Up to 100 files').waitFor()
  await inspect(page, 'send/empty')
})

test('filled in, with files and a generated password', async () => {
  const { page, text, expiry, views, generate, strength } = await visit()
  await text.fill('ssh deploy@db-3.example.org\npassphrase: correct horse\n\nRestart with: systemctl restart billing')
  await page
    .locator('#files')
    .setInputFiles([file('network plan.pdf', 2_345_678), file(`${'long-name-'.repeat(9)}.txt`, 12)])
  await expiry.selectOption('other')
  await views.selectOption('other')
  await generate.click()
  await strength.waitFor()
  await inspect(page, 'send/filled')
})

test('a weak password', async () => {
  const { page, text, password, strength } = await visit()
  await text.fill('the text')
  await password.fill('Summer2026!')
  await strength.getByText('Weak', { exact: true }).waitFor()
  await inspect(page, 'send/weak')
})

test('everything behind «more», on a server that can do it all', async () => {
  const home = makeHome()
  mkdirSync(home.root, { recursive: true })
  const outside = await startOutside(home.root)
  const able = await openStage({ ...outside.settings, HALFKEY_ANONYMOUS_OTP: 'allow' })
  try {
    const { page, more } = await visitSend(able)
    await more.click()
    await page.getByLabel('One-time code').selectOption('totp')
    await page.getByLabel('From these countries only').selectOption({ label: 'Norway' })
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByLabel('Then', { exact: true }).selectOption('burn')
    await page.getByLabel('Workspace key').fill('A'.repeat(43))
    await inspect(page, 'send/more')
    expect(able.problems).toEqual([])
  } finally {
    await able.close()
    await outside.close()
    home.remove()
  }
})

test('refused: each wrong field says what it takes', async () => {
  const { page, share, more, expiry, views, refusal } = await visit()
  await share.click()
  await page.getByText('Type a text or attach a file.').waitFor()
  await inspect(page, 'send/nothing')
  await page.getByLabel('Text').fill('the text')
  await expiry.selectOption('other')
  await page.getByLabel('How long').fill('0')
  await views.selectOption('other')
  await page.getByLabel('How often').fill('20000')
  await more.click()
  await page.getByLabel('From these addresses only').fill('not an address')
  await page.getByLabel('One-time code').selectOption('email')
  await page.getByLabel('The recipient’s e-mail address').fill('nobody')
  await share.click()
  await page.getByText('From one minute to 1000 hours.').waitFor()
  await inspect(page, 'send/refused')
  expect(await refusal.count()).toBe(0)
})

test('sending, offline in the middle', async () => {
  const { page, text, share, cancel, progress } = await visit()
  await text.fill('the text')
  await page.locator('#files').setInputFiles([file('plan.bin', 20_000_000)])
  await page.route('**/parts/1', () => undefined)
  await share.click()
  await cancel.waitFor()
  await progress.waitFor()
  await inspect(page, 'send/sending')
  await page.context().setOffline(true)
  await page.getByText('You are offline').waitFor()
  await inspect(page, 'send/sending-offline')
  await page.context().setOffline(false)
})

test('offline, and a create that fails', async () => {
  const { page, text, share, refusal } = await visit()
  await text.fill('the text')
  await page.context().setOffline(true)
  await page.getByText('You are offline').waitFor()
  await inspect(page, 'send/offline')
  await page.context().setOffline(false)
  await page.route('**/api/v1/secrets', (route) => route.fulfill({ status: 500, body: '' }))
  await share.click()
  await refusal.waitFor()
  await inspect(page, 'send/failed')
})

test('shared, with what goes another way, the QR code and the question before destroying', async () => {
  const { page, text, share, generate, more, link, destroy } = await visit()
  await text.fill('the text')
  await share.click()
  await link.waitFor()
  await inspect(page, 'send/shared')
  await page.getByRole('button', { name: 'Share another' }).click()

  await text.fill('the text')
  await generate.click()
  await more.click()
  await page.getByLabel('One-time code').selectOption('totp')
  await share.click()
  await link.waitFor()
  await page.getByRole('button', { name: 'Show the QR code' }).click()
  await page.getByRole('img', { name: 'QR code of the link' }).waitFor()
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  await inspect(page, 'send/shared-all')
  await destroy.click()
  await page.getByRole('dialog').waitFor()
  await inspect(page, 'send/destroy')
  await page.getByRole('button', { name: 'Destroy', exact: true }).click()
  await page.getByRole('heading', { name: 'Destroyed' }).waitFor()
  await inspect(page, 'send/destroyed')
})

test('files held over the page', async () => {
  const { page, share } = await visit()
  await share.waitFor()
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['x'], 'x.txt'))
    document.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true }))
  })
  await page.getByText('Drop the files to attach them').waitFor()
  await inspect(page, 'send/drop')
})

test('over plain HTTP it explains itself', async () => {
  const page = await stage.newPage()
  await page.goto(stage.url.replace('127.0.0.1', FOREIGN_HOST))
  await page.getByText('This page came over http://').waitFor()
  await inspect(page, 'send/insecure')
  // Chromium's own words about the headers that it ignores there.
  stage.problems.length = 0
})

test('without JavaScript it says that it needs it', async () => {
  const page = await stage.newPage({ javaScriptEnabled: false })
  await page.goto(stage.url)
  expect(await page.locator('main:visible').innerText()).toContain('This page needs JavaScript')
})

test('a server that asks for a token', async () => {
  const strict = await openStage({ HALFKEY_ANONYMOUS: 'deny', HALFKEY_REQUIRE_PASSWORD: 'on', HALFKEY_FILES: 'off' })
  try {
    const page = await strict.newPage()
    await page.goto(strict.url)
    await page.getByText('This server takes secrets only from senders with an API token.').waitFor()
    await inspect(page, 'send/token')
    expect(strict.problems).toEqual([])
  } finally {
    await strict.close()
  }
})
