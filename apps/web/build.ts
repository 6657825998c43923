/**
 * Builds the pages: `node build.ts [FOLDER]`, by default into dist/.
 *
 * Every page is built by itself, so that it loads one script and one style sheet. The SDK's script-tag bundle lies
 * beside, at an address that names its version. The same source gives the same bytes, in whatever folder:
 * `manifest.json` names their hashes, for whoever compares what a server serves (`halfkey verify`).
 */
import { createHash } from 'node:crypto'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build, type InlineConfig, type Plugin } from 'vite'

// Whatever the caller's is: another would put file names into the pages.
process.env['NODE_ENV'] = 'production'

const here = import.meta.dirname
const out = path.resolve(process.argv[2] ?? path.join(here, 'dist'))

/** Where the API serves each page: apps/api/src/http/pages.ts. */
const pages = {
  '/': 'index.html',
  '/app': 'app.html',
  '/request': 'request.html',
  '/{slug}': 'open.html',
  '/ask/{slug}': 'ask.html',
  '/collect/{slug}': 'collect.html',
  '/status/{slug}': 'status.html',
}

const sdk = path.dirname(fileURLToPath(import.meta.resolve('@halfkey/sdk/package.json')))
const { version } = JSON.parse(readFileSync(path.join(sdk, 'package.json'), 'utf8')) as { version: string }

const names = {
  entryFileNames: 'assets/[name]-[hash].js',
  chunkFileNames: 'assets/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
}

/** Nothing is to be loaded before a dynamic import here, so Vite's own helper for that, 1 KiB, gives way, and its calls. */
const plainImports: Plugin = {
  name: 'plain-imports',
  enforce: 'pre',
  load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load()' : null),
  renderChunk: (code) => code.replaceAll(/__vitePreload\(\(\) => (import\("[^"]+"\)), __VITE_PRELOAD__[^)]*\)/g, '$1'),
}

/** The SDK's sentences are English; pages say what a code or a field means in the reader's language, and never show them. */
const codesAlone: Plugin = {
  name: 'codes-alone',
  transform: (code, id) =>
    id.startsWith(path.join(sdk, 'dist'))
      ? code
          .replaceAll(/(new HalfkeyError\(\s*(?:"[A-Z_]+"|\w+),\s*)(?:"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)/g, '$1""')
          .replaceAll(/"must (?:[^"\\]|\\.)*"/g, '""')
      : null,
}

const config = (page: string): InlineConfig => ({
  configFile: false,
  root: path.join(here, 'src'),
  // Relative, so that the pages work under a path prefix too.
  base: './',
  logLevel: 'warn',
  plugins: [plainImports, codesAlone],
  define: { __HALFKEY_BROWSER__: 'true' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: out,
    emptyOutDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: path.join(here, 'src', page),
      // Of what a page loads at once, all in one file: by itself the bundler puts into others what later parts share.
      output: { ...names, codeSplitting: { groups: [{ name: path.basename(page, '.html'), tags: ['$initial'] }] } },
    },
  },
  worker: { format: 'es', rolldownOptions: { output: { ...names, codeSplitting: false } } },
})

const sha384 = (bytes: Uint8Array): string => `sha384-${createHash('sha384').update(bytes).digest('base64')}`

/** What a page says whose script, or whose language, couldn't be fetched. */
const late = readFileSync(path.join(here, 'src/ui/late.html'), 'utf8')

/**
 * Gives every script and style sheet its hash (Subresource Integrity), lets scripts start before the styles are there, and
 * puts in what is seen if they don't. A page in a folder finds its files beside the folder.
 */
function complete(html: string, address: string): string {
  const up = address.lastIndexOf('/') > 0 ? '../' : './'
  return html
    .replace('<body>', () => `<body>\n${late}`)
    .replace('<script type="module"', '<script type="module" async')
    .replace(/(src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g, (_, attribute: string, file: string) => {
      return `${attribute}="${up}${file}" integrity="${sha384(readFileSync(path.join(out, file)))}"`
    })
}

/** Beside the file as it is: what browsers are sent, at the highest levels. */
function compress(file: string): void {
  const bytes = readFileSync(file)
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
}

type Words = Record<string, unknown>

const keysOf = (words: Words, of = ''): string[] =>
  Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? keysOf(value as Words, `${of}${key}.`) : [of + key],
  )

/** What English says and another language doesn't, as `send/words/de.ts: title`. */
async function missingSentences(): Promise<string[]> {
  const missing: string[] = []
  for (const english of globSync('src/*/words/en.ts', { cwd: here }).sort()) {
    const wordsOf = async (file: string): Promise<string[]> => {
      const { words } = (await import(path.join(here, file))) as { words?: Words }
      return words ? keysOf(words) : []
    }
    const wanted = await wordsOf(english)
    for (const file of globSync(`${path.dirname(english)}/*.ts`, { cwd: here }).sort()) {
      const there = new Set(await wordsOf(file))
      missing.push(...wanted.filter((key) => !there.has(key)).map((key) => `${file}: ${key}`))
    }
  }
  return missing
}

const missing = await missingSentences()
if (missing.length > 0) {
  console.error(`Sentences are missing:\n${missing.join('\n')}`)
  process.exit(1)
}

rmSync(out, { recursive: true, force: true })
for (const page of Object.values(pages)) await build(config(page))
for (const [address, page] of Object.entries(pages)) {
  const file = path.join(out, page)
  writeFileSync(file, complete(readFileSync(file, 'utf8'), address))
}

for (const name of ['halfkey.min.js', 'halfkey.more.min.js', 'halfkey.requests.min.js', 'integrity.json']) {
  cpSync(path.join(sdk, 'dist', name), path.join(out, 'cdn', version, name))
}

const files = globSync(['assets/*', 'cdn/*/*'], { cwd: out }).sort()
const served = [...Object.entries(pages), ...files.map((file) => [`/${file}`, file] as const)]
const hashes = served.map(([address, file]) => [address, sha384(readFileSync(path.join(out, file)))])
for (const [, file] of served) compress(path.join(out, file))
const manifest = { version, files: Object.fromEntries(hashes) as Record<string, string> }
writeFileSync(path.join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
