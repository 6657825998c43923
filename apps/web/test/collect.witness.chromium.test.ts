/**
 * A whole request without an account: one asks, another answers with a text and a file, a third device collects with the
 * collect link. What the server kept, printed and was sent opens none of it. With `npm test -- --long` the file has 200 MiB.
 */
import { Halfkey, openAsk } from '@halfkey/sdk'
import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isLong } from '../../api/test/support/long.ts'
import { addKey, addText } from '../../api/test/support/needles.ts'
import { Patterns } from '../../api/test/support/search.ts'
import { record, type Recorder } from './recorder.ts'
import { holds, openStage, parts, type Stage } from './stage.ts'

const MIB = 2 ** 20
const note = 'What the first asked for, and why'
const message = 'What the second writes before the answer'
const text = 'correct horse battery staple'
const file = randomBytes((isLong ? 200 : 8) * MIB)

let stage: Stage
let recorder: Recorder

beforeAll(async () => {
  stage = await openStage({ HALFKEY_LOG: 'on', HALFKEY_REQUESTS: 'anyone' })
  recorder = await record(new URL(stage.url))
})
afterAll(async () => {
  await recorder.close()
  await stage.close()
})

/** The 32 bytes of a link's key (spec/protocol.md section 2). */
function keyOf(link: string): Buffer {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  const digits = link.split('#1')[1] ?? ''
  const value = Array.from(digits).reduce((sum, digit) => sum * 58n + BigInt(alphabet.indexOf(digit)), 0n)
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

test('from the question to the answer on a third device, the server holds nothing that opens any of it', async () => {
  const { askUrl, collectUrl, slug } = await new Halfkey({ baseUrl: recorder.url }).createRequest({ message: note })
  const through = (link: string) => link.replace(stage.url, recorder.url)
  const attachments = [new File([file], 'contract.bin')]
  await (await openAsk(through(askUrl))).answer(text, { message, attachments })

  const page = await stage.newPage({ viewport: { width: 320, height: 640 } })
  await page.addInitScript(() => {
    const pick = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
    Object.assign(globalThis, { showSaveFilePicker: pick })
  })
  await page.goto(through(collectUrl))
  await page.getByRole('button', { name: 'Open answer 1' }).click()
  await page.getByRole('button', { name: 'Show the answer' }).click()
  await holds(parts(page).text, text)
  await page.getByRole('button', { name: 'Save contract.bin' }).click()
  await page.getByText('Saved').first().waitFor({ timeout: 55_000 })
  const saved = await page.evaluate(async () => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle('contract.bin')
    const hash = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer())
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
  })
  expect(saved).toBe(createHash('sha256').update(file).digest('hex'))
  const whileOpen = stage.kept()
  await parts(page).finish.click()
  await holds(parts(page).title, 'Read by you, destroyed')

  const hidden = new Patterns()
  const [seed, askKey] = [keyOf(collectUrl), keyOf(askUrl)]
  addKey(hidden, 'seed', seed)
  addKey(hidden, 'private key', Buffer.from(hkdfSync('sha256', seed, '', 'halfkey/v1 request kem', 32)))
  addKey(hidden, 'ask key', askKey)
  addKey(hidden, 'note key', Buffer.from(hkdfSync('sha256', askKey, slug, 'halfkey/v1 request note', 32)))
  addText(hidden, 'collect fragment', collectUrl.split('#')[1] ?? '')
  addText(hidden, 'ask fragment', askUrl.split('#')[1] ?? '')
  addText(hidden, 'what was asked for', note)
  addText(hidden, 'message', message)
  addText(hidden, 'text', text)
  addText(hidden, 'file name', 'contract.bin')
  for (let at = 0; at < file.length; at += MIB) hidden.add('file', file.subarray(at, at + 32))
  const places = [...whileOpen, ...stage.kept(), ['log', Buffer.from(stage.printed())], ['traffic', recorder.traffic()]]
  for (const [name, bytes] of places as [string, Buffer][])
    expect([name, hidden.findIn(bytes)]).toEqual([name, new Set()])

  // The search sees what is there: the request's slug is sent and kept, and the sealed file was kept until it was destroyed.
  const there = new Patterns()
  there.add('slug', Buffer.from(slug))
  const found = (places as [string, Buffer][]).filter(([, bytes]) => there.findIn(bytes).size > 0).map(([name]) => name)
  expect(found).toEqual(expect.arrayContaining([expect.stringMatching(/sqlite|\.db/), 'traffic']))
  expect([...whileOpen.values()].reduce((sum, { length }) => sum + length, 0)).toBeGreaterThan(file.length)
  expect(stage.problems).toEqual([])
}, 600_000)
