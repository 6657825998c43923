import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type * as Source from '../src/index.ts'
import type { WireCreateRequest } from '../src/wire.ts'
import { launchBrowser } from './browser.ts'
import { buildPackage } from './built.ts'
import { scriptedServer, success, type Recorded, type Step } from './scripted.ts'

type Sdk = typeof Source

interface ShortCalls {
  init: (options: { baseUrl: string }) => void
  create: (content: string, hours: number, views: number, options: object) => Promise<{ shareUrl: string }>
  open: (shareUrl: string, options: object) => Promise<{ text: string; done: () => Promise<void> }>
}

/** A server of one secret, and of the page that makes and opens it. */
function pageAndApi(script: string) {
  let secret: WireCreateRequest
  const times = { created_at: '2030-01-01T00:00:00.000Z', expiration: '2030-01-02T00:00:00.000Z' }
  return ({ path, body, headers }: Recorded): Step => {
    if (path === '/')
      return { headers: { 'Content-Type': 'text/html' }, text: '<script src="/halfkey.min.js"></script>' }
    if (path === '/halfkey.min.js') return { headers: { 'Content-Type': 'text/javascript' }, text: script }
    if (path.endsWith('/secrets')) {
      secret = JSON.parse(body) as WireCreateRequest
      const { slug } = secret
      const share_url = `http://${headers.host ?? ''}/${slug}`
      return success({
        slug,
        share_url,
        maximum_views: 1,
        current_views: 0,
        has_password: true,
        has_attachments: false,
        attachments_count: 0,
        ...times,
      })
    }
    const status = { password: true, otp: null, captcha: false, views_left: 1, attempts_left: 10, files: [] }
    if (path.endsWith('/status')) return success({ ...status, note: secret.note, ...times })
    if (path.endsWith('/reveal')) return success({ key_a: secret.key_a, envelope: secret.envelope, grant: '' })
    return success(null)
  }
}

test('a script tag in Chromium is enough to share a secret and to open it', async () => {
  const { dist, remove } = buildPackage()
  onTestFinished(remove)
  const { url, requests } = await scriptedServer(pageAndApi(readFileSync(path.join(dist, 'halfkey.min.js'), 'utf8')))
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(url)

  const text = await page.evaluate(async () => {
    const { Halfkey } = globalThis as unknown as { Halfkey: ShortCalls }
    Halfkey.init({ baseUrl: location.origin })
    const { shareUrl } = await Halfkey.create('from a page 🔑', 24, 1, { password: 'p', message: 'note' })
    const opened = await Halfkey.open(shareUrl, { password: 'p' })
    await opened.done()
    return opened.text
  })

  expect(text).toBe('from a page 🔑')
  const calls = requests.filter(({ path }) => path.startsWith('/api/'))
  expect(calls.map(({ path }) => path.split('/').at(-1))).toEqual(['secrets', 'status', 'reveal', 'ack'])
  for (const { headers } of calls) expect(headers.referer).toBeUndefined()
})

const html = `<script src="/halfkey.min.js"></script>
<script type="module">import * as built from '/web/index.js'; globalThis.built = built</script>`

test('in Chromium, an error of the script-tag bundle, of its second file or of a module is one HalfkeyError', async () => {
  const { dist, remove } = buildPackage()
  onTestFinished(remove)
  const { url } = await scriptedServer(({ path: requested }) => {
    if (requested === '/') return { headers: { 'Content-Type': 'text/html' }, text: html }
    if (!requested.endsWith('.js')) return { status: 404, json: {} }
    return { headers: { 'Content-Type': 'text/javascript' }, text: readFileSync(path.join(dist, requested), 'utf8') }
  })
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  await page.goto(url)

  const held = await page.evaluate(async () => {
    const { Halfkey: tag, built } = globalThis as unknown as { Halfkey: Sdk['Halfkey'] & Sdk; built: Sdk }
    const errorOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error)
    const client = new tag({ baseUrl: location.origin, token: 'hkt_a_b' })
    const errors = {
      tag: await errorOf(client.createSecret('')),
      second: await errorOf(client.tokens.list({ signal: 'none' as never })),
      module: await errorOf(built.openLink('')),
    }
    return Object.entries(errors).map(([name, error]) => [
      name,
      error instanceof tag.HalfkeyError,
      error instanceof built.HalfkeyError,
    ])
  })

  expect(held).toEqual([
    ['tag', true, true],
    ['second', true, true],
    ['module', true, true],
  ])
})
