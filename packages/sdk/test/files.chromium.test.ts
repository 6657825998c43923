/** Attachments in Chromium: by the script tag, whose second file comes when it is needed, and in a worker. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Halfkey as Client } from '../src/client.ts'
import { PART_LENGTH } from '../src/protocol/chunks.ts'
import { launchBrowser } from './browser.ts'
import { buildPackage } from './built.ts'
import { startFileServer, type FileServer } from './file-server.ts'

interface Global {
  init: (options: object) => void
  create: (content: string, hours: number, views: number, options: object) => Promise<{ shareUrl: string }>
  open: (shareUrl: string) => Promise<{ files: { name: string; bytes: () => Promise<Uint8Array> }[] }>
}

const MORE = '/halfkey.more.min.js'
const SIZE = PART_LENGTH + 300_001

let built: ReturnType<typeof buildPackage>
let browser: Browser

beforeAll(async () => {
  built = buildPackage()
  browser = await launchBrowser()
}, 60_000)

afterAll(async () => {
  await browser.close()
  built.remove()
})

/** A server of secrets and of the build; `change` may change the scripts. */
async function serve(change = (_: string, script: string) => script): Promise<FileServer & { page: Page }> {
  const server = await startFileServer({
    intercept: ({ method, url = '' }, response) => {
      if (method !== 'GET' || url.startsWith('/api/')) return false
      const isScript = url.endsWith('.js')
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
      if (!isScript)
        response.end('<!doctype html><link rel="icon" href="data:,"><script src="/halfkey.min.js"></script>')
      else response.end(change(url, readFileSync(path.join(built.dist, url), 'utf8')))
      return true
    },
  })
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  await page.goto(server.url)
  return { ...server, page }
}

/** In the page: shares a file and opens it again. */
async function roundTrip(size: number) {
  const { Halfkey } = globalThis as unknown as { Halfkey: Global }
  Halfkey.init({ baseUrl: location.origin })
  const bytes = Uint8Array.from({ length: size }, (_, i) => i >> 7)
  const { shareUrl } = await Halfkey.create('', 1, 1, { attachments: [new File([bytes], 'a.bin')] })
  const { files } = await Halfkey.open(shareUrl)
  const read = (await files[0]?.bytes()) ?? new Uint8Array()
  return { name: files[0]?.name, equal: read.length === size && read.every((byte, i) => byte === bytes[i]) }
}

test('a script tag shares a file and opens it; the second script is loaded once, and only then', async () => {
  const { page, seen } = await serve()
  const loads = () => seen.filter(({ path }) => path === MORE).length
  expect(loads()).toBe(0)
  expect(await page.evaluate(roundTrip, SIZE)).toEqual({ name: 'a.bin', equal: true })
  expect(await page.evaluate(roundTrip, 0)).toEqual({ name: 'a.bin', equal: true })
  expect(loads()).toBe(1)
  const parts = seen.filter(({ method }) => method === 'PUT')
  expect(parts.map(({ headers }) => headers['content-type'])).toEqual(Array(3).fill('application/octet-stream'))
})

test('a second script that isn’t the one of the build is not run', async () => {
  const { page } = await serve((url, script) => (url === MORE ? `${script};globalThis.evil=1` : script))
  const outcome = await page.evaluate(roundTrip, 1).catch(String)
  expect(outcome).toContain('load halfkey.more.min.js. Serve it beside halfkey.min.js')
  expect(await page.evaluate(() => 'evil' in globalThis)).toBe(false)
})

test('what the second script holds has the same calls: access log and webhooks', async () => {
  const { page, seen } = await serve()
  const outcomes = await page.evaluate(async () => {
    const { Halfkey } = globalThis as unknown as { Halfkey: new (options: object) => Client }
    const client = new Halfkey({ baseUrl: location.origin })
    const codeOf = (call: Promise<unknown>) => call.then(String, (error: unknown) => (error as { code: string }).code)
    return Promise.all([
      codeOf(client.audit.verify()),
      codeOf(client.audit.list({ limit: 0 })),
      codeOf(client.audit.entries().next()),
      codeOf(client.webhooks.list()),
      codeOf(client.sendNotice('2f4wQBdEsUTKq', 'a@b.example')),
    ])
  })
  expect(outcomes).toEqual(['NOT_FOUND', 'VALIDATION_ERROR', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'])
  expect(seen.filter(({ path }) => path === MORE)).toHaveLength(1)
})

test('a worker shares a file and reads it as a stream; saving and paths are UNSUPPORTED there', async () => {
  const { page } = await serve()
  const result = await page.evaluate((size) => {
    const script = `
      import { Halfkey, openLink } from '${location.origin}/index.js'
      const client = new Halfkey({ baseUrl: '${location.origin}' })
      const { shareUrl } = await client.createSecret('', { attachments: [new Blob([new Uint8Array(${size})])] })
      const { files } = await (await openLink(shareUrl)).reveal()
      let length = 0
      const reader = files[0].stream().getReader()
      for (let next = await reader.read(); !next.done; next = await reader.read()) length += next.value.length
      const codes = await Promise.all([
        files[0].save('x').catch(({ code }) => code),
        client.createSecret('', { attachments: ['x'] }).catch(({ code }) => code),
      ])
      postMessage({ length, codes })`
    return new Promise<unknown>((resolve, reject) => {
      const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), {
        type: 'module',
      })
      worker.onmessage = ({ data }) => resolve(data)
      worker.onerror = (event) => reject(new Error(event.message))
    })
  }, SIZE)
  expect(result).toEqual({ length: SIZE, codes: ['UNSUPPORTED', 'UNSUPPORTED'] })
})
