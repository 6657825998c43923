/** What is published, built as for publishing, in places that have no window, no Buffer and no npm. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as source from '../src/index.ts'
import { buildCopy, buildPackage } from './built.ts'
import { scriptedServer } from './scripted.ts'
import { makeSecret, recipientScript } from './secrets.ts'

let dist = ''
let remove: () => void

beforeAll(() => {
  const built = buildPackage()
  dist = built.dist
  remove = built.remove
}, 180_000)

afterAll(() => remove())

/** Runs the body of an async function in a worker thread; gives what it returns. */
function inWorker(body: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const script = `(async () => { ${body} })().then((result) => require('worker_threads').parentPort.postMessage(result))`
    const worker = new Worker(script, { eval: true })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

const loaders: [string, (entry: string) => string][] = [
  ['ESM', (entry) => `await import(${JSON.stringify(path.join(dist, `${entry}.js`))})`],
  ['CJS', (entry) => `require(${JSON.stringify(path.join(dist, `${entry}.cjs`))})`],
]

describe.each(loaders)('the %s build, in a worker thread', (_, load) => {
  test.each(['index', 'open'])('opens a link through %s', async (entry) => {
    const secret = await makeSecret({ text: 'opened in a worker' })
    const { url } = await scriptedServer(recipientScript(secret))
    const text = await inWorker(`
      const { openLink } = ${load(entry)}
      const link = await openLink(${JSON.stringify(secret.link(url))})
      return (await link.reveal()).text`)
    expect(text).toBe('opened in a worker')
  })

  test('has one HalfkeyError for both entries', async () => {
    expect(await inWorker(`return (${load('index')}).HalfkeyError === (${load('open')}).HalfkeyError`)).toBe(true)
  })

  test('exports what the source does', async () => {
    expect(await inWorker(`return Object.keys(${load('index')}).sort()`)).toEqual(Object.keys(source).sort())
  })
})

test('the build for pages and workers imports nothing but its own files', () => {
  const folder = path.join(dist, 'web')
  const files = readdirSync(folder).filter((name) => /\.c?js$/.test(name))
  const foreign = files.flatMap((name) => {
    const imports = /(?:\bfrom |\bimport\(|\brequire\()["'](?!\.\/)[^"']+/g
    return (readFileSync(path.join(folder, name), 'utf8').match(imports) ?? []).map((found) => `${name}: ${found}`)
  })
  expect(files.length).toBeGreaterThan(3)
  expect(foreign).toEqual([])
})

describe('the script-tag bundle', () => {
  /** Runs it among what every browser has and nothing of Node; gives a way to run more there. */
  function inBrowserLike() {
    const { fetch, crypto, URL, URLSearchParams, TextEncoder, TextDecoder } = globalThis
    const { AbortController, setTimeout, clearTimeout } = globalThis
    const platform = { fetch, crypto, URL, URLSearchParams, TextEncoder, TextDecoder, atob, btoa }
    const context = createContext({ ...platform, AbortController, setTimeout, clearTimeout })
    const before = Object.keys(context)
    const run = (script: string): unknown => runInContext(script, context)
    run(readFileSync(path.join(dist, 'halfkey.min.js'), 'utf8'))
    return { run, added: () => Object.keys(context).filter((name) => !before.includes(name)) }
  }

  test('sets the global Halfkey and no other', () => {
    const { run, added } = inBrowserLike()
    expect(added()).toEqual(['Halfkey'])
    expect(run('new Halfkey({ baseUrl: "https://share.example" }) instanceof Halfkey')).toBe(true)
  })

  test('gives the class the methods that it has in the package, and the short calls', () => {
    const { run } = inBrowserLike()
    expect(run('Object.getOwnPropertyNames(Halfkey.prototype).sort().join()')).toBe(
      Object.getOwnPropertyNames(source.Halfkey.prototype).sort().join(),
    )
    expect(run('Object.keys(Halfkey).sort().join()')).toBe('create,delete,getDetails,getStats,init,list,open')
  })

  test('opens a link without being told a server', async () => {
    const secret = await makeSecret({ text: 'opened by a page' })
    const { url } = await scriptedServer(recipientScript(secret))
    const { run } = inBrowserLike()
    const opened = await (run(`Halfkey.open(${JSON.stringify(secret.link(url))})`) as Promise<source.Opened>)
    expect(opened.text).toBe('opened by a page')
  })
})

test('the bundles for pages load nothing: no import, no require, no fallback for WebCrypto', () => {
  for (const name of ['halfkey.min.js', 'halfkey.more.min.js', 'open.min.js']) {
    const text = readFileSync(path.join(dist, name), 'utf8')
    expect(text).not.toMatch(/peculiar|\brequire\b|\bimport\b|\bprocess\b|\bBuffer[.(]/)
  }
})

describe('the build', () => {
  const read = (file: string): Buffer => readFileSync(file)
  const integrityOf = (bytes: Buffer): string => `sha384-${createHash('sha384').update(bytes).digest('base64')}`

  test('gives the same bytes in any folder', { timeout: 180_000 }, () => {
    const [one, other] = ['halfkey-', 'a much longer name than halfkey-'].map((name) => {
      const { dist, remove } = buildCopy(name)
      onTestFinished(remove)
      const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      const paths = files.map(({ parentPath, name }) => path.relative(dist, path.join(parentPath, name)))
      return Object.fromEntries(paths.map((file) => [file, integrityOf(read(path.join(dist, file)))]))
    })
    expect(one).toHaveProperty(['halfkey.min.js'])
    expect(other).toEqual(one)
  })

  test('writes the hashes of the script-tag bundle, whose first file holds that of the second', () => {
    const hashes = JSON.parse(read(path.join(dist, 'integrity.json')).toString()) as Record<string, string>
    const names = ['halfkey.min.js', 'halfkey.more.min.js']
    expect(hashes).toEqual(Object.fromEntries(names.map((name) => [name, integrityOf(read(path.join(dist, name)))])))
    expect(read(path.join(dist, 'halfkey.min.js')).toString()).toContain(hashes['halfkey.more.min.js'])
  })
})
