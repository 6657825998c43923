/** What is published, built as for publishing, in places that have no window, no Buffer and no npm. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
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

describe('HalfkeyError is one class, whichever builds a program loaded', () => {
  type ErrorClass = typeof source.HalfkeyError
  let classes: Record<string, ErrorClass>

  beforeAll(async () => {
    const require = createRequire(import.meta.url)
    const esm = async (file: string) => (await import(path.join(dist, file))) as typeof source
    const cjs = (file: string) => require(path.join(dist, file)) as typeof source
    const context = createContext(browserLike())
    runInContext(readFileSync(path.join(dist, 'halfkey.min.js'), 'utf8'), context)
    const cdn = runInContext('Halfkey', context) as typeof source
    classes = {
      source: source.HalfkeyError,
      'ESM for Node': (await esm('index.js')).HalfkeyError,
      'CommonJS for Node': cjs('index.cjs').HalfkeyError,
      'ESM for pages': (await esm('web/index.js')).HalfkeyError,
      'CommonJS for pages': cjs('web/index.cjs').HalfkeyError,
      'the opening half for pages': (await esm('open.min.js')).HalfkeyError,
      'the script-tag bundle, in a realm of its own': cdn.HalfkeyError,
    }
  })

  test('each build brings its own copy, so the next test tests something', () => {
    expect(new Set(Object.values(classes)).size).toBe(Object.keys(classes).length)
  })

  test('instanceof holds for the errors of every build with the class of every build', () => {
    for (const [made, Made] of Object.entries(classes)) {
      const error = new Made('GONE', 'x')
      for (const [asked, Asked] of Object.entries(classes))
        expect(error instanceof Asked, `${made}: ${asked}`).toBe(true)
    }
  })

  test('it holds for nothing else: other errors, look-alikes, what is inherited', () => {
    const { HalfkeyError } = source
    const [brand] = Object.getOwnPropertySymbols(new HalfkeyError('GONE', 'x'))
    const inheriting: unknown = Object.create(new HalfkeyError('GONE', 'x'))
    const lookAlike = Object.assign(new Error('x'), { name: 'HalfkeyError', code: 'GONE' })
    const others = [
      new Error('x'),
      lookAlike,
      inheriting,
      Object.create(HalfkeyError.prototype),
      null,
      undefined,
      'x',
      1,
    ]
    const objectPrototype = Object.prototype as Record<symbol, unknown>
    try {
      objectPrototype[brand as symbol] = true
      for (const other of others) expect(other instanceof HalfkeyError).toBe(false)
    } finally {
      Reflect.deleteProperty(objectPrototype, brand as symbol)
    }
    expect(brand).toBeTypeOf('symbol')
  })

  test('a class of a program’s own that extends it has its own instances', () => {
    class Own extends source.HalfkeyError {}
    expect(new Own('GONE', 'x')).toBeInstanceOf(Own)
    expect(new Own('GONE', 'x')).toBeInstanceOf(classes['CommonJS for Node'])
    expect(new source.HalfkeyError('GONE', 'x')).not.toBeInstanceOf(Own)
  })
})

test('the build for pages and workers imports nothing but its own files', () => {
  const folder = path.join(dist, 'web')
  const files = readdirSync(folder).filter((name) => /\.c?js$/.test(name))
  const foreign = files.flatMap((name) => {
    const imports = /(?:\bfrom |\bimport\(|\brequire\()["'](?!\.\/)[^"']+/g
    const code = readFileSync(path.join(folder, name), 'utf8').replace(/\/\*\*.*?\*\//gs, '')
    return (code.match(imports) ?? []).map((found) => `${name}: ${found}`)
  })
  expect(files.length).toBeGreaterThan(3)
  expect(foreign).toEqual([])
})

/** What every browser has, and nothing of Node. */
function browserLike() {
  const { fetch, crypto, URL, URLSearchParams, TextEncoder, TextDecoder } = globalThis
  const { AbortController, setTimeout, clearTimeout } = globalThis
  const platform = { fetch, crypto, URL, URLSearchParams, TextEncoder, TextDecoder, atob, btoa }
  return { ...platform, AbortController, setTimeout, clearTimeout }
}

describe('the script-tag bundle', () => {
  /** Runs it among what browsers have; gives a way to run more there. */
  function inBrowserLike() {
    const context = createContext(browserLike())
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

  test('gives the class the methods that it has in the package, the short calls, and the class of its errors', () => {
    const { run } = inBrowserLike()
    expect(run('Object.getOwnPropertyNames(Halfkey.prototype).sort().join()')).toBe(
      Object.getOwnPropertyNames(source.Halfkey.prototype).sort().join(),
    )
    expect(run('Object.keys(Halfkey).sort().join()')).toBe(
      'HalfkeyError,create,delete,getDetails,getStats,init,list,open,openAsk,openCollect,openReceipt',
    )
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
  for (const name of ['halfkey.min.js', 'halfkey.more.min.js', 'halfkey.requests.min.js', 'open.min.js']) {
    const text = readFileSync(path.join(dist, name), 'utf8')
    // The hashes of @noble/hashes have a method of that name.
    expect(text).not.toMatch(/peculiar|\brequire\b|\bimport\b|(?<![.}])\bprocess\b|\bBuffer[.(]/)
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

  test('writes the hashes of the script-tag bundle, whose first file holds those of the others', () => {
    const hashes = JSON.parse(read(path.join(dist, 'integrity.json')).toString()) as Record<string, string>
    const others = ['halfkey.more.min.js', 'halfkey.requests.min.js']
    const names = ['halfkey.min.js', ...others]
    expect(hashes).toEqual(Object.fromEntries(names.map((name) => [name, integrityOf(read(path.join(dist, name)))])))
    for (const name of others) expect(read(path.join(dist, 'halfkey.min.js')).toString()).toContain(hashes[name])
  })
})
