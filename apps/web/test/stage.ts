/** The built server with the built pages, a browser, and a sender. */
import { Halfkey, type CreateOptions, type SharedSecret } from '@halfkey/sdk'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { readFiles } from '../../api/test/support/files.ts'
import { makeHome, startServer } from '../../api/test/support/server.ts'
import { findBrowser } from '../../../packages/sdk/test/browser.ts'

/** Resolves to this machine, yet isn't localhost. */
export const FOREIGN_HOST = 'halfkey.test'

export interface Stage {
  browser: Browser
  url: string
  /** Without a token. */
  client: Halfkey
  /** With the first admin token. */
  owner: Halfkey
  token: string
  create: (options?: CreateOptions, content?: string) => Promise<SharedSecret>
  /** What the owner sees of a secret. */
  ask: (secret: SharedSecret) => Promise<{ views: number; status: string; events: string[] }>
  /** A page in a new context, in which anything that goes wrong unexpectedly lands in `problems`. */
  newPage: (options?: BrowserContextOptions) => Promise<Page>
  problems: string[]
  /** What the server keeps: its database, blobs, key and whatever else is in its folder. */
  kept: () => Map<string, Buffer>
  /** What the server printed. */
  printed: () => string
  /** Closes the pages, between tests. */
  clear: () => Promise<void>
  close: () => Promise<void>
}

/** Chromium's words for replies of the API that the page handles. */
const EXPECTED = /^Failed to load resource/

/** `settings`: of the server, HALFKEY_…. */
export async function openStage(settings: Record<string, string> = {}): Promise<Stage> {
  const home = makeHome()
  const server = await startServer(home, { HALFKEY_LOG: 'off', ...settings })
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: ['--no-sandbox', `--host-resolver-rules=MAP ${FOREIGN_HOST} 127.0.0.1`],
  })
  const client = new Halfkey({ baseUrl: server.url })
  const problems: string[] = []

  return {
    browser,
    url: server.url,
    client,
    owner: new Halfkey({ baseUrl: server.url, token: server.token }),
    token: server.token,
    problems,
    kept: () => readFiles(home.root),
    printed: () => server.output(),
    create: (options, content = 'the text') => client.createSecret(content, options),
    async ask({ slug, manageKey }) {
      const { currentViews, status } = await client.getSecretDetails(slug, { manageKey })
      const events = await client.getEvents(slug, { manageKey })
      return { views: currentViews, status, events: events.map(({ type }) => type) }
    },
    async newPage(options) {
      const page = await (await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options })).newPage()
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error' && !EXPECTED.test(message.text())) problems.push(message.text())
      })
      return page
    },
    async clear() {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    async close() {
      await browser.close()
      await server.stop()
      home.remove()
    },
  }
}

/** The parts of the open page, as its reader finds them. */
export const parts = (page: Page) => ({
  title: page.getByRole('heading', { level: 1 }),
  status: page.locator('#status'),
  facts: page.locator('.facts'),
  password: page.getByLabel('Password'),
  code: page.getByLabel('One-time code'),
  sendCode: page.getByRole('button', { name: /^Send (me a|another) code$/ }),
  refusal: page.getByRole('alert').filter({ hasText: /./ }),
  cover: page.getByRole('checkbox'),
  show: page.getByRole('button', { name: 'Show the secret' }),
  text: page.locator('#text'),
  copy: page.getByRole('button', { name: 'Copy' }),
  finish: page.locator('#finish'),
  escaped: page.locator('#escaped'),
})

/** Waits until an element holds a text; fails with what it holds instead. */
export async function holds(locator: ReturnType<Page['locator']>, text: string | RegExp): Promise<void> {
  try {
    await locator.filter({ hasText: text }).waitFor({ timeout: 15_000 })
  } catch {
    throw new Error(`expected ${String(text)}, found: ${(await locator.allInnerTexts()).join(' | ')}`)
  }
}
