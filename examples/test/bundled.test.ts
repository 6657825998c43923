/** The packed SDK in a stranger's pages and workers: built by each bundler as its manual says, run in Chromium. */
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { nodeResolve } from '@rollup/plugin-node-resolve'
import * as esbuild from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { rollup } from 'rollup'
import * as vite from 'vite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import webpack from 'webpack'
import { makeHome, startServer, type ServerProcess } from '../../apps/api/test/support/server.ts'
import { launchBrowser } from '../../packages/sdk/test/browser.ts'
import { fromRoot, run, settle, type Folder } from './stranger.ts'

const home = makeHome()
let halfkey: ServerProcess
let browser: Browser
/** The stranger's web server, whose folders are what the bundlers wrote. */
let site: Server
let origin: string
let folder: Folder

const inFolder = (...names: string[]): string => path.join(folder.path, ...names)

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }

beforeAll(async () => {
  folder = await settle(['sdk'])
  cpSync(fromRoot('examples/bundled'), folder.path, { recursive: true })
  writeFileSync(inFolder('package.json'), '{ "type": "module", "private": true }')
  site = createServer(({ url = '/' }, response) => {
    const file = inFolder(url.endsWith('/') ? `${url}index.html` : url)
    if (!existsSync(file)) return void response.writeHead(404).end()
    response.setHeader('Content-Type', types[path.extname(file)] ?? 'text/plain').end(readFileSync(file))
  })
  await once(site.listen(0, '127.0.0.1'), 'listening')
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  halfkey = await startServer(home, { HALFKEY_LOG: 'off', HALFKEY_CORS_ORIGINS: origin })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await halfkey.stop()
  site.close()
  folder.remove()
  home.remove()
})

let page: Page

beforeEach(async () => {
  page = await browser.newPage()
  return () => page.close()
})

/** Writes a page that loads a script. */
function writePage(name: string, script: string, { module = true } = {}): void {
  mkdirSync(inFolder(name), { recursive: true })
  const tag = module ? `<script type="module" src="${script}"></script>` : `<script src="${script}"></script>`
  writeFileSync(inFolder(name, 'index.html'), `<!doctype html><title>A page</title>${tag}`)
}

/** What the scripts below a folder name that is for Node alone. */
const ofNode = (name: string): string[] =>
  readdirSync(inFolder(name), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => readFileSync(inFolder(name, file), 'utf8').match(/peculiar|nodemailer|["'`]node:\w+/g) ?? [])

/** Builds `page.js` into a folder with a page; gives the bundler's warnings. */
const bundlers: Record<string, (out: string) => Promise<unknown[]>> = {
  async esbuild(out) {
    writePage(out, 'page.js')
    const options: esbuild.BuildOptions = { bundle: true, format: 'esm', splitting: true, outdir: inFolder(out) }
    const built = await esbuild.build({ ...options, entryPoints: [inFolder('page.js')], logLevel: 'silent' })
    return built.warnings
  },

  async webpack(out) {
    writePage(out, 'main.js', { module: false })
    const output = { path: inFolder(out) }
    const compiler = webpack({ mode: 'production', context: folder.path, entry: './page.js', output })
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      compiler.run((error, stats) => (error ? reject(error) : resolve(stats)))
    })
    const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {}
    return [...errors, ...warnings].map(({ message }) => message)
  },

  async Vite(out) {
    writePage('for-vite', '../page.js')
    const warnings: string[] = []
    const warn = (message: string): unknown => warnings.push(message)
    const customLogger = { ...vite.createLogger('silent'), warn, warnOnce: warn }
    const build = { outDir: inFolder(out), emptyOutDir: false }
    await vite.build({ configFile: false, root: inFolder('for-vite'), base: './', customLogger, build })
    return warnings
  },

  'Rollup, told that it builds for browsers': (out) => withRollup(out, { browser: true }),
  'Rollup, told nothing': (out) => withRollup(out, {}),
}

async function withRollup(out: string, options: { browser?: boolean }): Promise<unknown[]> {
  writePage(out, 'page.js')
  const warnings: unknown[] = []
  const bundle = await rollup({
    input: inFolder('page.js'),
    plugins: [nodeResolve(options)],
    onwarn: ({ message }) => warnings.push(message),
  })
  await bundle.write({ dir: inFolder(out), format: 'es' })
  return warnings
}

const roundTrip = (): Promise<string> =>
  page.evaluate(
    (url) => (globalThis as unknown as { roundTrip: (url: string) => Promise<string> }).roundTrip(url),
    halfkey.url,
  )

const read = 'what it says, what its file holds'

test.each(Object.entries(bundlers))(
  '%s builds a page that shares and opens, and nothing of Node',
  async (name, build) => {
    const out = encodeURI(name).replaceAll(/\W+/g, '-')
    expect(await build(out)).toEqual([])
    expect(ofNode(out)).toEqual([])
    await page.goto(`${origin}/${out}/`)
    expect(await roundTrip()).toBe(read)
  },
)

test('Next.js builds a page that shares and opens, and nothing of Node', { timeout: 180_000 }, async () => {
  mkdirSync(inFolder('next/app'), { recursive: true })
  cpSync(inFolder('round-trip.js'), inFolder('next/app/round-trip.js'))
  mkdirSync(inFolder('next/node_modules'))
  // As if installed beside the SDK: what they stand on is found from where they really are.
  const require = createRequire(import.meta.url)
  for (const name of ['next', 'react', 'react-dom'])
    symlinkSync(path.dirname(require.resolve(`${name}/package.json`)), inFolder('node_modules', name))
  const files = {
    'package.json': '{ "type": "module", "private": true }',
    'next.config.js': "export default { output: 'export', basePath: '/next/out', turbopack: { root: '/' } }",
    'app/layout.js': "export default ({ children }) => <html lang='en'><body>{children}</body></html>",
    'app/page.js': `'use client'
      import { useEffect } from 'react'
      import { roundTrip } from './round-trip.js'
      export default function Page() {
        useEffect(() => { globalThis.roundTrip = roundTrip })
        return <p>Ready</p>
      }`,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(inFolder('next', name), text)
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', CI: '1' }
  await run(process.execPath, [require.resolve('next/dist/bin/next'), 'build'], { cwd: inFolder('next'), env })
  expect(ofNode('next/out')).toEqual([])
  await page.goto(`${origin}/next/out/`)
  await page.waitForFunction(() => 'roundTrip' in globalThis)
  expect(await roundTrip()).toBe(read)
})

describe('in a worker', () => {
  const build = (format: 'esm' | 'iife'): Promise<unknown> =>
    esbuild.build({
      bundle: true,
      format,
      entryPoints: [inFolder('worker.js')],
      outfile: inFolder(`worker.${format}.js`),
    })

  test('a module worker shares and opens', async () => {
    await build('esm')
    writePage('worker', '../page.js')
    await page.goto(`${origin}/worker/`)
    const answer = page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = ({ data }) => resolve(data)
          new Worker('/worker.esm.js', { type: 'module' }).postMessage(url, [port2])
        }),
      halfkey.url,
    )
    expect(await answer).toBe(read)
  })

  test('a service worker shares and opens', async () => {
    await build('iife')
    writePage('service', '../page.js')
    await page.goto(`${origin}/service/`)
    const answer = page.evaluate(async (url) => {
      const { active, waiting, installing } = await navigator.serviceWorker.register('/worker.iife.js')
      const { port1, port2 } = new MessageChannel()
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data)
        ;(active ?? waiting ?? installing)?.postMessage(url, [port2])
      })
    }, halfkey.url)
    expect(await answer).toBe(read)
  })
})
