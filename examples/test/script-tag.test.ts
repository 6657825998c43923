/** script-tag.html, word for word but for the server's address, on pages of other origins, in Chromium. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeHome, startServer, type ServerProcess } from '../../apps/api/test/support/server.ts'
import {
  Halfkey,
  type CreateOptions,
  type openAsk,
  type openCollect,
  type Opened,
  type SharedSecret,
} from '../../packages/sdk/src/index.ts'
import { launchBrowser } from '../../packages/sdk/test/browser.ts'
import { read } from './stranger.ts'

/** What the script tag adds to the class. */
interface ShortCalls {
  init: (options: { baseUrl: string }) => void
  create: (content: string, hours: number, views: number, options: CreateOptions) => Promise<SharedSecret>
  open: (shareUrl: string) => Promise<Opened>
  openAsk: typeof openAsk
  openCollect: typeof openCollect
}

interface Origin {
  url: string
  server: Server
}

const home = makeHome()
let halfkey: ServerProcess
let browser: Browser
/** One that the server's settings name, and one that they don't. */
let friend: Origin
let stranger: Origin

async function startOrigin(): Promise<Origin> {
  const server = createServer((_, response) => {
    const html = read('examples/script-tag.html').replaceAll('https://halfkey.example', halfkey.url)
    response.setHeader('Content-Type', 'text/html').end(html)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

beforeAll(async () => {
  friend = await startOrigin()
  stranger = await startOrigin()
  halfkey = await startServer(home, {
    HALFKEY_LOG: 'off',
    HALFKEY_CORS_ORIGINS: friend.url,
    HALFKEY_REQUESTS: 'anyone',
  })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await halfkey.stop()
  for (const { server } of [friend, stranger]) server.close()
  home.remove()
})

let context: BrowserContext
let page: Page

beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
})

afterEach(() => context.close())

/** Fills one of the example's forms in and sends it; what its output says. */
async function submit(button: string, label: string, value: string): Promise<string> {
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: button }) })
  await form.getByLabel(label).fill(value)
  await form.getByRole('button').click()
  const output = form.locator('output').filter({ hasText: /\S/ })
  return (await output.textContent()) ?? ''
}

const share = (text: string): Promise<string> => submit('Share', 'Secret', text)
const open = (link: string): Promise<string> => submit('Open', 'Link', link)

/** A file, there and back, on the page that is open; what it holds then. */
const shareFile = (): Promise<string> =>
  page.evaluate(async (baseUrl) => {
    const { Halfkey } = globalThis as unknown as { Halfkey: ShortCalls }
    Halfkey.init({ baseUrl })
    const { shareUrl } = await Halfkey.create('', 24, 1, { attachments: [new File(['of the file'], 'name')] })
    const opened = await Halfkey.open(shareUrl)
    return new TextDecoder().decode(await opened.files[0]?.bytes())
  }, halfkey.url)

describe('a page of an origin that the server’s settings name', () => {
  test('shares a secret, opens it, and lists its owner’s', async () => {
    await page.goto(friend.url)
    const link = await share('from a page 🔑')
    expect(link).toMatch(new RegExp(`^${halfkey.url}/\\w{13}#1\\w{44}$`))
    expect(await open(link)).toBe('from a page 🔑')

    const owner = new Halfkey({ baseUrl: halfkey.url, token: halfkey.token })
    const { slug } = await owner.createSecret('the owner’s')
    expect(await submit('List', 'Token', halfkey.token)).toBe(`${slug} active`)
  })

  test('asks, answers and collects with the third script, which comes when it is needed and not before', async () => {
    const scripts: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(request.url().split('/').at(-1) ?? '')
    })
    await page.goto(friend.url)
    expect(scripts).toEqual(['halfkey.min.js'])
    const texts = await page.evaluate(async (baseUrl) => {
      const tag = (globalThis as unknown as { Halfkey: typeof Halfkey & ShortCalls }).Halfkey
      const { askUrl, collectUrl } = await new tag({ baseUrl }).createRequest({ message: 'The password, please' })
      const ask = await tag.openAsk(askUrl)
      const receipt = await ask.answer('an answer 🔑')
      const [answer] = await (await tag.openCollect(collectUrl)).answers()
      const opened = await (await answer?.open())?.reveal()
      return [ask.note, opened?.text, (await receipt.status()).state]
    }, halfkey.url)
    expect(texts).toEqual(['The password, please', 'an answer 🔑', 'collected'])
    expect(scripts).toEqual(['halfkey.min.js', 'halfkey.requests.min.js'])
  })

  test('sends and fetches files with the second script, which comes when it is needed and not before', async () => {
    const scripts: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')
    })
    await page.goto(friend.url)
    expect(scripts).toEqual(['halfkey.min.js'])
    expect(await shareFile()).toBe('of the file')
    expect(scripts).toEqual(['halfkey.min.js', 'halfkey.more.min.js'])
  })

  test.each(['halfkey.min.js', 'halfkey.more.min.js'])(
    'doesn’t run %s with a byte more than the release’s',
    async (name) => {
      await page.route(`**/${name}`, async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, body: `${await response.text()}\nglobalThis.intruder = true\n` })
      })
      await page.goto(friend.url)
      const outcome = await shareFile().catch((error: unknown) => String(error))
      expect(outcome).toMatch(/Halfkey is not defined|'init'|Serve it beside/)
      expect(await page.evaluate(() => 'intruder' in globalThis)).toBe(false)
    },
  )
})

describe('a page of any other origin', () => {
  test('opens links', async () => {
    await page.goto(friend.url)
    const link = await share('for anybody with the link')
    await page.goto(stranger.url)
    expect(await open(link)).toBe('for anybody with the link')
  })

  test('can neither create nor list, and is told that no reply came', async () => {
    await page.goto(stranger.url)
    expect(await share('not to be')).toMatch(/HALFKEY_CORS_ORIGINS/)
    expect(await submit('List', 'Token', halfkey.token)).toMatch(/HALFKEY_CORS_ORIGINS/)
  })
})
