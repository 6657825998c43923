/** The built pages, as files. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyPackage } from '../../../packages/sdk/test/copy-package.ts'

const web = path.join(import.meta.dirname, '..')
const pages = {
  'index.html': '/',
  'app.html': '/app',
  'request.html': '/request',
  'open.html': '/{slug}',
  'ask.html': '/ask/{slug}',
  'collect.html': '/collect/{slug}',
  'status.html': '/status/{slug}',
}
let folder: string
let dist: string

/** Every file below, by its name. */
const read = (directory: string): Map<string, Buffer> =>
  new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(directory, file), readFileSync(file)]),
  )

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'halfkey-pages-'))
  dist = path.join(folder, 'dist')
  execFileSync(process.execPath, [path.join(web, 'build.ts'), dist])
})
afterAll(() => rmSync(folder, { recursive: true }))

const integrityOf = (bytes: Buffer): string => `sha384-${createHash('sha384').update(bytes).digest('base64')}`

/** The source of the pages in a folder of this name, ready to be built. */
const copySource = (name: string): string =>
  copyPackage('apps/web', ['src', 'build.ts', 'package.json', 'tsconfig.json'], path.join(folder, name))

describe('the build', () => {
  test('gives the same bytes in another folder', () => {
    const copy = copySource('a much longer name/of a copy')
    execFileSync(process.execPath, [path.join(copy, 'build.ts')])
    expect(read(path.join(copy, 'dist'))).toEqual(read(dist))
  })

  test('fails without a sentence of a language, and names it', () => {
    const copy = copySource('incomplete')
    const file = path.join(copy, 'src/send/words/de.ts')
    const words = readFileSync(file, 'utf8')
    writeFileSync(file, words.replace(/^ {2}create: .*\n/m, ''))
    const { status, stderr } = spawnSync(process.execPath, [path.join(copy, 'build.ts')], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([1, 'Sentences are missing:\nsrc/send/words/de.ts: create\n'])
  })

  test('lists the hash of everything that is served in manifest.json', () => {
    const files = read(dist)
    const manifest = JSON.parse(files.get('manifest.json')?.toString() ?? '') as { files: Record<string, string> }
    const addresses: Record<string, string> = pages
    const served = [...files].filter(([name]) => !/\.(?:br|gz)$|^manifest/.test(name))
    const expected = served.map(([name, bytes]) => [addresses[name] ?? `/${name}`, integrityOf(bytes)])
    expect(manifest.files).toEqual(Object.fromEntries(expected))
  })

  test('compresses every file that is served, to the same bytes', () => {
    const files = read(dist)
    for (const [name, bytes] of files) {
      if (/\.(?:br|gz)$|^manifest/.test(name)) continue
      expect([name, gunzipSync(files.get(`${name}.gz`) ?? '').equals(bytes)]).toEqual([name, true])
      expect([name, brotliDecompressSync(files.get(`${name}.br`) ?? '').equals(bytes)]).toEqual([name, true])
    }
  })
})

describe.each(Object.entries(pages))('%s', (name, address) => {
  test('pins every script and style sheet to its hash, and has none inline', () => {
    const html = readFileSync(path.join(dist, name), 'utf8')
    const elements = html.match(/<(?:script|link|style)\b[^>]*>/g) ?? []
    const loading = elements.filter((element) => !element.includes('rel="icon"'))
    expect(loading).toHaveLength(2)
    for (const element of loading) {
      const [, url = ''] = /(?:src|href)="(\.[^"]+)"/.exec(element) ?? []
      const file = new URL(url, `http://h${address}`).pathname
      expect(element).toContain(`integrity="${integrityOf(readFileSync(path.join(dist, file)))}"`)
    }
    expect(html).not.toMatch(/\sstyle=|\son\w+=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/)
  })
})

test('the open page is 25.4 KiB at most in every language, gzipped, in four files', () => {
  const gzipped = (name: string): number => readFileSync(path.join(dist, `${name}.gz`)).length
  const html = readFileSync(path.join(dist, 'open.html'), 'utf8')
  const [script = '', style = ''] = [...html.matchAll(/assets\/open-[\w-]+\.(?:js|css)/g)].map(([name]) => name)
  const source = readFileSync(path.join(dist, script), 'utf8')
  const catalogues = [...source.matchAll(/\.\/((?:ar|de|en|es|fr|ja|zh)-[\w-]+\.js)/g)].map(
    ([, name]) => `assets/${name}`,
  )
  expect(new Set(catalogues).size).toBe(7)
  for (const catalogue of catalogues) {
    const total = ['open.html', script, style, catalogue].map(gzipped).reduce((sum, size) => sum + size)
    expect([catalogue, total <= 25.4 * 1024 ? 'small enough' : total]).toEqual([catalogue, 'small enough'])
  }
})

test('the ask page is 5 KiB more than Send at most in every language, gzipped, before the KEM', () => {
  const gzipped = (name: string): number => readFileSync(path.join(dist, `${name}.gz`)).length
  const files = (page: string): { first: number; script: string } => {
    const html = readFileSync(path.join(dist, page), 'utf8')
    const names = [...html.matchAll(/assets\/[\w-]+\.(?:js|css)/g)].map(([name]) => name)
    const script = readFileSync(path.join(dist, names.find((name) => name.endsWith('.js')) ?? ''), 'utf8')
    return { first: [page, ...names].map(gzipped).reduce((sum, size) => sum + size), script }
  }
  /** A part that the script loads later. */
  const part = (script: string, name: RegExp): number => gzipped(`assets/${name.exec(script)?.[0] ?? 'nothing'}`)
  const [ask, send] = [files('ask.html'), files('index.html')]
  // All that is about requests, but for the KEM, comes as soon as the script runs.
  const requests = part(ask.script, /request-(?!kem)[\w-]+\.js/)
  for (const language of ['ar', 'de', 'en', 'es', 'fr', 'ja', 'zh']) {
    const words = new RegExp(`${language}-[\\w-]{8}\\.js`)
    const more = ask.first + requests + part(ask.script, words) - send.first - part(send.script, words)
    expect([language, more <= 5 * 1024 ? 'small enough' : more]).toEqual([language, 'small enough'])
  }
})
