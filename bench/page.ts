/**
 * What the page that opens a link costs its reader: everything that it loads, as sent, and the time from navigation to
 * the revealed text, against a page that only fetches and opens one AES-GCM text inline.
 *
 *     node bench/page.ts [--quick]
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { chromium, type Browser, type Response } from 'playwright-core'
import type * as Sdk from '../packages/sdk/src/index.ts'
import { findBrowser } from '../packages/sdk/test/browser.ts'
import { built, holdFloors, makeFolder, median, printMachine, printTable, quick, startHalfkey } from './harness.ts'

const { Halfkey } = (await import(built('packages/sdk/dist/index.js'))) as typeof Sdk

const text = 'x'.repeat(1024)
const rounds = quick ? 1 : 20

/**
 * The least that a page can do: one request for iv and ciphertext, one decryption with the key in the fragment. It comes
 * with the headers of Halfkey's page, which have the browser start a process of its own for it.
 */
async function startYardstick(model: string): Promise<{ url: string; close: () => void }> {
  const { subtle } = globalThis.crypto
  const raw = crypto.getRandomValues(new Uint8Array(32))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt'])
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text))
  const body = Buffer.concat([iv, new Uint8Array(sealed)])
  const script = `
const raw = Uint8Array.from(atob(location.hash.slice(1)), (c) => c.charCodeAt(0))
const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt'])
const body = new Uint8Array(await (await fetch('/sealed')).arrayBuffer())
const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: body.subarray(0, 12) }, key, body.subarray(12))
document.getElementById('text').textContent = new TextDecoder().decode(opened)
`
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Yardstick</title><pre id="text"></pre><script type="module">${script}</script>`
  const hash = createHash('sha256').update(script).digest('base64')
  const headers = new Headers((await fetch(model)).headers)
  for (const name of ['Content-Encoding', 'Content-Length', 'ETag', 'Date', 'Connection', 'Keep-Alive'])
    headers.delete(name)
  const policy = headers.get('Content-Security-Policy') ?? ''
  headers.set('Content-Security-Policy', policy.replace("script-src 'self'", `script-src 'sha256-${hash}'`))
  const server = createServer((request, response) => {
    if (request.url === '/sealed') return response.end(body)
    return response.setHeaders(headers).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const fragment = Buffer.from(raw).toString('base64')
  return { url: `http://127.0.0.1:${port}/#${fragment}`, close: () => server.close() }
}

interface Timing {
  /** Milliseconds that the reader waits for the page: to its button, and from the click to the text. */
  waiting: number
  /** From the navigation to the text, with the time that the click took to come. */
  total: number
}

/** Runs in the page, before its scripts: when its button, a click on it and the text are there. */
function watch(text: string): void {
  const times: { button?: number; click?: number; text?: number } = {}
  Object.assign(globalThis, { times })
  addEventListener('click', ({ timeStamp }) => (times.click ??= timeStamp), true)
  new MutationObserver(() => {
    if (document.querySelector('button.primary')) times.button ??= performance.now()
    if (document.getElementById('text')?.textContent === text) times.text ??= performance.now()
  }).observe(document, { childList: true, subtree: true, characterData: true })
}

/** In a profile that has seen nothing. */
async function timingOf(browser: Browser, url: string, clicks: boolean): Promise<Timing> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(watch, text)
  await page.goto(url, { waitUntil: 'commit' })
  if (clicks) await page.locator('button.primary').click()
  await page.locator('#text', { hasText: text }).waitFor()
  const times = await page.evaluate(() => (globalThis as unknown as { times: Record<string, number> }).times)
  await context.close()
  const { button = 0, click = 0, text: total = NaN } = times
  return { waiting: total - (clicks ? click - button : 0), total }
}

interface Load {
  requests: number
  /** Bodies as they were sent. */
  sent: number
  /** The same, had the server known gzip alone. */
  gzipped: number
}

/** Everything that the page loads up to its offer; calls of the API are counted apart. */
async function loadOf(browser: Browser, url: string, locale: string): Promise<Load> {
  const context = await browser.newContext({ locale })
  const page = await context.newPage()
  const responses: Response[] = []
  page.on('response', (response) => {
    if (!response.url().includes('/api/')) responses.push(response)
  })
  await page.goto(url)
  await page.locator('button.primary').waitFor()
  const sizes = await Promise.all(
    responses.map(async (response) => (await response.request().sizes()).responseBodySize),
  )
  const bodies = await Promise.all(responses.map((response) => response.body()))
  await context.close()
  const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)
  return {
    requests: responses.length,
    sent: sum(sizes),
    gzipped: sum(bodies.map((body) => gzipSync(body, { level: 9 }).length)),
  }
}

printMachine()
using folder = makeFolder()
await using server = await startHalfkey(folder.path)
const yardstick = await startYardstick(`${server.address}/slug`)
const client = new Halfkey({ baseUrl: server.address })
const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] })

const languages = ['en', 'de', 'fr', 'es', 'ar', 'zh', 'ja']
const loads: Load[] = []
for (const locale of languages) {
  const { shareUrl } = await client.createSecret(text)
  loads.push(await loadOf(browser, shareUrl, locale))
}
const kib = (bytes: number): number => bytes / 1024
printTable(
  ['language', 'requests', 'KiB sent', 'KiB gzipped'],
  loads.map(({ requests, sent, gzipped }, i) => [
    languages[i] ?? '',
    String(requests),
    kib(sent).toFixed(1),
    kib(gzipped).toFixed(1),
  ]),
)

const least: Timing[] = []
const ours: Timing[] = []
for (let round = quick ? 0 : -2; round < rounds; round++) {
  const { shareUrl } = await client.createSecret(text)
  const timings = [await timingOf(browser, yardstick.url, false), await timingOf(browser, shareUrl, true)] as const
  if (round < 0) continue
  least.push(timings[0])
  ours.push(timings[1])
}
await browser.close()
yardstick.close()

const [bare, waiting, total] = [
  median(least.map(({ total }) => total)),
  median(ours.map(({ waiting }) => waiting)),
  median(ours.map(({ total }) => total)),
]
printTable(
  ['navigation to text', 'median ms'],
  [
    ['inline AES-GCM, no click', bare.toFixed(0)],
    ['Halfkey, what its reader waits', waiting.toFixed(0)],
    ['Halfkey, with the driver’s click', total.toFixed(0)],
  ],
)
holdFloors([
  { what: 'requests', value: Math.max(...loads.map(({ requests }) => requests)), most: 4, unit: '' },
  { what: 'sent, largest language', value: kib(Math.max(...loads.map(({ sent }) => sent))), most: 25, unit: 'KiB' },
  {
    what: 'gzipped, largest language',
    value: kib(Math.max(...loads.map(({ gzipped }) => gzipped))),
    most: 25.4,
    unit: 'KiB',
  },
  { what: 'navigation to text / inline', value: waiting / bare, most: 1.25 },
])
