/** One-time codes and captchas on the open page, with a gateway that keeps what it is to send. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { totpAt, totpSecret } from '../../api/test/support/codes.ts'
import { inspect } from './inspect.ts'
import { holds, openStage, parts, type Stage } from './stage.ts'

let stage: Stage
let gateway: Server
const codes: string[] = []

beforeAll(async () => {
  gateway = createServer((request, response) => {
    void readText(request).then((body) => {
      codes.push(/\d{6,}/.exec((JSON.parse(body) as { text: string }).text)?.[0] ?? '')
      response.end()
    })
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  const { port } = gateway.address() as AddressInfo
  stage = await openStage({ HALFKEY_SMS_URL: `http://127.0.0.1:${port}/`, HALFKEY_CAPTCHA_COST: '3000' })
})
afterAll(async () => {
  await stage.close()
  gateway.close()
})
afterEach(async () => {
  await stage.clear()
  codes.length = 0
  expect(stage.problems.splice(0)).toEqual([])
})

const bySms = { otp: { type: 'sms', to: '+49 151 12345678' } } as const

test('a code is sent on a click, says where to and how long it is valid, and opens', async () => {
  const secret = await stage.owner.createSecret('the text', bySms)
  const page = await stage.newPage()
  await page.goto(secret.shareUrl)
  const { facts, code, sendCode, show, text, refusal } = parts(page)
  await holds(facts, /Asks for\s*a one-time code/)
  await holds(page.locator('#otp-hint'), /^It goes to \+49.*8\.$/)
  expect(codes).toEqual([])
  await inspect(page, 'open/code-asked')

  await sendCode.click()
  await holds(page.locator('#otp-hint'), /^A code is on its way to \+49.*8\.$/)
  await holds(page.getByRole('timer'), /^Valid for \d+:\d\d\.$/)
  await inspect(page, 'open/code-sent')

  await code.fill('000000')
  await show.click()
  await holds(refusal, 'That code is wrong, used or expired. 9 tries are left. No view was spent.')
  await inspect(page, 'open/code-wrong')
  await code.fill(` ${codes[0] ?? ''} `)
  await show.click()
  await holds(text, 'the text')
  expect((await stage.ask(secret)).views).toBe(1)
})

test('with a password too, the code is sent only for the right password', async () => {
  const secret = await stage.owner.createSecret('the text', { ...bySms, password: 'sesame' })
  const page = await stage.newPage()
  await page.goto(secret.shareUrl)
  const { password, code, sendCode, show, text } = parts(page)
  await sendCode.click()
  await holds(page.locator('#otp-error'), 'It needs the password that its sender gave you.')
  await password.fill('wrong')
  await sendCode.click()
  await holds(page.locator('#otp-error'), 'That password is wrong. 9 tries are left. No view was spent.')
  expect(codes).toEqual([])

  await password.fill('sesame')
  await sendCode.click()
  await holds(page.locator('#otp-hint'), 'A code is on its way')
  await code.fill(codes[0] ?? '')
  await show.click()
  await holds(text, 'the text')
})

test('after five codes no more are sent, and the page says to use the newest', async () => {
  const secret = await stage.owner.createSecret('the text', bySms)
  const page = await stage.newPage()
  await page.goto(secret.shareUrl)
  const { code, sendCode, show, text } = parts(page)
  for (let count = 1; count <= 5; count++) {
    await sendCode.click()
    await expect.poll(() => codes.length).toBe(count)
  }
  await sendCode.click()
  await holds(page.locator('#otp-error'), 'No more codes can be sent now. Use the newest one that you got.')
  await code.fill(codes[4] ?? '')
  await show.click()
  await holds(text, 'the text')
})

test('a code from an authenticator app is asked for without offering to send one', async () => {
  const secret = await stage.create({ otp: { type: 'totp', secret: totpSecret } })
  const page = await stage.newPage()
  await page.goto(secret.shareUrl)
  const { code, sendCode, show, text } = parts(page)
  await holds(page.locator('#otp-hint'), 'From the authenticator app')
  expect(await sendCode.count()).toBe(0)
  await code.fill(totpAt(Date.now()))
  await show.click()
  await holds(text, 'the text')
})

test('a captcha is solved in a worker when the secret is asked for, and not before', async () => {
  const secret = await stage.create({ captcha: true })
  const page = await stage.newPage()
  const workers: string[] = []
  page.on('worker', (worker) => workers.push(new URL(worker.url()).pathname))
  await page.goto(secret.shareUrl)
  const { facts, show, text } = parts(page)
  await holds(facts, /Asks for\s*a moment of your device’s work/)
  expect(workers).toEqual([])
  await show.click()
  await holds(text, 'the text')
  expect(workers).toEqual([expect.stringMatching(/^\/assets\/captcha\.worker-.+\.js$/)])
})

test('a captcha is solved in the page where its worker doesn’t start', async () => {
  const secret = await stage.create({ captcha: true })
  const page = await stage.newPage()
  await page.route('**/captcha.worker*', (route) => route.abort())
  await page.goto(secret.shareUrl)
  const { show, text } = parts(page)
  await show.click()
  await holds(text, 'the text')
})
