import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from './browser.ts'
import { conformance, type ConformanceCase, type Vectors } from './conformance.ts'
import { readVectors } from './vectors.ts'

declare const suite: { conformance: (vectors: Vectors) => ConformanceCase[] }

describe("Chromium: the protocol's vectors reproduce", () => {
  const vectors = readVectors()
  let script: string
  let server: Server | undefined
  let browser: Browser | undefined
  let page: Page

  beforeAll(async () => {
    script = await bundle()
    const listening = createServer((request, response) => {
      const isScript = request.url === '/suite.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? script : '<!doctype html><script src="/suite.js"></script>')
    })
    server = listening
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    browser = await launchBrowser()
    page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(listening.address() as AddressInfo).port}/`)
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  test('the provider is the native WebCrypto, the fallback not even bundled', async () => {
    expect(await page.evaluate(() => isSecureContext && crypto.subtle instanceof SubtleCrypto)).toBe(true)
    expect(script).not.toContain('peculiar')
  })

  for (const { name } of conformance(vectors)) {
    test(name, async () => {
      const outcome = await page.evaluate(
        async ([vectors, name]) => {
          const found = suite.conformance(vectors).find((candidate) => candidate.name === name)
          if (!found) return 'not in the bundle'
          return found.run().then(() => 'passed', String)
        },
        [vectors, name] as const,
      )
      expect(outcome).toBe('passed')
    })
  }
})

async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    define: { __HALFKEY_BROWSER__: 'true' },
    build: {
      write: false,
      lib: {
        entry: fileURLToPath(new URL('conformance.ts', import.meta.url)),
        formats: ['iife'],
        name: 'suite',
      },
    },
  })
  const [output] = Array.isArray(result) ? result : []
  if (!output) throw new Error('the bundler gave nothing')
  return output.output[0].code
}
